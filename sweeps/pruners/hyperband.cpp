#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "sweeps/pruner.h"
#include "sweeps/pruners/rungs.h"

namespace atelier {
namespace {

/// Successive halving in several brackets at once, from one whose first rung is near `min` to one that prunes nothing:
/// how early a trial can be judged need not be known. Bracket s has its first rung at max / factor^s, for s up to
/// floor(log_factor(max / min)). It gets trials in proportion to ceil((s_max + 1) / (s + 1) * factor^s); a trial's
/// bracket follows from its number alone, so that brackets are mixed from the first trials on. Inside a bracket it is
/// ASHA.
///
/// Sources: Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization", JMLR 2018, algorithm
/// 1; brackets by ASHA: Li et al., MLSys 2020, section 3.2.
class Hyperband : public Pruner {
 public:
  Hyperband(double min, double max, std::int64_t one_in) {
    const auto factor = static_cast<double>(one_in);
    const int last = static_cast<int>(std::floor(std::log(max / min) / std::log(factor) + 1e-9));
    for (int s = last; s >= 0; --s) {
      const double trials = std::ceil((last + 1) * std::pow(factor, s) / (s + 1) - 1e-9);
      share_end_.push_back((share_end_.empty() ? 0 : share_end_.back()) + trials);
      brackets_.emplace_back("hyperband", max / std::pow(factor, s), max, one_in);
    }
  }

  std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Record> records,
                                           const History& history) const override {
    if (records.empty()) return std::nullopt;
    const std::size_t own = bracket(trial.number);
    return brackets_[own].reason_to_end(trial, records.back().at, history,
                                        [&](const Trial& other) { return bracket(other.number) == own; });
  }

  std::optional<std::int64_t> to_continue(const History& history) const override {
    for (std::size_t i = 0; i < brackets_.size(); ++i) {
      const auto found =
          brackets_[i].to_continue(history, [&](const Trial& trial) { return bracket(trial.number) == i; });
      if (found) return found;
    }
    return std::nullopt;
  }
  bool continues() const override { return true; }

 private:
  std::size_t bracket(std::int64_t number) const {
    // Multiples of the golden ratio spread evenly over [0, 1), however many there are (Weyl's sequence).
    const double turns = static_cast<double>(number) * 0.6180339887498949;
    const double place = (turns - std::floor(turns)) * share_end_.back();
    std::size_t i = 0;
    while (i + 1 < share_end_.size() && place >= share_end_[i]) ++i;
    return i;
  }

  std::vector<double> share_end_;
  std::vector<Rungs> brackets_;  // the one that prunes first is the first
};

class HyperbandOptions : public RungOptions {
 public:
  std::unique_ptr<Pruner> make() const override {
    if (min_ <= 0)
      throw UsageError(
          "the pruner hyperband needs prune.min, the least resource that says anything, for instance min = 100");
    if (max_ <= min_) {
      throw UsageError(
          format("the pruner hyperband needs prune.max, the resource of a complete trial, above prune.min {}", min_));
    }
    return std::make_unique<Hyperband>(min_, max_, factor_);
  }
};

}  // namespace

std::unique_ptr<PrunerOptions> hyperband_pruner() { return std::make_unique<HyperbandOptions>(); }

}  // namespace atelier
