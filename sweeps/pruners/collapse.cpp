#include "framework/core/format.h"
#include "sweeps/pruner.h"
#include "sweeps/pruners/lasting_sickness.h"

namespace atelier {
namespace {

// Those of a training's own [health].
constexpr double usual_spread = 0.05, usual_change = 0.005;

/// Ends a generator that draws the same picture whatever it is shown (`health.output_spread` below `limit`, 0.05 if not
/// said), or gives its input back (`health.output_change` below a tenth of that), for `patience` reports in a row.
class Collapse : public Pruner {
 public:
  explicit Collapse(const PrunerOptions& options)
      : min_(options.min),
        patience_(options.patience),
        spread_(options.limit > 0 ? options.limit : usual_spread),
        change_(options.limit > 0 ? options.limit / 10 : usual_change) {}

  std::optional<std::string> reason_to_end(const Trial&, std::span<const Report> reports,
                                           const History&) const override {
    if (reports.empty() || reports.back().at < min_) return std::nullopt;
    if (lasts(reports, "health.output_spread", spread_)) {
      return format("collapse: the output ignores its input: health.output_spread was below {:.4g} for {} reports",
                    spread_, patience_);
    }
    if (lasts(reports, "health.output_change", change_)) {
      return format("collapse: the output is its input: health.output_change was below {:.4g} for {} reports", change_,
                    patience_);
    }
    return std::nullopt;
  }

 private:
  bool lasts(std::span<const Report> reports, const std::string& measure, double limit) const {
    return sick_reports(reports, measure, [limit](double value) { return value < limit; }) >= patience_;
  }

  double min_;
  std::int64_t patience_;
  double spread_, change_;
};

}  // namespace

std::unique_ptr<Pruner> make_collapse(const PrunerOptions& options) { return std::make_unique<Collapse>(options); }

}  // namespace atelier
