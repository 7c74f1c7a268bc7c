#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/config/fields.h"
#include "framework/config/options_by_name.h"
#include "framework/records/pruner_preset.h"
#include "sweeps/trial.h"

namespace atelier {

/// Ends trials early that promise nothing, judged by what they record on the way.
class Pruner {
 public:
  virtual ~Pruner() = default;

  /// Why the trial should end now, beginning with the pruner's name and a colon; none to go on. Called once for every
  /// record, in their order: `records` are its own so far, the newest last; `trial` is it, with its curve up to that
  /// record; `history` holds all trials with their curves, this one among them.
  virtual std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Record> records,
                                                   const History& history) const = 0;

  /// A pruned trial that should go on after all, since by now it belongs to the best of its rung; none when there is
  /// none. Ask before a new trial is begun.
  virtual std::optional<std::int64_t> to_continue(const History& history) const {
    static_cast<void>(history);
    return std::nullopt;
  }
  /// Whether `to_continue` ever names one.
  virtual bool continues() const { return false; }
};

/// A pruner's own options. Each pruner has its own class of them, in its file.
class PrunerOptions {
 public:
  virtual ~PrunerOptions() = default;
  /// The keys of [prune] that the pruner reads.
  virtual void describe(Fields& fields) { static_cast<void>(fields); }
  /// Throws `UsageError` for options that do not fit together.
  virtual std::unique_ptr<Pruner> make() const = 0;
};

struct PrunerEntry {
  std::string name, summary;
  std::function<std::unique_ptr<PrunerOptions>()> options;  ///< With their defaults.
};

/// All pruners: `sweeps/pruners/catalog.def`, one line each, and after them the presets.
std::vector<PrunerEntry> pruners(std::span<const PrunerPreset> presets);

/// Several at once: a trial ends for the first reason, in the order of the names. Without a name none ends. Throws
/// `UsageError` for a name that is not in the catalog, for options that do not fit, and for names that do not go
/// together.
std::unique_ptr<Pruner> make_pruners(std::span<const std::string> names, const OptionsByName<PrunerEntry>& options);

/// Options of `threshold` with the bounds of a preset.
std::unique_ptr<PrunerOptions> threshold_preset(const PrunerPreset& preset);

}  // namespace atelier
