#include <limits>

#include "framework/core/format.h"
#include "sweeps/pruner.h"

namespace atelier {
namespace {

/// Early stopping: a trial ends when the last `patience` values of its first objective were none better than the best
/// before them. NaN is never better.
class Patience : public Pruner {
 public:
  explicit Patience(const PrunerOptions& options) : min_(options.min), patience_(options.patience) {}

  std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Report>, const History&) const override {
    if (trial.curve.empty() || trial.curve.back().first < min_) return std::nullopt;
    double best = std::numeric_limits<double>::infinity();
    std::int64_t since = 0;
    for (const auto& [resource, value] : trial.curve) {
      ++since;
      if (value < best) {
        best = value;
        since = 0;
      }
    }
    if (since < patience_) return std::nullopt;
    return format("patience: no better value in the last {} reports", since);
  }

 private:
  double min_;
  std::int64_t patience_;
};

}  // namespace

std::unique_ptr<Pruner> make_patience(const PrunerOptions& options) { return std::make_unique<Patience>(options); }

}  // namespace atelier
