#include "sweeps/trial_records.h"

#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {

double TrialRecords::spent(const MetricRecord& record) const {
  return resource_ == Resource::time ? record.time : resource_ == Resource::epoch ? record.epoch : record.step;
}

void TrialRecords::read(const std::filesystem::path& metrics) {
  read_metric_records(metrics, [this](const MetricRecord& record) {
    if (std::isfinite(record.step) && std::isfinite(spent(record))) add(record);
  });
}

const Record& TrialRecords::add(const MetricRecord& record) {
  const double at = spent(record);
  if (!std::isfinite(at))
    throw Error(format("prune.resource is \"{0}\", and the record of step {1:g} does not say its {0}",
                       to_text(resource_), record.step));
  while (!steps_.empty() && steps_.back() > record.step) {
    steps_.pop_back();
    records_.pop_back();
  }
  if (steps_.empty() || steps_.back() != record.step) {
    steps_.push_back(record.step);
    records_.emplace_back();
  }
  Record& newest = records_.back();
  newest.at = at;
  for (const auto& [name, value] : record.measures) newest.measures[name] = value;
  return newest;
}

}  // namespace atelier
