#include "datasets/recipe.h"

#include <gmock/gmock.h>

#include <set>

#include "datasets/source_list.h"
#include "framework/core/error.h"
#include "framework/storage/atomic_file.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RecipeTest : public ::testing::Test {
 protected:
  RecipeTest() {
    for (const std::string name : {"scene-01.jpg", "scene-02.jpg", "below/other.PNG", "notes.txt", ".hidden.jpg"}) {
      make_folder((scratch_ / ("pictures/" + name)).parent_path());
      write_file(scratch_ / ("pictures/" + name), "x");
    }
  }
  Recipe read(const std::string& text) { return Recipe::from(Document::from_text(text, "r.toml", scratch_.path())); }
  std::string refusal(const std::string& text) {
    return error_of<UsageError>([&] { read(text); });
  }
  ScratchFolder scratch_;
};

TEST_F(RecipeTest, EveryKeyIsRead) {
  const Recipe recipe = read(R"(name = "mine"
seed = 3
[set.a]
inputs = ["pictures"]
size = 128
cut = "random"
per_image = 4
scale = 0.5
smooth = true
val = 0.1
group = "name"
encoding = "jpeg"
quality = 80
shards = 5
[set.b]
inputs = ["pictures/scene-01.jpg"]
)");
  ASSERT_EQ(recipe.sets.size(), 2u);
  const SetRecipe& set = recipe.sets[0];
  EXPECT_EQ(recipe.name, "mine");
  EXPECT_EQ(recipe.seed, 3);
  EXPECT_EQ(set.size, 128);
  EXPECT_EQ(set.images_per_source(), 4);
  EXPECT_EQ(set.scale, 0.5);
  EXPECT_TRUE(set.smooth);
  EXPECT_EQ(set.val, 0.1);
  EXPECT_EQ(set.group, "name");
  EXPECT_EQ(set.encoding, "jpeg");
  EXPECT_EQ(set.quality, 80);
  EXPECT_EQ(set.shards, 5);
  EXPECT_EQ(recipe.sets[1].cut, "none");
}

TEST_F(RecipeTest, MistakesAreSaidWithFileLineAndTheNearestRightOne) {
  const std::string set = "[set.a]\ninputs = [\"pictures\"]\n";
  EXPECT_THAT(refusal(set + "sise = 3\n"), AllOf(HasSubstr("r.toml:3"), HasSubstr("sise"), HasSubstr("set.a.size")));
  EXPECT_THAT(refusal(set + "cut = \"centre\"\n"), AllOf(HasSubstr("r.toml:3"), HasSubstr("did you mean \"center\"")));
  EXPECT_THAT(refusal(set + "val = 2\n"), AllOf(HasSubstr("r.toml:3"), HasSubstr("0.9")));
  EXPECT_THAT(refusal(set + "per_image = 2\n"), AllOf(HasSubstr("r.toml:3"), HasSubstr("cut = \"random\"")));
  EXPECT_THAT(refusal("[set]\nsize = 3\n"), AllOf(HasSubstr("r.toml:2"), HasSubstr("[set.photos]")));
  EXPECT_THAT(refusal("[set.\"../a\"]\nsize = 30\n"), AllOf(HasSubstr("r.toml:2"), HasSubstr("../a")));
  EXPECT_THAT(refusal("[sets.a]\ninputs = []\n"), HasSubstr("r.toml:2"));
  EXPECT_THAT(refusal("name = \"x\"\n"), HasSubstr("[set.photos]"));
  EXPECT_THAT(refusal(""), HasSubstr("[set.photos]"));
  EXPECT_THAT(refusal("[set.a]\nsize = 64\n"), HasSubstr("set.a.inputs is missing"));
  EXPECT_THAT(refusal("[set.a]\ninputs = [\"nowhere\"]\n"),
              AllOf(HasSubstr("r.toml:2"), HasSubstr("nowhere does not exist")));
}

TEST_F(RecipeTest, PicturesAreFoundBelowAndSortedByName) {
  const Recipe recipe = read("[set.a]\ninputs = [\"pictures\", \"pictures/scene-02.jpg\"]\n");
  std::vector<std::string> names;
  for (const Source& source : list_sources(recipe, recipe.sets[0])) names.push_back(source.name);
  EXPECT_THAT(names,
              ::testing::ElementsAre("pictures/below/other.PNG", "pictures/scene-01.jpg", "pictures/scene-02.jpg"));
}

TEST_F(RecipeTest, GroupByNameTakesTheNumberBehindTheLastDashAway) {
  const Recipe recipe = read("[set.a]\ninputs = [\"pictures\"]\ngroup = \"name\"\n");
  std::set<std::string> groups;
  for (const Source& source : list_sources(recipe, recipe.sets[0])) groups.insert(source.group);
  EXPECT_THAT(groups, ::testing::ElementsAre("pictures/below/other", "pictures/scene"));
}

TEST_F(RecipeTest, FolderWithoutPicturesIsRefused) {
  make_folder(scratch_ / "empty");
  const Recipe recipe = read("[set.a]\ninputs = [\"empty\"]\n");
  EXPECT_THAT(error_of<UsageError>([&] { list_sources(recipe, recipe.sets[0]); }),
              AllOf(HasSubstr("no pictures"), HasSubstr("empty"), Not(HasSubstr("\n"))));
}

TEST_F(RecipeTest, ResolvedTextReadsBackAsTheSameSet) {
  const Recipe recipe = read("[set.a]\ninputs = [\"pictures\"]\nsize = 77\n");
  EXPECT_THAT(recipe.to_toml(recipe.sets[0]), AllOf(HasSubstr("size = 77\n"), HasSubstr("val = 0.2\n")));
}

}  // namespace
}  // namespace atelier
