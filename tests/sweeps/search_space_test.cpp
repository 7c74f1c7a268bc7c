#include "sweeps/search_space.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/error_of.h"

namespace atelier {
namespace {

struct Experiment {
  double weight = 1;
  std::int64_t width = 8;
  std::string norm = "layer";
  Fields fields() {
    Fields f;
    f.begin("loss");
    f.real("weight", weight, Range::positive(), "");
    f.end();
    f.integer("width", width, {1, 100}, "");
    f.choice("norm", norm, {"layer", "none"}, "");
    return f;
  }
};

SearchSpace space_of(const std::string& text) {
  Experiment experiment;
  Document document = Document::from_text("[space]\n" + text, "s.toml", "/");
  return SearchSpace::from(document.take("space"), experiment.fields());
}

std::string complaint(const std::string& text) {
  return error_of<UsageError>([&] { space_of(text); });
}

TEST(SearchSpace, ReadsEveryKindOfRange) {
  const SearchSpace space = space_of(
      "\"loss.weight\" = { log = [0.1, 10] }\nwidth = { int = [4, 16], step = 4 }\n"
      "norm = { choice = [\"layer\", \"none\"] }\n");
  ASSERT_EQ(space.dimensions().size(), 3u);
  EXPECT_NEAR(space.dimensions()[0].at(0.5).number(), 1, 1e-12);
  EXPECT_EQ(space.dimensions()[1].grid(0), (std::vector<Value>{4, 8, 12, 16}));
  EXPECT_EQ(space.dimensions()[2].at(0.99), Value("none"));
}

TEST(SearchSpace, TakesKeysSpelledAsTables) {
  EXPECT_EQ(space_of("loss.weight = { uniform = [1, 2] }\n").dimensions()[0].key, "loss.weight");
}

TEST(SearchSpace, CoversARangeEvenly) {
  const SearchSpace space = space_of("width = { int = [1, 3] }\n");
  int counts[4] = {};
  for (int i = 0; i < 300; ++i) ++counts[static_cast<int>(space.dimensions()[0].at((i + 0.5) / 300).number())];
  EXPECT_EQ(counts[1], 100);
  EXPECT_EQ(counts[2], 100);
  EXPECT_EQ(counts[3], 100);
}

TEST(SearchSpace, GridIncludesBothEnds) {
  const std::vector<Value> values = space_of("\"loss.weight\" = { log = [0.1, 10] }\n").dimensions()[0].grid(3);
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(values[0].number(), 0.1);
  EXPECT_NEAR(values[1].number(), 1, 1e-12);
  EXPECT_EQ(values[2].number(), 10);
}

TEST(SearchSpace, RefusesWhatCannotBe) {
  EXPECT_EQ(complaint("\"loss.wieght\" = { log = [1, 2] }\n"),
            "s.toml:2: unknown key \"loss.wieght\"; did you mean \"loss.weight\"?");
  EXPECT_EQ(complaint("width = { int = [5, 2] }\n"), "s.toml:2: width: int = [5, 2]: the range is inverted");
  EXPECT_EQ(complaint("width = { int = [5, 5] }\n"), "s.toml:2: width: int = [5, 5]: the range is empty");
  EXPECT_EQ(complaint("\"loss.weight\" = { log = [0, 2] }\n"),
            "s.toml:2: loss.weight: log = [0, 2]: a logarithmic range must be above 0");
  EXPECT_EQ(complaint("width = { unifrom = [1, 2] }\n"),
            "s.toml:2: width: there is no range \"unifrom\"; did you mean \"uniform\"?");
  EXPECT_EQ(complaint("width = { int = [1, 1000] }\n"),
            "s.toml:2: width = 1000: expected a whole number from 1 to 100");
  EXPECT_EQ(complaint("norm = { choice = [\"layer\", \"nune\"] }\n"),
            "s.toml:2: norm = \"nune\": expected \"layer\" or \"none\"; did you mean \"none\"?");
  EXPECT_EQ(complaint("norm = { choice = [] }\n"), "s.toml:2: norm: choice = []: expected a list of values");
  EXPECT_EQ(complaint("width = 3\n"),
            "s.toml:2: width: expected a range, for instance { log = [0.1, 10] } or { choice = [1, 2] }");
}

}  // namespace
}  // namespace atelier
