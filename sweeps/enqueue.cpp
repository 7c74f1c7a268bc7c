#include "sweeps/enqueue.h"

#include <algorithm>

#include "framework/config/document.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/claim.h"
#include "framework/storage/digest.h"
#include "sweeps/objectives.h"
#include "sweeps/sweep_state.h"

namespace atelier {

Parameters parameters_from(const SearchSpace& space, const std::vector<std::string>& assignments) {
  Document given = Document::from_text("", "--enqueue", std::filesystem::current_path());
  for (const std::string& assignment : assignments) given.set(assignment);
  Parameters parameters;
  for (const Dimension& dimension : space.dimensions()) {
    const Document::Entry* entry = given.find(dimension.key);
    if (!space.active(dimension, parameters)) {
      if (entry)
        throw UsageError(format("--enqueue: {} does not count here: its condition does not hold", dimension.key));
      continue;
    }
    if (!entry) {
      throw UsageError(format("--enqueue: {} is missing; give every parameter of [space] as KEY=VALUE", dimension.key));
    }
    if (dimension.key == ranks_key) {
      const auto* whole = std::get_if<std::int64_t>(&entry->value.data);
      if (!whole || *whole < 1) {
        throw UsageError(
            format("--enqueue: {} = {}: expected a whole number of 1 or more", ranks_key, to_toml(entry->value)));
      }
    }
    parameters.emplace_back(dimension.key, entry->value);
  }
  const auto& dimensions = space.dimensions();
  for (const Document::Entry& entry : given.entries()) {
    if (std::none_of(dimensions.begin(), dimensions.end(), [&](const Dimension& d) { return d.key == entry.key(); })) {
      throw UsageError(format("--enqueue: {} is not varied by [space]", entry.key()));
    }
  }
  return parameters;
}

Enqueued enqueue(const SweepSpec& spec, const SweepFolder& folder, TrialRunner& runner, const Parameters& parameters) {
  const auto identity = [&](std::optional<std::int64_t> seed) {
    Parameters all = without_ranks(parameters);
    if (seed) all.emplace_back("seed", *seed);
    return hex(digest(runner.prepare(all)->identity()));
  };
  identity(std::nullopt);  // a value that the experiment does not take is said now
  const Objectives objectives(spec);
  const std::int64_t seeds = spec.trial.seeds;
  SweepState state(folder, objectives, seeds);
  state.look();
  if (const auto setting = state.setting_with(parameters)) return {.number = *setting * seeds, .was_there = true};
  for (std::int64_t setting = (state.next_number() + seeds - 1) / seeds;; ++setting) {
    // A claim keeps workers from choosing for this number at the same moment.
    make_folder(folder.trial(setting * seeds).path());
    const std::unique_ptr<Claim> claim = Claim::take(folder.trial(setting * seeds).path());
    if (!claim || folder.read_trial(setting * seeds)) continue;
    const TrialFile wanted{.parameters = parameters, .setting = setting, .enqueued = true};
    // A worker may be about to begin another seed of it.
    if (seeds > 1 && parameters_text(folder.fix_setting(setting, wanted).parameters) != parameters_text(parameters))
      continue;
    for (std::int64_t k = 0; k < seeds; ++k) {
      TrialFile file = wanted;
      if (seeds > 1) file.seed = runner.first_seed() + k;
      file.identity = identity(file.seed);
      folder.create_trial(setting * seeds + k, file);
    }
    return {.number = setting * seeds};
  }
}

}  // namespace atelier
