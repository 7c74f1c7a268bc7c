#include "sweeps/pruner.h"

#include <algorithm>
#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/suggestion.h"

namespace atelier {
namespace {

struct CatalogEntry {
  std::string_view name;
  std::unique_ptr<Pruner> (*make)(const PrunerOptions&);
  std::string_view summary;
};

// The catalog: one line a pruner.
constexpr CatalogEntry catalog[] = {
    {"none", make_no_pruner, "ends nothing"},
    {"asha", make_asha, "asynchronous successive halving: one in prune.factor goes on from each rung"},
    {"collapse", make_collapse, "ends trials whose output ignores its input"},
    {"discriminator-won", make_discriminator_won, "ends trials whose discriminator tells everything apart"},
    {"divergence", make_divergence, "ends trials whose objective leaves all bounds, or is no number"},
    {"hyperband", make_hyperband, "successive halving in brackets that begin at different rungs"},
    {"median", make_median_rule, "ends what is behind the median of earlier trials at the same step"},
    {"patience", make_patience, "ends what has not bettered itself for prune.patience reports"},
};

/// Several pruners as one.
class Pruners : public Pruner {
 public:
  explicit Pruners(std::vector<std::unique_ptr<Pruner>> all) : all_(std::move(all)) {}

  std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Report> reports,
                                           const History& history) const override {
    for (const auto& pruner : all_) {
      if (auto reason = pruner->reason_to_end(trial, reports, history)) return reason;
    }
    return std::nullopt;
  }

  std::optional<std::int64_t> to_continue(const History& history) const override {
    for (const auto& pruner : all_) {
      if (const auto trial = pruner->to_continue(history)) return trial;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::unique_ptr<Pruner>> all_;
};

void check(const PrunerOptions& options) {
  const auto require = [](bool right, std::string_view message) {
    if (!right) throw UsageError(std::string(message));
  };
  require(std::isfinite(options.min) && options.min >= 0, "prune.min is a resource: 0 or more");
  require(std::isfinite(options.max) && options.max >= 0, "prune.max is a resource: 0 or more");
  require(std::isfinite(options.limit) && options.limit >= 0, "prune.limit is 0 (the pruner's own) or more");
  require(options.factor >= 2, "prune.factor: one trial in so many goes on, so 2 or more");
  require(options.startup >= 1, "prune.startup: so many trials must have come as far, so 1 or more");
  require(options.patience >= 1, "prune.patience is a number of reports: 1 or more");
}

}  // namespace

std::vector<std::string_view> pruner_names() {
  std::vector<std::string_view> names;
  for (const CatalogEntry& entry : catalog) names.push_back(entry.name);
  return names;
}

std::string_view pruner_summary(std::string_view name) {
  for (const CatalogEntry& entry : catalog) {
    if (entry.name == name) return entry.summary;
  }
  return {};
}

std::unique_ptr<Pruner> make_pruner(std::string_view name, const PrunerOptions& options) {
  check(options);
  for (const CatalogEntry& entry : catalog) {
    if (entry.name == name) return entry.make(options);
  }
  const std::vector<std::string_view> names = pruner_names();
  const std::string_view near = nearest(name, names);
  throw UsageError(format("there is no pruner \"{}\"; {}", name,
                          near.empty() ? "choose " + quoted_list(names) : format("did you mean \"{}\"?", near)));
}

std::unique_ptr<Pruner> make_pruners(std::span<const std::string> names, const PrunerOptions& options) {
  if (names.empty()) return make_pruner("none", options);
  if (names.size() == 1) return make_pruner(names[0], options);
  std::vector<std::unique_ptr<Pruner>> all;
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) != name)
      throw UsageError(format("the pruner \"{}\" is named twice", *name));
    all.push_back(make_pruner(*name, options));
  }
  const auto named = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (named("none")) throw UsageError("the pruner \"none\" ends no trial; leave it out, or the others");
  if (options.limit > 0 && named("collapse") + named("discriminator-won") + named("divergence") > 1) {
    throw UsageError("prune.limit means something else to each of these pruners; leave it out, or name one of them");
  }
  if (named("asha") && named("hyperband")) {
    throw UsageError("the pruners \"asha\" and \"hyperband\" would each continue what the other ended; choose one");
  }
  return std::make_unique<Pruners>(std::move(all));
}

}  // namespace atelier
