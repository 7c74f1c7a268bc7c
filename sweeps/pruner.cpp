#include "sweeps/pruner.h"

#include <algorithm>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {

// One function a file of sweeps/pruners.
#define ATELIER_PRUNER(name, options, summary) std::unique_ptr<PrunerOptions> options();
#include "sweeps/pruners/catalog.def"
#undef ATELIER_PRUNER

namespace {

/// Several pruners as one.
class Pruners : public Pruner {
 public:
  explicit Pruners(std::vector<std::unique_ptr<Pruner>> all) : all_(std::move(all)) {}

  std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Record> records,
                                           const History& history) const override {
    for (const auto& pruner : all_) {
      if (auto reason = pruner->reason_to_end(trial, records, history)) return reason;
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

/// Whether `prune.limit` is set and the pruner reads it.
bool has_limit(OptionsByName<PrunerEntry> options, std::string_view name) {
  Fields fields;
  options.at(name).describe(fields);
  const Field* limit = fields.find("limit");
  return limit && limit->value().number() > 0;
}

}  // namespace

std::vector<PrunerEntry> pruners(std::span<const PrunerPreset> presets) {
  std::vector<PrunerEntry> entries = {
#define ATELIER_PRUNER(name, options, summary) {name, summary, options},
#include "sweeps/pruners/catalog.def"
#undef ATELIER_PRUNER
  };
  for (const PrunerPreset& preset : presets)
    entries.push_back({preset.name, preset.summary, [preset] { return threshold_preset(preset); }});
  return entries;
}

std::unique_ptr<Pruner> make_pruners(std::span<const std::string> names, const OptionsByName<PrunerEntry>& options) {
  if (names.empty()) return options.at("none").make();
  if (names.size() == 1) return options.at(names[0]).make();
  std::vector<std::unique_ptr<Pruner>> all;
  std::string_view continues, limited;
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) != name)
      throw UsageError(format("the pruner \"{}\" is named twice", *name));
    if (*name == "none") throw UsageError("the pruner \"none\" ends no trial; leave it out, or the others");
    all.push_back(options.at(*name).make());
    if (has_limit(options, *name)) {
      if (!limited.empty()) {
        throw UsageError(format(
            "prune.limit means something else to each of the pruners \"{}\" and \"{}\"; leave it out, or name one "
            "of them",
            limited, *name));
      }
      limited = *name;
    }
    if (all.back()->continues()) {
      if (!continues.empty()) {
        throw UsageError(format("the pruners \"{}\" and \"{}\" would each continue what the other ended; choose one",
                                continues, *name));
      }
      continues = *name;
    }
  }
  return std::make_unique<Pruners>(std::move(all));
}

}  // namespace atelier
