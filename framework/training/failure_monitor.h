#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/records/measure.h"
#include "framework/training/tensor_io.h"

namespace atelier {

/// Watches the records of a training for the failure modes of its measures, and says when one has lasted. A value that
/// a record does not hold, or that is not finite, leaves its count as it is.
class FailureMonitor {
 public:
  /// `end`: the modes that end the training; the others are logged. `patience`: for how many records in a row a mode
  /// lasts before it counts.
  FailureMonitor(const std::vector<Measure>& measures, std::vector<std::string> end, std::int64_t patience);

  /// Looks at one record, values by name. Why the training should end, a sentence, when a mode that `end` lists has
  /// lasted `patience` records; one that it does not list is logged as a warning when it has, once each time.
  std::optional<std::string> observe(const std::map<std::string, double>& record);

  /// For how many records in a row a mode has lasted. Throws `Error` for a name that is not one.
  std::int64_t records(const std::string& mode) const;

  /// The counts, under "PREFIX.records", so that a resumed training ends where an uninterrupted one would. `load`
  /// throws `Error` when they are not there.
  void save(const std::string& prefix, TensorMap& state) const;
  void load(const std::string& prefix, const TensorMap& state);

 private:
  /// One failure mode of a measure, and in how many records in a row it was seen.
  struct Watched {
    std::string measure;
    FailureMode mode;
    std::int64_t records = 0;
  };
  std::vector<std::string> end_;
  std::int64_t patience_;
  std::vector<Watched> watched_;
};

}  // namespace atelier
