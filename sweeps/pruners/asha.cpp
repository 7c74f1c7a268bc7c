#include "framework/core/error.h"
#include "framework/core/format.h"
#include "sweeps/pruner.h"
#include "sweeps/pruners/rungs.h"

namespace atelier {
namespace {

/// Asynchronous successive halving: of the trials that reach a rung one in `factor` goes on; see `Rungs`.
class Asha : public Pruner {
 public:
  explicit Asha(const PrunerOptions& options) : rungs_("asha", options.min, options.max, options.factor) {}

  std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Report> reports,
                                           const History& history) const override {
    if (reports.empty()) return std::nullopt;
    return rungs_.reason_to_end(trial, reports.back().at, history, everyone);
  }
  std::optional<std::int64_t> to_continue(const History& history) const override {
    return rungs_.to_continue(history, everyone);
  }

 private:
  static bool everyone(const Trial&) { return true; }
  Rungs rungs_;
};

}  // namespace

std::unique_ptr<Pruner> make_asha(const PrunerOptions& options) {
  if (options.min <= 0)
    throw UsageError("the pruner asha needs prune.min, the resource of its first rung, for instance min = 100");
  if (options.max > 0 && options.max <= options.min) {
    throw UsageError(format("the pruner asha has no rung: prune.min {} is not below the {} of a complete trial",
                            options.min, options.max));
  }
  return std::make_unique<Asha>(options);
}

}  // namespace atelier
