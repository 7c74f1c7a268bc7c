#include "datasets/recipe.h"

#include <gmock/gmock.h>

#include <map>
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
truth = "pictures/below"
smooth = true
val = 0.1
group = "name"
encoding = "jpeg"
quality = 80
shards = 5
column.b-2 = { folder = "pictures" }
column.a = { folder = "pictures/below", size = 256 }
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
  EXPECT_EQ(set.truth, "pictures/below");
  EXPECT_TRUE(set.smooth);
  EXPECT_EQ(set.val, 0.1);
  EXPECT_EQ(set.group, "name");
  EXPECT_EQ(set.encoding, "jpeg");
  EXPECT_EQ(set.quality, 80);
  EXPECT_EQ(set.shards, 5);
  ASSERT_EQ(set.columns.size(), 2u);
  EXPECT_EQ(set.columns[0].name, "a");
  EXPECT_EQ(set.columns[0].folder, "pictures/below");
  EXPECT_EQ(set.columns[0].size, 256);
  EXPECT_EQ(set.columns[1].name, "b-2");
  EXPECT_EQ(set.columns[1].size, 128);  // Of the images.
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
  EXPECT_THAT(refusal("name = \"a/b\"\n[set.a]\ninputs = [\"pictures\"]\n"),
              AllOf(HasSubstr("r.toml:1"), HasSubstr("a/b")));
  EXPECT_THAT(refusal("[sets.a]\ninputs = []\n"), HasSubstr("r.toml:2"));
  EXPECT_THAT(refusal("name = \"x\"\n"), HasSubstr("[set.photos]"));
  EXPECT_THAT(refusal(""), HasSubstr("[set.photos]"));
  EXPECT_THAT(refusal("[set.a]\nsize = 64\n"), HasSubstr("set.a.inputs is missing"));
  EXPECT_THAT(refusal("[set.a]\ninputs = [\"nowhere\"]\n"),
              AllOf(HasSubstr("r.toml:2"), HasSubstr("nowhere does not exist")));
  EXPECT_THAT(refusal(set + "truth = \"nowhere\"\n"),
              AllOf(HasSubstr("r.toml:3"), HasSubstr("nowhere does not exist")));
  EXPECT_THAT(refusal(set + "truth = \"pictures/notes.txt\"\n"),
              AllOf(HasSubstr("r.toml:3"), HasSubstr("is not a folder")));
  EXPECT_THAT(refusal(set + "column.a.folder = \"nowhere\"\n"),
              AllOf(HasSubstr("r.toml:3"), HasSubstr("nowhere does not exist")));
  EXPECT_THAT(refusal(set + "column.a.size = 64\n"), HasSubstr("set.a.column.a.folder is missing"));
  EXPECT_THAT(refusal(set + "column.a.colour = 64\n"), AllOf(HasSubstr("r.toml:3"), HasSubstr("set.a.column.a.")));
  for (const std::string taken : {"images", "truth", "digests", "\"a/b\"", "\"a.b\""}) {
    EXPECT_THAT(refusal(set + "column." + taken + ".folder = \"pictures\"\n"),
                AllOf(HasSubstr("r.toml:3"), HasSubstr("cannot be called")));
  }
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

/// With true pictures for all three, of other formats.
class TruthTest : public RecipeTest {
 protected:
  TruthTest() {
    for (const std::string name : {"scene-01.png", "scene-02.png", "below/other.jpg", "of-nothing.png"}) add(name);
  }
  void add(const std::string& name) {
    make_folder((scratch_ / ("drawn/" + name)).parent_path());
    write_file(scratch_ / ("drawn/" + name), "x");
  }
  std::map<std::string, std::string> truths(const std::string& inputs) {
    const Recipe recipe = read("[set.a]\ninputs = [" + inputs + "]\ntruth = \"drawn\"\n");
    std::map<std::string, std::string> found;
    for (const Source& source : list_sources(recipe, recipe.sets[0])) {
      found[source.name] = source.pairs.at(0).lexically_relative(scratch_.path());
    }
    return found;
  }
  std::string problem(const std::string& inputs) {
    return error_of<UsageError>([&] { truths(inputs); });
  }
};

TEST_F(TruthTest, HasThePlaceOfItsPictureUpToTheExtension) {
  EXPECT_THAT(truths("\"pictures\""),
              ::testing::ElementsAre(std::pair("pictures/below/other.PNG", "drawn/below/other.jpg"),
                                     std::pair("pictures/scene-01.jpg", "drawn/scene-01.png"),
                                     std::pair("pictures/scene-02.jpg", "drawn/scene-02.png")));
}

TEST_F(TruthTest, OfAFileHasItsName) {
  EXPECT_THAT(truths("\"pictures/scene-02.jpg\""),
              ::testing::ElementsAre(std::pair("pictures/scene-02.jpg", "drawn/scene-02.png")));
}

TEST_F(TruthTest, ThatIsMissingIsNamed) {
  std::filesystem::remove(scratch_ / "drawn/below/other.jpg");
  EXPECT_THAT(problem("\"pictures\""), AllOf(HasSubstr("set.a.truth"), HasSubstr("below/other"), HasSubstr("drawn"),
                                             HasSubstr("pictures/below/other.PNG"), Not(HasSubstr("\n"))));
}

TEST_F(TruthTest, OfWhichThereAreTwoIsNotGuessed) {
  add("scene-01.webp");
  EXPECT_THAT(problem("\"pictures\""),
              AllOf(HasSubstr("scene-01.webp"), HasSubstr("scene-01.png"), Not(HasSubstr("\n"))));
}

TEST_F(TruthTest, ThatIsWrittenAnewChangesTheDigestOfTheSources) {
  const Recipe recipe = read("[set.a]\ninputs = [\"pictures\"]\ntruth = \"drawn\"\n");
  const auto digest = [&] { return sources_digest(list_sources(recipe, recipe.sets[0])); };
  const std::uint64_t before = digest();
  EXPECT_EQ(digest(), before);
  write_file(scratch_ / "drawn/scene-01.png", "changed");
  EXPECT_NE(digest(), before);
}

TEST_F(RecipeTest, FolderWithoutPicturesIsRefused) {
  make_folder(scratch_ / "empty");
  const Recipe recipe = read("[set.a]\ninputs = [\"empty\"]\n");
  EXPECT_THAT(error_of<UsageError>([&] { list_sources(recipe, recipe.sets[0]); }),
              AllOf(HasSubstr("no pictures"), HasSubstr("empty"), Not(HasSubstr("\n"))));
}

TEST_F(RecipeTest, ResolvedTextReadsBackAsTheSameSet) {
  const Recipe recipe = read("[set.a]\ninputs = [\"pictures\"]\nsize = 77\n");
  // Without truth, so that what was packed before there was that key is still up to date.
  EXPECT_THAT(recipe.to_toml(recipe.sets[0]), AllOf(HasSubstr("size = 77\n"), HasSubstr("val = 0.2\n"),
                                                    Not(HasSubstr("truth")), Not(HasSubstr("column"))));
}

}  // namespace
}  // namespace atelier
