#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "framework/records/metric_record.h"
#include "sweeps/trial.h"

namespace atelier {

/// What one trial has recorded so far, counted by the resource of the sweep's pruner. Records that a trial makes and
/// records that are read back from its folder give the same.
///
/// A trial that goes on from a checkpoint records some steps again: what it said of them and of later ones no longer
/// counts. Several records of one step are one.
class TrialRecords {
 public:
  explicit TrialRecords(Resource resource) : resource_(resource) {}

  /// What `metrics.jsonl` holds; lines that do not say the resource are left out.
  void read(const std::filesystem::path& metrics);

  /// Returns the record of its step, with all measures of that step. Throws `Error` when it does not say the resource.
  const Record& add(const MetricRecord& record);

  /// Ascending.
  std::span<const Record> all() const { return records_; }

 private:
  double spent(const MetricRecord& record) const;

  Resource resource_;
  std::vector<Record> records_;
  std::vector<double> steps_;  // of each
};

}  // namespace atelier
