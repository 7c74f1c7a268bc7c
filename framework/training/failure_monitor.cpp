#include "framework/training/failure_monitor.h"

#include <algorithm>
#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/training/optimizer.h"

namespace atelier {

FailureMonitor::FailureMonitor(const std::vector<Measure>& measures, std::vector<std::string> end,
                               std::int64_t patience)
    : end_(std::move(end)), patience_(patience) {
  for (const Measure& measure : measures) {
    for (const FailureMode& mode : measure.failure_modes) watched_.push_back({measure.name, mode});
  }
}

std::optional<std::string> FailureMonitor::observe(const std::map<std::string, double>& record) {
  std::optional<std::string> reason;
  for (auto& [measure, mode, records] : watched_) {
    const auto found = record.find(measure);
    if (found == record.end() || !std::isfinite(found->second)) continue;
    const double value = found->second;
    records = mode.holds(value, mode.limit) ? records + 1 : 0;
    if (records < patience_) continue;
    const std::string sentence =
        format("{} in {} record{} in a row ({:.4g} in the last)", filled(mode.reason, format("{:.4g}", mode.limit)),
               records, records == 1 ? "" : "s", value);
    const bool ends = std::find(end_.begin(), end_.end(), mode.name) != end_.end();
    if (ends) {
      if (!reason) reason = sentence;
    } else if (records == patience_) {
      log_warning(sentence);
    }
  }
  return reason;
}

std::int64_t FailureMonitor::records(const std::string& mode) const {
  for (const Watched& watched : watched_) {
    if (watched.mode.name == mode) return watched.records;
  }
  throw Error("there is no failure mode " + mode);
}

void FailureMonitor::save(const std::string& prefix, TensorMap& state) const {
  at::Tensor counts = at::empty({static_cast<std::int64_t>(watched_.size())}, at::kLong);
  for (std::size_t i = 0; i < watched_.size(); ++i) counts.data_ptr<std::int64_t>()[i] = watched_[i].records;
  state[prefix + ".records"] = counts;
}

void FailureMonitor::load(const std::string& prefix, const TensorMap& state) {
  at::Tensor counts = at::empty({static_cast<std::int64_t>(watched_.size())}, at::kLong);
  restore(state, prefix + ".records", counts);
  for (std::size_t i = 0; i < watched_.size(); ++i) watched_[i].records = counts.data_ptr<std::int64_t>()[i];
}

}  // namespace atelier
