#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "framework/config/document.h"
#include "framework/config/fields.h"
#include "sweeps/pruner.h"
#include "sweeps/sampler.h"

namespace atelier {

/// A sweep as its file says it, without the search space.
struct SweepSpec {
  std::string name = "sweep";
  std::filesystem::path experiment;  ///< The experiment that all trials start from; or
  std::vector<std::string> command;  ///< a program of the user's own and its arguments, with {placeholders}.
  std::map<std::string, std::string> environment;  ///< For the command: [environment] of the file.
  std::int64_t trials = 0;                         ///< How many settings; 0: all of a grid.
  std::string sampler = "auto";
  std::int64_t seed = 0;  ///< Of the sampler.
  OptionsByName<SamplerEntry> samplers;
  std::vector<std::string> minimize, maximize;
  std::vector<std::string> constraints;  ///< For instance "eval.ssim >= 0.4".

  /// How a trial's value of an objective is taken.
  struct Objective {
    enum class Which { last, best, mean } value = Which::last;
    std::int64_t last = 5;  ///< Records that the mean is taken over.
  } objective;

  /// What ends trials early.
  struct Prune {
    std::vector<std::string> kind;       ///< None: nothing does.
    Resource resource = Resource::step;  ///< What pruners count.
    OptionsByName<PrunerEntry> pruners;
  } prune;

  struct Trial {
    std::int64_t ranks = 1;     ///< Ranks that work on one trial together.
    std::int64_t seeds = 1;     ///< Runs of each setting, with seeds that follow on the experiment's.
    std::int64_t retries = 0;   ///< How often a trial that failed is run again.
    std::string timeout;        ///< After which a trial fails, for instance "6h"; empty: never.
    std::string grace = "10s";  ///< What a command gets to end by itself before it is killed.
  } trial;

  /// `presets`: pruners by name that kinds of experiments offer.
  explicit SweepSpec(std::span<const PrunerPreset> presets = {});
  /// The document without [space], [set] and [environment]. Throws `UsageError`.
  static SweepSpec from(const Document& document, std::span<const PrunerPreset> presets);

  /// They point into this object: keep it in place while they are used. The role `result` marks what a sweep that has
  /// begun cannot change, since it decides what its trials are worth.
  Fields fields();

  /// Throws `UsageError` where its options do not fit together, or do not fit the space.
  std::unique_ptr<Sampler> make_sampler(const SearchSpace& space) const;
  /// Throws `UsageError` where options or names do not fit together.
  std::unique_ptr<Pruner> make_pruner() const;

  double timeout_seconds() const;  ///< 0: never.
  double grace_seconds() const;
};

}  // namespace atelier
