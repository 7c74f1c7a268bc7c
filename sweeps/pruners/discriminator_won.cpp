#include "framework/core/format.h"
#include "sweeps/pruner.h"
#include "sweeps/pruners/lasting_sickness.h"

namespace atelier {
namespace {

constexpr double usual_lead = 0.98;  // that of a training's own [health]

/// Ends a training whose discriminator tells nearly all patches apart (`health.discriminator_lead` above `limit`, 0.98
/// if not said) for `patience` reports in a row: the generator learns nothing from it any more.
class DiscriminatorWon : public Pruner {
 public:
  explicit DiscriminatorWon(const PrunerOptions& options)
      : min_(options.min), patience_(options.patience), lead_(options.limit > 0 ? options.limit : usual_lead) {}

  std::optional<std::string> reason_to_end(const Trial&, std::span<const Report> reports,
                                           const History&) const override {
    if (reports.empty() || reports.back().at < min_) return std::nullopt;
    const auto sick = [this](double value) { return value > lead_; };
    if (sick_reports(reports, "health.discriminator_lead", sick) < patience_) return std::nullopt;
    return format("discriminator-won: health.discriminator_lead was above {:.4g} for {} reports", lead_, patience_);
  }

 private:
  double min_;
  std::int64_t patience_;
  double lead_;
};

}  // namespace

std::unique_ptr<Pruner> make_discriminator_won(const PrunerOptions& options) {
  return std::make_unique<DiscriminatorWon>(options);
}

}  // namespace atelier
