#include <gtest/gtest.h>

#include <cmath>

#include "sweeps/sampler.h"

namespace atelier {
namespace {

SearchSpace space_of(const std::string& text, const std::vector<std::string>& names) {
  Document document = Document::from_text("[space]\n" + text, "s.toml", "/");
  return SearchSpace::from(document.take("space"), names);
}

/// Whether `auto` chooses as the named sampler does, over 30 trials.
bool chooses_like(std::string_view name, const SearchSpace& space, const SamplerOptions& options) {
  const auto automatic = make_sampler("auto", space, options), named = make_sampler(name, space, options);
  History history{.objectives = options.objectives};
  for (std::int64_t i = 0; i < 30; ++i) {
    const Parameters parameters = automatic->suggest(i, history)->parameters;
    if (parameters != named->suggest(i, history)->parameters) return false;
    double sum = 0;
    for (const auto& [key, value] : parameters) sum += value.is_number() ? value.number() : 1;
    std::vector<double> values(static_cast<std::size_t>(options.objectives), std::sin(7 * sum));
    values.back() += sum;
    history.trials.push_back({.number = i, .parameters = parameters, .state = TrialState::finished, .values = values});
  }
  return true;
}

TEST(Auto, TakesTheParzenEstimatorWhereParametersHaveConditions) {
  const SearchSpace space = space_of("k = { choice = [\"a\", \"b\"] }\nx = { uniform = [0, 1] }\ny = { uniform = [0, 1], when = { k = \"a\" } }\n", {"k", "x", "y"});
  EXPECT_TRUE(chooses_like("tpe", space, {.seed = 1, .trials = 50}));
}

TEST(Auto, TakesTheParzenEstimatorForSeveralObjectives) {
  const SearchSpace space = space_of("x = { uniform = [0, 1] }\ny = { uniform = [0, 1] }\n", {"x", "y"});
  EXPECT_TRUE(chooses_like("tpe", space, {.seed = 1, .trials = 50, .objectives = 2}));
}

TEST(Auto, TakesTheParzenEstimatorForLongSweeps) {
  const SearchSpace space = space_of("x = { uniform = [0, 1] }\ny = { uniform = [0, 1] }\n", {"x", "y"});
  EXPECT_TRUE(chooses_like("tpe", space, {.seed = 1, .trials = 5000}));
}

TEST(Auto, Learns) {
  const SearchSpace space = space_of("x = { uniform = [0, 1] }\n", {"x"});
  EXPECT_TRUE(make_sampler("auto", space, {})->learns());
}

}  // namespace
}  // namespace atelier
