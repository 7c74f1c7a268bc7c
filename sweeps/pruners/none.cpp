#include "sweeps/pruner.h"

namespace atelier {
namespace {

/// Lets every trial run to its end.
class NoPruner : public Pruner {
 public:
  std::optional<std::string> reason_to_end(const Trial&, std::span<const Record>, const History&) const override {
    return std::nullopt;
  }
};

class NoPrunerOptions : public PrunerOptions {
 public:
  std::unique_ptr<Pruner> make() const override { return std::make_unique<NoPruner>(); }
};

}  // namespace

std::unique_ptr<PrunerOptions> no_pruner() { return std::make_unique<NoPrunerOptions>(); }

}  // namespace atelier
