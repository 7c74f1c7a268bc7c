#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "framework/config/document.h"
#include "framework/config/fields.h"

namespace atelier {

/// A sweep as its file says it, without the search space.
struct SweepSpec {
  std::string name = "sweep";
  std::filesystem::path experiment;  ///< The experiment that all trials start from; or
  std::vector<std::string> command;  ///< a program of the user's own and its arguments, with {placeholders}.
  std::map<std::string, std::string> environment;  ///< For the command: [environment] of the file.
  std::int64_t trials = 0;                         ///< How many settings; 0: all of a grid.
  std::string sampler = "auto";
  std::int64_t seed = 0;         ///< Of the sampler.
  std::int64_t grid_points = 5;  ///< Values that a grid takes of a continuous range.
  std::int64_t population = 0;   ///< Of samplers that have one; 0: their own choice.
  std::vector<std::string> minimize, maximize;
  std::vector<std::string> constraints;  ///< For instance "eval.ssim >= 0.4".

  /// How a trial's value of an objective is taken.
  struct Objective {
    std::string value = "last";  ///< "last", "best" or "mean".
    std::int64_t last = 5;       ///< Records that "mean" is taken over.
  } objective;

  /// What ends trials early.
  struct Prune {
    std::vector<std::string> kind;  ///< None: nothing does.
    std::string resource = "step";  ///< What `min` and `max` count: "step", "epoch" or "time" (seconds) of the records.
    double min = 0;                 ///< Before which no trial ends.
    double max = 0;                 ///< Of a complete trial; 0: not known.
    std::int64_t factor = 3, startup = 5, patience = 5;
    double limit = 0;
  } prune;

  struct Trial {
    std::int64_t ranks = 1;     ///< Ranks that work on one trial together.
    std::int64_t seeds = 1;     ///< Runs of each setting, with seeds that follow on the experiment's.
    std::int64_t retries = 0;   ///< How often a trial that failed is run again.
    std::string timeout;        ///< After which a trial fails, for instance "6h"; empty: never.
    std::string grace = "10s";  ///< What a command gets to end by itself before it is killed.
  } trial;

  Fields fields();
  /// The document without [space], [set] and [environment]. Throws `UsageError`.
  static SweepSpec from(const Document& document);

  double timeout_seconds() const;  ///< 0: never.
  double grace_seconds() const;
};

}  // namespace atelier
