#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sweeps/trial.h"

namespace atelier {

/// Ends trials early that promise nothing, judged by what they report on the way.
class Pruner {
 public:
  virtual ~Pruner() = default;

  /// Why the trial should end now; none to go on. Called when it has reported: `reports` are its own so far, the newest
  /// last; `trial` is it, with its curve; `history` holds all trials with their curves, this one among them.
  virtual std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Report> reports,
                                                   const History& history) const = 0;

  /// A pruned trial that should go on after all, since by now it belongs to the best of its rung; none when there is none.
  virtual std::optional<std::int64_t> to_continue(const History& history) const {
    static_cast<void>(history);
    return std::nullopt;
  }
};

struct PrunerOptions {
  double min = 0;             ///< Resource before which no trial ends.
  double max = 0;             ///< Resource of a complete trial; 0: not known.
  std::int64_t factor = 3;    ///< One in so many goes on (asha, hyperband).
  std::int64_t startup = 5;   ///< Trials that must have come as far before any is ended (median).
  std::int64_t patience = 5;  ///< Reports without a better one (patience), or in a row (collapse, discriminator-won).
  double limit = 0;           ///< What a measure must not pass; 0: the pruner's own (divergence, collapse, discriminator-won).
};

std::vector<std::string_view> pruner_names();

/// Throws `UsageError` for a name that is not in the catalog and options that do not fit.
std::unique_ptr<Pruner> make_pruner(std::string_view name, const PrunerOptions& options);

/// What the catalog names; one function a file.
std::unique_ptr<Pruner> make_no_pruner(const PrunerOptions& options);

}  // namespace atelier
