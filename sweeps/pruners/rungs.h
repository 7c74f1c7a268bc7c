#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sweeps/pruner.h"
#include "sweeps/trial.h"

namespace atelier {

/// Asynchronous successive halving: rungs at the resources min * factor^k below `max`. A trial that reaches a rung goes
/// on when it is among the best floor(n / factor) of the n trials that have reached it so far; otherwise it is pruned
/// there, and continued once enough others have come for it to be among them. As in the paper, the first trials of a
/// rung therefore wait: with fewer than `factor` there is none that goes on.
///
/// A trial's value at a rung is the first that it recorded at the rung's resource or later. Trials that failed, that
/// another pruner ended or whose value is NaN are counted, but never among the best. Of equal values the lower number
/// wins.
///
/// Source: Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020, algorithm 2.
class Rungs {
 public:
  /// Which trials compete.
  using Members = std::function<bool(const Trial&)>;

  /// `name`: the pruner's own; its reasons begin with it, by which it knows the trials that it ended itself. `min` > 0;
  /// `max` 0: not known, rungs without end.
  Rungs(std::string name, double min, double max, std::int64_t factor)
      : name_(std::move(name)), own_reason_(name_ + ":"), min_(min), max_(max), factor_(factor) {}

  /// Judges a trial whose newest record, at the resource `at`, is the first at a rung that holds the objective; others
  /// go on.
  std::optional<std::string> reason_to_end(const Trial& trial, double at, const History& history,
                                           const Members& members) const;
  /// The best trial of the highest rung that waits there and may go on; none when there is none.
  std::optional<std::int64_t> to_continue(const History& history, const Members& members) const;

 private:
  double resource(int rung) const;
  /// The highest rung at or below a resource; -1: none.
  int highest(double resource) const;
  /// What a trial is worth at a rung's resource; none when it has not come so far, NaN when it cannot win.
  std::optional<double> value(const Trial& trial, double rung_resource) const;
  /// Whether it waits at a rung of these.
  bool waits(const Trial& trial) const;

  std::string name_, own_reason_;
  double min_, max_;
  std::int64_t factor_;
};

/// Of pruners that judge at rungs.
class RungOptions : public PrunerOptions {
 public:
  void describe(Fields& fields) override {
    fields.real("min", min_, Range::at_least(0), "of the first rung");
    fields.real("max", max_, Range::at_least(0), "of a complete trial; 0: not known");
    fields.integer("factor", factor_, {2, 1000}, "of the trials at a rung, the best 1/factor go on");
  }

 protected:
  double min_ = 0, max_ = 0;
  std::int64_t factor_ = 3;
};

}  // namespace atelier
