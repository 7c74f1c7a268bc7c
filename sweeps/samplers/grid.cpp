#include "sweeps/sampler.h"

namespace atelier {
namespace {

/// Every combination, the last parameter changing fastest.
class GridSampler : public Sampler {
 public:
  GridSampler(const SearchSpace& space, const SamplerOptions& options) {
    for (const Dimension& dimension : space.dimensions()) {
      keys_.push_back(dimension.key);
      values_.push_back(dimension.grid(options.grid_points));
      count_ *= static_cast<std::int64_t>(values_.back().size());
    }
  }

  Parameters parameters(std::int64_t number) const override {
    Parameters result(keys_.size());
    for (std::size_t i = keys_.size(); i-- > 0;) {
      const auto size = static_cast<std::int64_t>(values_[i].size());
      result[i] = {keys_[i], values_[i][static_cast<std::size_t>(number % size)]};
      number /= size;
    }
    return result;
  }
  std::int64_t limit() const override { return count_; }

 private:
  std::vector<std::string> keys_;
  std::vector<std::vector<Value>> values_;
  std::int64_t count_ = 1;
};

}  // namespace

std::unique_ptr<Sampler> make_grid_sampler(const SearchSpace& space, const SamplerOptions& options) {
  return std::make_unique<GridSampler>(space, options);
}

}  // namespace atelier
