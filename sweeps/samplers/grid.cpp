#include "sweeps/sampler.h"

namespace atelier {
namespace {

/// Every combination, the last parameter changing fastest.
class GridSampler : public Sampler {
 public:
  GridSampler(const SearchSpace& space, std::int64_t points)
      : space_(space), points_(points), count_(space.grid_size(points_)) {}

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

class GridOptions : public SamplerOptions {
 public:
  void describe(Fields& fields) override {
    fields.integer("grid_points", points_, {1, 1'000'000}, "values that are taken of a continuous range");
  }
  bool has_end() const override { return true; }
  std::unique_ptr<Sampler> make(const SearchSpace& space, const SamplerContext&) const override {
    return std::make_unique<GridSampler>(space, points_);
  }

 private:
  std::int64_t points_ = 5;
};

}  // namespace

std::unique_ptr<SamplerOptions> grid_sampler() { return std::make_unique<GridOptions>(); }

}  // namespace atelier
