#include "sweeps/pruner.h"

namespace atelier {
namespace {

/// Lets every trial run to its end.
class NoPruner : public Pruner {
 public:
  std::optional<std::string> reason_to_end(const Trial&, std::span<const Report>, const History&) const override {
    return std::nullopt;
  }
};

}  // namespace

std::unique_ptr<Pruner> make_no_pruner(const PrunerOptions&) { return std::make_unique<NoPruner>(); }

}  // namespace atelier
