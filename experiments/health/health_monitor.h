#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "experiments/photo_to_anime_spec.h"
#include "framework/training/tensor_io.h"

namespace atelier {

/// Watches the records of a training for four sicknesses, and says when one has lasted:
///
/// - "won": the discriminator tells nearly all patches apart (`health.discriminator_lead` above `lead`);
/// - "lost": it takes nearly all for their opposite (below 1 - `lead`);
/// - "unchanged": the output is its input (`health.output_change` below `change`);
/// - "collapsed": the output ignores its input (`health.output_spread` below `spread`).
///
/// A value that a record does not hold leaves its count as it is: pretraining has no discriminator to judge, and an
/// output like its input is what it aims at, so its records hold no health.
class HealthMonitor {
 public:
  explicit HealthMonitor(const HealthSpec& spec) : spec_(spec) {}

  /// Looks at one record, values by name. Why the training should end, a sentence, when a sickness that `end` lists has
  /// lasted `patience` records in a row; one that it does not list is logged as a warning when it has, once each time.
  std::optional<std::string> observe(const std::map<std::string, double>& record);

  /// For how many records in a row a sickness has lasted. Throws `Error` for a name that is not one.
  std::int64_t records(const std::string& sickness) const;

  /// The counts, under "PREFIX.records", so that a resumed training ends where an uninterrupted one would. `load`
  /// throws `Error` when they are not there.
  void save(const std::string& prefix, TensorMap& state) const;
  void load(const std::string& prefix, const TensorMap& state);

 private:
  static constexpr std::size_t sicknesses = 4;
  HealthSpec spec_;
  std::array<std::int64_t, sicknesses> records_{};  // in a row, in the order above
};

}  // namespace atelier
