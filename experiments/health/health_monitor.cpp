#include "experiments/health/health_monitor.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/training/optimizer.h"

namespace atelier {
namespace {

struct Sickness {
  std::string_view name, measure;
  bool above;  // sick above the limit, else below
  double (*limit)(const HealthSpec&);
  std::string_view sentence;  // {0}: the limit
};

constexpr Sickness known_sicknesses[] = {
    {"won", "health.discriminator_lead", true, [](const HealthSpec& spec) { return spec.lead; },
     "the discriminator has won: it told more than {:.4g} of the patches apart"},
    {"lost", "health.discriminator_lead", false, [](const HealthSpec& spec) { return 1 - spec.lead; },
     "the discriminator has lost: it told less than {:.4g} of the patches apart"},
    {"unchanged", "health.output_change", false, [](const HealthSpec& spec) { return spec.change; },
     "the output is its input: their pixels differed by less than {:.4g}"},
    {"collapsed", "health.output_spread", false, [](const HealthSpec& spec) { return spec.spread; },
     "the output ignores its input: outputs differed by less than {:.4g} of what their photos do"},
};

}  // namespace

std::optional<std::string> HealthMonitor::observe(const std::map<std::string, double>& record) {
  static_assert(std::size(known_sicknesses) == sicknesses);
  std::optional<std::string> reason;
  for (std::size_t i = 0; i < sicknesses; ++i) {
    const Sickness& sickness = known_sicknesses[i];
    const auto found = record.find(std::string(sickness.measure));
    if (found == record.end() || !std::isfinite(found->second)) continue;
    const double value = found->second, limit = sickness.limit(spec_);
    const bool sick = sickness.above ? value > limit : value < limit;
    records_[i] = sick ? records_[i] + 1 : 0;
    if (records_[i] < spec_.patience) continue;
    const std::string sentence =
        format("{} in {} record{} in a row ({:.4g} in the last)", format(fmt::runtime(sickness.sentence), limit),
               records_[i], records_[i] == 1 ? "" : "s", value);
    const bool ends = std::find(spec_.end.begin(), spec_.end.end(), sickness.name) != spec_.end.end();
    if (ends) {
      if (!reason) reason = sentence;
    } else if (records_[i] == spec_.patience) {
      log_warning(sentence);
    }
  }
  return reason;
}

std::int64_t HealthMonitor::records(const std::string& sickness) const {
  for (std::size_t i = 0; i < sicknesses; ++i) {
    if (known_sicknesses[i].name == sickness) return records_[i];
  }
  throw Error("there is no sickness " + sickness);
}

void HealthMonitor::save(const std::string& prefix, TensorMap& state) const {
  at::Tensor counts = at::empty({static_cast<std::int64_t>(sicknesses)}, at::kLong);
  std::copy(records_.begin(), records_.end(), counts.data_ptr<std::int64_t>());
  state[prefix + ".records"] = counts;
}

void HealthMonitor::load(const std::string& prefix, const TensorMap& state) {
  at::Tensor counts = at::empty({static_cast<std::int64_t>(sicknesses)}, at::kLong);
  restore(state, prefix + ".records", counts);
  std::copy_n(counts.data_ptr<std::int64_t>(), sicknesses, records_.begin());
}

}  // namespace atelier
