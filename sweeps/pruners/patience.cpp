#include <limits>

#include "framework/core/format.h"
#include "sweeps/pruner.h"

namespace atelier {
namespace {

/// Early stopping: a trial ends when the last `patience` values of its first objective were none better than the best
/// before them. NaN is never better.
class Patience : public Pruner {
 public:
  Patience(double min, std::int64_t patience) : min_(min), patience_(patience) {}

  std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Record>, const History&) const override {
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
    return format("patience: no better value in the last {} records", since);
  }

 private:
  double min_;
  std::int64_t patience_;
};

class PatienceOptions : public PrunerOptions {
 public:
  void describe(Fields& fields) override {
    fields.real("min", min_, Range::at_least(0), "before which no trial ends");
    fields.integer("patience", patience_, {1, 1'000'000}, "records without a better one");
  }
  std::unique_ptr<Pruner> make() const override { return std::make_unique<Patience>(min_, patience_); }

 private:
  double min_ = 0;
  std::int64_t patience_ = 5;
};

}  // namespace

std::unique_ptr<PrunerOptions> patience_pruner() { return std::make_unique<PatienceOptions>(); }

}  // namespace atelier
