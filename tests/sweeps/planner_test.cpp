#include "sweeps/planner.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/scratch_folder.h"

namespace atelier {
namespace {

struct Place {
  ScratchFolder scratch;
  SweepFolder folder = SweepFolder(scratch.path());
  SweepSpec spec;
  Place() { spec.minimize = {"value"}; }
};

SearchSpace space_of(const std::string& text) {
  Document document = Document::from_text("[space]\n" + text, "s.toml", "/");
  return SearchSpace::from(document.take("space"), std::vector<std::string>{"a", "b"});
}

/// What the planner chooses for the next settings, each being begun at once.
std::vector<std::string> choices(const Place& place, const char* sampler_name, const SearchSpace& space, int count) {
  const Objectives objectives(place.spec);
  SweepState state(place.folder, objectives, 1);
  state.look();
  const auto sampler = make_sampler(sampler_name, space, {.seed = 3, .trials = 100});
  Planner planner(*sampler, space, state, 1, 3);
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) {
    const std::int64_t number = state.first_unknown();
    const auto suggestion = planner.choose(number);
    if (!suggestion) {
      EXPECT_TRUE(planner.exhausted());
      break;
    }
    const TrialFile file{.identity = "x", .parameters = suggestion->parameters, .setting = number};
    place.folder.create_trial(number, file);
    state.note_trial(number, file);
    texts.push_back(parameters_text(suggestion->parameters));
  }
  return texts;
}

TEST(Planner, AWiderGridTriesTheNewPointsAndNoneTwice) {
  const Place place;
  EXPECT_EQ(choices(place, "grid", space_of("a = { choice = [1, 2] }\nb = { choice = [1, 2] }\n"), 99).size(), 4u);
  const std::vector<std::string> more =
      choices(place, "grid", space_of("a = { choice = [1, 9, 2] }\nb = { choice = [1, 2] }\n"), 99);
  EXPECT_EQ(more, (std::vector<std::string>{"a = 9\nb = 1\n", "a = 9\nb = 2\n"}));
  // Another grid, of which one point is known.
  EXPECT_EQ(choices(place, "grid", space_of("a = { choice = [2, 7] }\nb = { choice = [2] }\n"), 99),
            std::vector<std::string>{"a = 7\nb = 2\n"});
}

TEST(Planner, ASmallSpaceIsTriedToItsEndAndNothingTwice) {
  for (const char* sampler : {"random", "sobol", "tpe"}) {
    const Place place;
    const std::vector<std::string> all =
        choices(place, sampler, space_of("a = { int = [1, 5] }\nb = { choice = [1, 2, 3] }\n"), 99);
    EXPECT_EQ(all.size(), 15u) << sampler;
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 15u) << sampler;
  }
}

TEST(Planner, ThePlanDoesNotDependOnWhoBeganWhat) {
  const SearchSpace space = space_of("a = { int = [1, 4] }\nb = { int = [1, 4] }\n");
  const Place calm;
  const std::vector<std::string> expected = choices(calm, "random", space, 12);
  // Trials 3 and 7 were begun by others before this worker looked.
  const Place place;
  for (const std::int64_t number : {3, 7}) {
    const std::optional<TrialFile> file = calm.folder.read_trial(number);
    place.folder.create_trial(number, *file);
  }
  choices(place, "random", space, 10);
  for (std::int64_t number = 0; number < 12; ++number) {
    EXPECT_EQ(parameters_text(place.folder.read_trial(number)->parameters), expected[static_cast<std::size_t>(number)])
        << number;
  }
}

TEST(Planner, WhatAPersonAskedForTakesNothingFromThePlan) {
  const SearchSpace space = space_of("a = { choice = [1, 2, 3] }\n");
  const Place place;
  choices(place, "grid", space, 1);
  place.folder.create_trial(1, {.identity = "x", .parameters = {{"a", 3}}, .setting = 1, .enqueued = true});
  EXPECT_EQ(choices(place, "grid", space, 99), std::vector<std::string>{"a = 2\n"});
}

}  // namespace
}  // namespace atelier
