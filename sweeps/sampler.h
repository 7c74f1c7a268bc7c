#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/config/catalog.h"
#include "framework/config/fields.h"
#include "sweeps/search_space.h"
#include "sweeps/trial.h"

namespace atelier {

/// What a sampler chose for one trial.
struct Suggestion {
  Parameters parameters;
  /// The trial whose last checkpoint this one begins from; none: from the start.
  std::optional<std::int64_t> parent;
};

/// Chooses the parameters of each trial. The choice is a function of (seed, trial number, history) alone: any worker
/// that asks with the same history gets the same answer. Trials of the history that are still running count as such:
/// their parameters are known, their values are not.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// `number` counts from 0. None when nothing can be chosen before other trials have ended, or when all there is has
  /// been tried.
  virtual std::optional<Suggestion> suggest(std::int64_t number, const History& history) const = 0;
  /// How many different trials there are; 0: without end.
  virtual std::int64_t limit() const { return 0; }
  /// Whether the choice depends on the history.
  virtual bool learns() const { return false; }
};

/// What every sampler is told of its sweep.
struct SamplerContext {
  std::int64_t seed = 0;
  std::int64_t trials = 0;      ///< How many there will be; 0: not known. Some samplers plan with it.
  std::int64_t objectives = 1;  ///< How many values a trial has.
};

/// A sampler's own options. Each sampler has its own class of them, in its file.
class SamplerOptions {
 public:
  virtual ~SamplerOptions() = default;
  /// The keys that the sampler reads, beside `sampler` in a sweep's file.
  virtual void describe(Fields& fields) { static_cast<void>(fields); }
  /// Whether the sampler ends by itself, so that a sweep need not say how many trials it has.
  virtual bool has_end() const { return false; }
  /// Throws `UsageError` when the sampler cannot work on this space, with this number of objectives or with these
  /// options. The space must outlive the sampler.
  virtual std::unique_ptr<Sampler> make(const SearchSpace& space, const SamplerContext& context) const = 0;
};

/// Of a sampler without keys of its own, made from a space and a `SamplerContext`.
template <class S>
class NoSamplerOptions : public SamplerOptions {
 public:
  std::unique_ptr<Sampler> make(const SearchSpace& space, const SamplerContext& context) const override {
    return std::make_unique<S>(space, context);
  }
};

struct SamplerEntry {
  std::string_view name, summary;
  std::unique_ptr<SamplerOptions> (*options)();  ///< With their defaults.
};

/// All samplers: `sweeps/samplers/catalog.def`, one line each.
Catalog<SamplerEntry> samplers();

/// A sampler with the defaults of its options. Throws `UsageError` as `SamplerOptions::make`, and for a name that is
/// not in the catalog.
std::unique_ptr<Sampler> make_sampler(std::string_view name, const SearchSpace& space, const SamplerContext& context);

}  // namespace atelier
