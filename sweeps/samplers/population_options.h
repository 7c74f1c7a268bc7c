#pragma once

#include "sweeps/sampler.h"

namespace atelier {

/// Of a sampler with a population, made from a space, a `SamplerContext` and the population's size, 0 for its own
/// choice.
template <class S>
class PopulationOptions : public SamplerOptions {
 public:
  void describe(Fields& fields) override {
    fields.integer("population", population_, {0, 100'000}, "trials of a generation; 0: the sampler's own choice");
  }
  std::unique_ptr<Sampler> make(const SearchSpace& space, const SamplerContext& context) const override {
    return std::make_unique<S>(space, context, population_);
  }

 private:
  std::int64_t population_ = 0;
};

}  // namespace atelier
