#include "experiments/function/function_spec.h"

#include <cmath>
#include <numbers>
#include <span>

#include "framework/core/error.h"
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

struct CatalogEntry {
  const char* name;
  double (*value)(Point);
};

// The catalog: one line a function. Sources: Surjanovic and Bingham, "Virtual library of simulation experiments".
constexpr CatalogEntry catalog[] = {
    {"sphere", sphere}, {"rosenbrock", rosenbrock}, {"ackley", ackley}, {"rastrigin", rastrigin}, {"branin", branin},
};

}  // namespace

void describe(Fields& fields, FunctionSpec& spec) {
  static constexpr const char* keys[FunctionSpec::max_dimensions] = {"x1", "x2", "x3", "x4", "x5",
                                                                     "x6", "x7", "x8", "x9", "x10"};
  std::vector<std::string_view> names;
  for (const CatalogEntry& entry : catalog) names.emplace_back(entry.name);
  fields.begin("function");
  fields.choice("name", spec.name, names, "the function");
  fields.integer("dimensions", spec.dimensions, {1, FunctionSpec::max_dimensions}, "how many of x1, x2, ... count");
  for (std::size_t i = 0; i < FunctionSpec::max_dimensions; ++i)
    fields.real(keys[i], spec.x[i], {}, "where it is evaluated");
  fields.integer("steps", spec.steps, {1, 1'000'000'000},
                 "records on the way; the value comes down to the function's as 1/step does");
  fields.real("seconds", spec.seconds, Range::at_least(0), "that a step takes").affects_result = false;
  fields.real("noise", spec.noise, Range::at_least(0), "standard deviation of what the seed adds");
  fields.end();
}

double evaluate(const FunctionSpec& spec) {
  const std::size_t dimensions = spec.name == "branin" ? 2 : static_cast<std::size_t>(spec.dimensions);
  for (const CatalogEntry& entry : catalog) {
    if (spec.name == entry.name) return entry.value(Point(spec.x.data(), dimensions));
  }
  throw Error("there is no function " + spec.name);
}

double evaluate(const FunctionSpec& spec, std::int64_t seed, std::int64_t step) {
  constexpr std::uint64_t noise_stream = 0xf0;
  double value = evaluate(spec) + 1.0 / static_cast<double>(step) - 1.0 / static_cast<double>(spec.steps);
  if (spec.noise > 0) value += spec.noise * CounterRandom(static_cast<std::uint64_t>(seed), noise_stream).normal();
  return value;
}

}  // namespace atelier
