#pragma once

#include <string>
#include <vector>

#include "analysis/comparison.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// What one parameter does to one objective.
struct ParameterImportance {
  /// What to expect of the objective at one place of the parameter, all others averaged over.
  struct Effect {
    Value at;             ///< A choice, or the middle of a stretch of numbers.
    double expected = 0;  ///< In the objective's own unit.
    double error = 0;     ///< Standard error, by bootstrap.
  };
  std::string key;
  /// Share of the variance of the objective over the search space that goes with it, alone or together with others (the
  /// total Sobol index, so shares can add up to more than 1), and its 95 % interval by bootstrap.
  double share = 0, low = 0, high = 0;
  double alone = 0;             ///< The part of the share that it has alone: the Sobol index of first order.
  std::size_t n = 0;            ///< Settings that have it; fewer than all when it is conditional.
  std::vector<Effect> effects;  ///< Ascending for numbers.
};

struct Interaction {
  std::string first, second;
  double share = 0;  ///< Of the variance, beyond what both have alone.
};

/// Which parameters decided an objective.
struct Importance {
  std::string objective;
  std::size_t n = 0;    ///< Settings it was computed from: finished, on the same data, with a finite mean over seeds.
  bool enough = false;  ///< Whether anything can be said; if not, there are no parameters.
  std::string not_enough;    ///< Why not, as a sentence.
  bool unpredicted = false;  ///< There were trials enough, but the forest predicts nothing.
  double explained = 0;      ///< Share of the variance between trials that is predicted for trials left out; up to 1.
  std::string method;        ///< With its source.
  std::vector<ParameterImportance> parameters;  ///< Largest share first.
  std::vector<Interaction> interactions;        ///< Of the largest shares, the strongest first.
};

/// For each objective the importance of the parameters that vary, "seed" left out: `functional_anova` over the ranges
/// that the sweep searched, on the scale on which it searched them. Choices and few different numbers have a cell each,
/// ranges 32.
///
/// Several seeds of a setting are one row, with their mean.
///
/// There is enough to say something with 20 settings, two for each parameter, and when the forest predicts at least 15
/// % of the variance between trials that it has not seen. Of sweeps of pure noise with 20 trials less than one in
/// twenty passes.
std::vector<Importance> importance(const Comparison& comparison);

/// [{"objective", "n", "enough", "why", "method", "explained", "parameters": [{"key", "share", "low", "high", "alone",
/// "n", "effects": [{"at", "expected", "error"}]}], "interactions": [{"keys": [a, b], "share"}]}]
Json importance_json(const std::vector<Importance>& importance);

}  // namespace atelier
