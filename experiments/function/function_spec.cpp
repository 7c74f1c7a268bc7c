#include "experiments/function/function_spec.h"

#include <cmath>
#include <numbers>
#include <span>

#include "framework/config/catalog.h"
#include "framework/core/random.h"

namespace atelier {
namespace {

using Point = std::span<const double>;

double sphere(Point x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return sum;
}

double rosenbrock(Point x) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    sum += 100 * std::pow(x[i + 1] - x[i] * x[i], 2) + std::pow(1 - x[i], 2);
  }
  return sum;
}

double ackley(Point x) {
  double squares = 0, cosines = 0;
  for (const double v : x) {
    squares += v * v;
    cosines += std::cos(2 * std::numbers::pi * v);
  }
  const auto n = static_cast<double>(x.size());
  return -20 * std::exp(-0.2 * std::sqrt(squares / n)) - std::exp(cosines / n) + 20 + std::numbers::e;
}

double rastrigin(Point x) {
  double sum = 10 * static_cast<double>(x.size());
  for (const double v : x) sum += v * v - 10 * std::cos(2 * std::numbers::pi * v);
  return sum;
}

double branin(Point x) {
  constexpr double pi = std::numbers::pi;
  const double a = x[1] - 5.1 / (4 * pi * pi) * x[0] * x[0] + 5 / pi * x[0] - 6;
  return a * a + 10 * (1 - 1 / (8 * pi)) * std::cos(x[0]) + 10;
}

struct FunctionEntry {
  std::string_view name, summary;
  double (*value)(Point);
  std::int64_t dimensions = 0;  ///< That it has; 0: as many as one wants.
};

// One line a function. Source: Surjanovic and Bingham, "Virtual library of simulation experiments".
constexpr FunctionEntry entries[] = {
    {"sphere", "a bowl", sphere},
    {"rosenbrock", "a bent valley", rosenbrock},
    {"ackley", "a funnel with many dents", ackley},
    {"rastrigin", "a bowl with many dents", rastrigin},
    {"branin", "three equal minima", branin, 2},
};
constexpr Catalog<FunctionEntry> functions("function", entries);

}  // namespace

void FunctionSpec::describe_keys(Fields& fields) {
  static constexpr const char* keys[max_dimensions] = {"x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10"};
  fields.begin("function");
  fields.choice("name", name, functions.names(), "the function");
  fields.integer("dimensions", dimensions, {1, max_dimensions}, "how many of x1, x2, ... count");
  for (std::size_t i = 0; i < max_dimensions; ++i) fields.real(keys[i], x[i], {}, "where it is evaluated");
  fields.integer("steps", steps, {1, 1'000'000'000},
                 "records on the way; the value comes down to the function's as 1/step does");
  fields.real("seconds", seconds, Range::at_least(0), "that a step takes").role = Role::bookkeeping;
  fields.real("noise", noise, Range::at_least(0), "standard deviation of what the seed adds");
  fields.end();
}

double evaluate(const FunctionSpec& spec) {
  const FunctionEntry& function = functions.at(spec.name);
  const std::int64_t dimensions = function.dimensions > 0 ? function.dimensions : spec.dimensions;
  return function.value(Point(spec.x.data(), static_cast<std::size_t>(dimensions)));
}

double evaluate(const FunctionSpec& spec, std::int64_t seed, std::int64_t step) {
  constexpr std::uint64_t noise_stream = 0xf0;
  double value = evaluate(spec) + 1.0 / static_cast<double>(step) - 1.0 / static_cast<double>(spec.steps);
  if (spec.noise > 0) value += spec.noise * CounterRandom(static_cast<std::uint64_t>(seed), noise_stream).normal();
  return value;
}

}  // namespace atelier
