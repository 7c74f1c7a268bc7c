#pragma once

#include <array>
#include <string>

#include "experiments/kind.h"

namespace atelier {

/// A test function of optimisation, evaluated in process: to try samplers and to measure what a trial costs.
struct FunctionSpec : KindSpec {
  static constexpr std::size_t max_dimensions = 10;

  std::string name = "sphere";
  std::int64_t dimensions = 2;
  std::array<double, max_dimensions> x{};  ///< Keys `function.x1` to `function.x10`.
  std::int64_t steps = 1;  ///< Records on the way; the value comes down to the function's as 1/step does.
  double seconds = 0;      ///< That a step takes: to see what a sweep of slow trials does.
  double noise = 0;        ///< Standard deviation of what the seed adds.

  std::unique_ptr<KindSpec> clone() const override { return std::make_unique<FunctionSpec>(*this); }
  void describe_keys(Fields& fields) override;
  void check_keys(const Document&) const override {}
  Measures measures() const override { return {{{.name = "value"}}}; }
};

/// The value of the function at `x`, of which the first `dimensions` count.
double evaluate(const FunctionSpec& spec);

/// What is measured at a step, from 1 on: the function's value, the seed's noise, and 1/step - 1/steps.
double evaluate(const FunctionSpec& spec, std::int64_t seed, std::int64_t step);

}  // namespace atelier
