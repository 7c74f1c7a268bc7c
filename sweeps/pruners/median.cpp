#include <algorithm>
#include <cmath>
#include <limits>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "sweeps/pruner.h"

namespace atelier {
namespace {

/// The median stopping rule: a trial ends when its best value so far is worse than the median of the running averages
/// that the others had at the same resource. Others count from the resource on that they have reached; there must be
/// `startup`. Values that are NaN count in no average; a trial that has no others is worse than every number.
///
/// Source: Golovin et al., "Google Vizier: a service for black-box optimization", KDD 2017, section 3.2.2.
class MedianRule : public Pruner {
 public:
  MedianRule(double min, std::int64_t startup) : min_(min), startup_(startup) {}

  std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Record>,
                                           const History& history) const override {
    if (trial.curve.empty() || trial.curve.back().first < min_) return std::nullopt;
    const double at = trial.curve.back().first;
    double best = std::numeric_limits<double>::infinity();
    for (const auto& [resource, value] : trial.curve) {
      if (value < best) best = value;
    }
    std::vector<double> averages;
    for (const Trial& other : history.trials) {
      if (other.number == trial.number || other.curve.empty() || other.curve.back().first < at) continue;
      double sum = 0;
      std::int64_t count = 0;
      for (const auto& [resource, value] : other.curve) {
        if (resource > at) break;
        if (std::isnan(value)) continue;
        sum += value;
        ++count;
      }
      averages.push_back(count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::infinity());
    }
    if (static_cast<std::int64_t>(averages.size()) < startup_) return std::nullopt;
    const double median = median_of(averages);
    if (std::isinf(best) && best > 0) return format("median: it has recorded no number up to {}", at);
    if (best <= median) return std::nullopt;
    return format("median: at {} its best is {:.4g}, worse than {:.4g}, the median of {} other trials", at, best,
                  median, averages.size());
  }

 private:
  static double median_of(std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 ? values[half] : values[half - 1] + (values[half] - values[half - 1]) / 2;
  }

  double min_;
  std::int64_t startup_;
};

class MedianOptions : public PrunerOptions {
 public:
  void describe(Fields& fields) override {
    fields.real("min", min_, Range::at_least(0), "before which no trial ends");
    fields.integer("startup", startup_, {1, 1'000'000}, "trials that came as far before any is ended");
  }
  std::unique_ptr<Pruner> make() const override { return std::make_unique<MedianRule>(min_, startup_); }

 private:
  double min_ = 0;
  std::int64_t startup_ = 5;
};

}  // namespace

std::unique_ptr<PrunerOptions> median_pruner() { return std::make_unique<MedianOptions>(); }

}  // namespace atelier
