#include <algorithm>
#include <cmath>

#include "framework/core/format.h"
#include "sweeps/pruner.h"

namespace atelier {
namespace {

constexpr double usual_limit = 10;

/// Ends a trial whose first objective or one of whose losses (`*.total`) has run away: it is not finite, or lies more
/// than `limit` (10 if not said) times the size of its best or its first value, whichever is larger, above its best.
/// The first value is the measure because a loss near zero may grow a hundredfold and still be small; the difference,
/// because totals of adversarial losses may be negative.
class Divergence : public Pruner {
 public:
  Divergence(double min, double limit) : min_(min), limit_(limit) {}

  std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Record> records,
                                           const History&) const override {
    const double at =
        std::max(records.empty() ? 0 : records.back().at, trial.curve.empty() ? 0 : trial.curve.back().first);
    if (at < min_) return std::nullopt;
    Watch objective;
    for (const auto& [resource, value] : trial.curve) objective.add(value);
    if (auto reason = judge("the objective", objective)) return reason;
    if (records.empty()) return std::nullopt;
    for (const auto& [name, newest] : records.back().measures) {
      if (!name.ends_with(".total")) continue;
      Watch loss;
      for (const Record& record : records) {
        const auto found = record.measures.find(name);
        if (found != record.measures.end()) loss.add(found->second);
      }
      if (auto reason = judge(name, loss)) return reason;
    }
    return std::nullopt;
  }

 private:
  struct Watch {
    bool any = false;
    double first = 0, best = 0, last = 0;
    void add(double value) {
      last = value;
      if (!std::isfinite(value)) return;
      if (!any) first = best = value;
      best = std::min(best, value);
      any = true;
    }
  };

  std::optional<std::string> judge(std::string_view name, const Watch& watch) const {
    if (!std::isfinite(watch.last)) return format("divergence: {} is not finite", name);
    if (!watch.any) return std::nullopt;
    const double size = std::max(std::abs(watch.best), std::abs(watch.first));
    if (size == 0 || watch.last - watch.best <= limit_ * size) return std::nullopt;
    return format("divergence: {} is {:.4g}, it began at {:.4g} and was {:.4g} at its best", name, watch.last,
                  watch.first, watch.best);
  }

  double min_, limit_;
};

class DivergenceOptions : public PrunerOptions {
 public:
  void describe(Fields& fields) override {
    fields.real("min", min_, Range::at_least(0), "before which no trial ends");
    fields.real("limit", limit_, Range::at_least(0), "times its size that a loss may grow; 0: 10 times");
  }
  std::unique_ptr<Pruner> make() const override {
    return std::make_unique<Divergence>(min_, limit_ > 0 ? limit_ : usual_limit);
  }

 private:
  double min_ = 0, limit_ = 0;
};

}  // namespace

std::unique_ptr<PrunerOptions> divergence_pruner() { return std::make_unique<DivergenceOptions>(); }

}  // namespace atelier
