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
bool chooses_like(std::string_view name, const SearchSpace& space, const SamplerContext& options) {
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

const SearchSpace& square() {
  static const SearchSpace space = space_of("x = { uniform = [0, 1] }\ny = { uniform = [0, 1] }\n", {"x", "y"});
  return space;
}

TEST(Auto, TakesTheGaussianProcessForSweepsOfSomeHundredTrials) {
  EXPECT_TRUE(chooses_like("gp", square(), {.seed = 1, .trials = 50}));
  EXPECT_TRUE(chooses_like("gp", square(), {.seed = 1, .trials = 50, .objectives = 2}));
  const SearchSpace conditional = space_of(
      "k = { choice = [\"a\", \"b\"] }\nx = { uniform = [0, 1] }\ny = { uniform = [0, 1], when = { k = \"a\" } }\n",
      {"k", "x", "y"});
  EXPECT_TRUE(chooses_like("gp", conditional, {.seed = 1}));
}

TEST(Auto, TakesTheParzenEstimatorForThousandsOfTrialsAndForManyParameters) {
  EXPECT_TRUE(chooses_like("tpe", square(), {.seed = 1, .trials = 5000}));
  std::string text;
  std::vector<std::string> names;
  for (int i = 0; i < 140; ++i) {
    names.push_back("x" + std::to_string(i));
    text += names.back() + " = { uniform = [0, 1] }\n";
  }
  EXPECT_TRUE(chooses_like("tpe", space_of(text, names), {.seed = 1, .trials = 50}));
}

TEST(Auto, GoesOnWithTheParzenEstimatorAfterTheFirstHundreds) {
  const auto automatic = make_sampler("auto", square(), {.seed = 1, .trials = 400}),
             tpe = make_sampler("tpe", square(), {.seed = 1, .trials = 400}),
             random = make_sampler("random", square(), {.seed = 1});
  History history;
  for (std::int64_t i = 0; i < 30; ++i) {
    history.trials.push_back({.number = i,
                              .parameters = random->suggest(i, {})->parameters,
                              .state = TrialState::finished,
                              .values = {std::sin(static_cast<double>(i))}});
  }
  EXPECT_NE(automatic->suggest(240, history)->parameters, tpe->suggest(240, history)->parameters);
  EXPECT_EQ(automatic->suggest(260, history)->parameters, tpe->suggest(260, history)->parameters);
}

TEST(Auto, Learns) { EXPECT_TRUE(make_sampler("auto", square(), {})->learns()); }

}  // namespace
}  // namespace atelier
