#include "sweeps/sampler.h"

namespace atelier {
namespace {

/// Every combination, the last parameter changing fastest.
class GridSampler : public Sampler {
 public:
  GridSampler(const SearchSpace& space, const SamplerOptions& options)
      : space_(space), points_(options.grid_points), count_(space.grid_size(points_)) {}

  std::optional<Suggestion> suggest(std::int64_t number, const History&) const override {
    if (number >= count_) return std::nullopt;
    return Suggestion{.parameters = space_.grid_at(number, points_)};
  }
  std::int64_t limit() const override { return count_; }

 private:
  const SearchSpace& space_;
  std::int64_t points_;
  std::int64_t count_;
};

}  // namespace

std::unique_ptr<Sampler> make_grid_sampler(const SearchSpace& space, const SamplerOptions& options) {
  return std::make_unique<GridSampler>(space, options);
}

}  // namespace atelier
