#include "sweeps/sampler.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/sweeps/sampler_trials.h"

namespace atelier {
namespace {

struct Experiment {
  double a = 0, b = 0;
  Fields fields() {
    Fields f;
    f.real("a", a, {}, "");
    f.real("b", b, {}, "");
    return f;
  }
};

SearchSpace space_of(const std::string& text) {
  Experiment experiment;
  Document document = Document::from_text("[space]\n" + text, "s.toml", "/");
  return SearchSpace::from(document.take("space"), experiment.fields());
}

TEST(Grid, IsEveryCombinationOnce) {
  const SearchSpace space = space_of("a = { choice = [1.0, 2.0, 3.0] }\nb = { uniform = [0, 1] }\n");
  const auto sampler = make_sampler_with({{"grid_points", 4}}, "grid", space, {});
  EXPECT_EQ(sampler->limit(), 12);
  std::set<std::pair<double, double>> seen;
  for (std::int64_t i = 0; i < 12; ++i) {
    const Parameters p = sampler->suggest(i, {})->parameters;
    seen.emplace(p[0].second.number(), p[1].second.number());
  }
  EXPECT_EQ(seen.size(), 12u);
}

TEST(Random, DependsOnSeedAndNumberAlone) {
  const SearchSpace space = space_of("a = { log = [0.001, 1000] }\nb = { uniform = [-1, 1] }\n");
  const auto one = make_sampler("random", space, {.seed = 4}), same = make_sampler("random", space, {.seed = 4}),
             other = make_sampler("random", space, {.seed = 5});
  one->suggest(3, {})->parameters;
  EXPECT_EQ(one->suggest(17, {})->parameters, same->suggest(17, {})->parameters);
  EXPECT_NE(one->suggest(17, {})->parameters, other->suggest(17, {})->parameters);
  EXPECT_NE(one->suggest(17, {})->parameters, one->suggest(18, {})->parameters);
}

TEST(Random, CoversALogarithmicRange) {
  const SearchSpace space = space_of("a = { log = [0.001, 1000] }\n");
  const auto sampler = make_sampler("random", space, {});
  int below_one = 0;
  for (std::int64_t i = 0; i < 1000; ++i) below_one += sampler->suggest(i, {})->parameters[0].second.number() < 1;
  EXPECT_NEAR(below_one, 500, 5 * 16);  // five standard deviations of a fair coin
}

TEST(Samplers, EveryOneOfTheCatalogFollowsFromSeedNumberAndHistory) {
  const SearchSpace space = cube_of(2);
  for (const SamplerEntry& entry : samplers().entries()) {
    const SamplerContext context{.seed = 3, .trials = 20};
    const auto one = make_sampler(entry.name, space, context);
    const History history = run(*one, 20, bowl);
    ASSERT_EQ(history.trials.size(), 20u) << entry.name;
    for (const Trial& trial : history.trials) EXPECT_TRUE(belongs(space, trial.parameters)) << entry.name;
    const auto other = make_sampler(entry.name, space, context);
    EXPECT_EQ(one->suggest(20, history)->parameters, other->suggest(20, history)->parameters) << entry.name;
    if (one->learns()) continue;
    EXPECT_EQ(one->suggest(20, history)->parameters, one->suggest(20, {})->parameters) << entry.name;
  }
}

}  // namespace
}  // namespace atelier
