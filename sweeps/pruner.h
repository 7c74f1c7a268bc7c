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

  /// Why the trial should end now, beginning with the pruner's name and a colon; none to go on. Called once for every
  /// report, in their order: `reports` are its own so far, the newest last; `trial` is it, with its curve up to that
  /// report; `history` holds all trials with their curves, this one among them.
  virtual std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Report> reports,
                                                   const History& history) const = 0;

  /// A pruned trial that should go on after all, since by now it belongs to the best of its rung; none when there is
  /// none. Ask before a new trial is begun.
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
  /// What must not be passed; 0: the pruner's own (divergence 10, collapse 0.05, discriminator-won 0.98).
  double limit = 0;
};

std::vector<std::string_view> pruner_names();
/// What one is, in a sentence; empty for a name that is not in the catalog.
std::string_view pruner_summary(std::string_view name);

/// Throws `UsageError` for a name that is not in the catalog and options that do not fit.
std::unique_ptr<Pruner> make_pruner(std::string_view name, const PrunerOptions& options);

/// Several at once: a trial ends for the first reason, in the order of the names. Without a name none ends. Throws
/// `UsageError` as `make_pruner`, and for names that do not go together.
std::unique_ptr<Pruner> make_pruners(std::span<const std::string> names, const PrunerOptions& options);

/// What the catalog names; one function a file.
std::unique_ptr<Pruner> make_no_pruner(const PrunerOptions& options);
std::unique_ptr<Pruner> make_asha(const PrunerOptions& options);
std::unique_ptr<Pruner> make_collapse(const PrunerOptions& options);
std::unique_ptr<Pruner> make_discriminator_won(const PrunerOptions& options);
std::unique_ptr<Pruner> make_divergence(const PrunerOptions& options);
std::unique_ptr<Pruner> make_hyperband(const PrunerOptions& options);
std::unique_ptr<Pruner> make_median_rule(const PrunerOptions& options);
std::unique_ptr<Pruner> make_patience(const PrunerOptions& options);

}  // namespace atelier
