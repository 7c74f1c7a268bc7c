#pragma once

#include <array>
#include <string>

#include "framework/config/fields.h"

namespace atelier {

/// A test function of optimisation, evaluated in process: to try samplers and to measure what a trial costs.
struct FunctionSpec {
  static constexpr std::size_t max_dimensions = 10;

  std::string name = "sphere";
  std::int64_t dimensions = 2;
  std::array<double, max_dimensions> x{};  ///< Keys `function.x1` to `function.x10`.
};

void describe(Fields& fields, FunctionSpec& spec);

/// The value of the function at `x`, of which the first `dimensions` count.
double evaluate(const FunctionSpec& spec);

}  // namespace atelier
