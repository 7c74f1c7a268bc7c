#include "framework/core/error.h"
#include "framework/core/format.h"
#include "sweeps/pruner.h"
#include "sweeps/pruners/rungs.h"

namespace atelier {
namespace {

/// Asynchronous successive halving: of the trials that reach a rung one in `factor` goes on; see `Rungs`.
class Asha : public Pruner {
 public:
  explicit Asha(Rungs rungs) : rungs_(std::move(rungs)) {}

  std::optional<std::string> reason_to_end(const Trial& trial, std::span<const Record> records,
                                           const History& history) const override {
    if (records.empty()) return std::nullopt;
    return rungs_.reason_to_end(trial, records.back().at, history, everyone);
  }
  std::optional<std::int64_t> to_continue(const History& history) const override {
    return rungs_.to_continue(history, everyone);
  }
  bool continues() const override { return true; }

 private:
  static bool everyone(const Trial&) { return true; }
  Rungs rungs_;
};

class AshaOptions : public RungOptions {
 public:
  std::unique_ptr<Pruner> make() const override {
    if (min_ <= 0)
      throw UsageError("the pruner asha needs prune.min, the resource of its first rung, for instance min = 100");
    if (max_ > 0 && max_ <= min_) {
      throw UsageError(
          format("the pruner asha has no rung: prune.min {} is not below the {} of a complete trial", min_, max_));
    }
    return std::make_unique<Asha>(Rungs("asha", min_, max_, factor_));
  }
};

}  // namespace

std::unique_ptr<PrunerOptions> asha_pruner() { return std::make_unique<AshaOptions>(); }

}  // namespace atelier
