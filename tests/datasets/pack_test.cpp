#include "datasets/pack.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include "datasets/edge_smoothing.h"
#include "framework/core/error.h"
#include "framework/data/image_set.h"
#include "framework/images/image_file.h"
#include "framework/images/resize.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/digest.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"
#include "tests/test_picture.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PackTest : public ::testing::Test {
 protected:
  PackTest() {
    make_folder(scratch_ / "pictures");
    for (int i = 0; i < 10; ++i) write_image(picture(i), test_picture(80 + i, 100, i));
  }
  fs::path picture(int i) const { return scratch_ / ("pictures/p" + std::to_string(i) + ".png"); }

  /// `keys` follow those that all tests share.
  Recipe recipe(const std::string& keys) const {
    const std::string text = "name = \"test\"\n[set.a]\ninputs = [\"pictures\"]\nsize = 64\n" + keys;
    return Recipe::from(Document::from_text(text, "r.toml", scratch_.path()));
  }
  fs::path packed(const std::string& keys, const std::string& out = "out", unsigned threads = 2) {
    pack(recipe(keys), scratch_ / out, *alone_, {.threads = threads});
    return scratch_ / out / "a";
  }
  static std::map<std::string, std::string> contents(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder)) files[entry.path().filename()] = read_file(entry.path());
    return files;
  }

  ScratchFolder scratch_;
  std::unique_ptr<Communicator> alone_ = make_serial_communicator();
};

TEST_F(PackTest, EveryPictureIsPackedOnceCutScaledAndNamed) {
  const fs::path set = packed("cut = \"center\"\nsmooth = true\nval = 0.3\n");
  std::set<std::string> sources;
  for (const std::string split : {"train", "val"}) {
    const ImageSet images = ImageSet::open(set, split);
    EXPECT_EQ(images.size(), split == "val" ? 3 : 7);
    for (std::int64_t i = 0; i < images.size(); ++i) {
      sources.insert(images.source(i));
      const int number = images.source(i)[10] - '0';  // pictures/pN.png
      const int side = 80 + number, left = (100 - side) / 2;
      const std::string box =
          "#xywh=" + std::to_string(left) + ",0," + std::to_string(side) + "," + std::to_string(side);
      EXPECT_EQ(images.source(i), "pictures/p" + std::to_string(number) + ".png" + box);
      const Image expected = resize(test_picture(side, 100, number).cut({0, left, side, side}), 64, 64);
      Image image;
      images.column().read(i, image);
      EXPECT_EQ(image, expected);
      images.column("smoothed").read(i, image);
      EXPECT_EQ(image, smooth_edges(expected));
    }
  }
  EXPECT_EQ(sources.size(), 10u);
}

TEST_F(PackTest, TruePicturesAreCutAndScaledAsTheirPhotos) {
  make_folder(scratch_ / "drawn");
  for (int i = 0; i < 10; ++i) {
    write_image(scratch_ / ("drawn/p" + std::to_string(i) + ".png"), test_picture(80 + i, 100, i + 50));
  }
  const fs::path set = packed("cut = \"random\"\nper_image = 3\nscale = 1.25\ntruth = \"drawn\"\n");
  for (const std::string split : {"train", "val"}) {
    const ImageSet images = ImageSet::open(set, split);
    for (std::int64_t i = 0; i < images.size(); ++i) {
      int number = 0, left = 0, top = 0, width = 0, height = 0;
      ASSERT_EQ(std::sscanf(images.source(i).c_str(), "pictures/p%d.png#xywh=%d,%d,%d,%d", &number, &left, &top, &width,
                            &height),
                5);
      const auto expected = [&](int shift) {
        return resize(test_picture(80 + number, 100, number + shift).cut({top, left, height, width}), 64, 64);
      };
      Image image;
      images.column().read(i, image);
      EXPECT_EQ(image, expected(0));
      images.column("truth").read(i, image);
      EXPECT_EQ(image, expected(50));
    }
  }
}

TEST_F(PackTest, ATruePictureOfAnotherSizeIsNamed) {
  make_folder(scratch_ / "drawn");
  for (int i = 0; i < 10; ++i) {
    write_image(scratch_ / ("drawn/p" + std::to_string(i) + ".png"), test_picture(80 + i, i == 3 ? 90 : 100, i));
  }
  EXPECT_THAT(error_of<Error>([&] { packed("cut = \"center\"\ntruth = \"drawn\"\n"); }),
              AllOf(HasSubstr("drawn/p3.png: is 90 x 83"), HasSubstr("pictures/p3.png"), HasSubstr("100 x 83"),
                    Not(HasSubstr("\n"))));
}

TEST_F(PackTest, APairedColumnIsCutAtTheSamePlaceAndHasASizeOfItsOwn) {
  make_folder(scratch_ / "large");
  for (int i = 0; i < 10; ++i) {
    write_image(scratch_ / ("large/p" + std::to_string(i) + ".png"), test_picture(160 + 2 * i, 200, i + 50));
  }
  const fs::path set =
      packed("cut = \"random\"\nper_image = 3\nsmooth = true\ncolumn.target = { folder = \"large\", size = 128 }\n");
  for (const std::string split : {"train", "val"}) {
    const ImageSet images = ImageSet::open(set, split);
    EXPECT_TRUE(images.has("smoothed"));
    const ImageColumn target = images.column("target");
    EXPECT_EQ(target.width(), 128);
    for (std::int64_t i = 0; i < images.size(); ++i) {
      int number = 0, left = 0, top = 0;
      ASSERT_EQ(std::sscanf(images.source(i).c_str(), "pictures/p%d.png#xywh=%d,%d,64,64", &number, &left, &top), 3);
      Image image;
      images.column().read(i, image);
      EXPECT_EQ(image, test_picture(80 + number, 100, number).cut({top, left, 64, 64}));
      target.read(i, image);
      EXPECT_EQ(image, test_picture(160 + 2 * number, 200, number + 50).cut({2 * top, 2 * left, 128, 128}));
    }
  }
}

TEST_F(PackTest, APairedPictureOfAnotherShapeIsNamed) {
  make_folder(scratch_ / "large");
  for (int i = 0; i < 10; ++i) {
    write_image(scratch_ / ("large/p" + std::to_string(i) + ".png"), test_picture(160 + 2 * i, i == 3 ? 180 : 200, i));
  }
  EXPECT_THAT(error_of<Error>([&] { packed("cut = \"center\"\ncolumn.target.folder = \"large\"\n"); }),
              AllOf(HasSubstr("large/p3.png: is 180 x 166"), HasSubstr("pictures/p3.png, whose target it is, 100 x 83"),
                    Not(HasSubstr("\n"))));
}

TEST_F(PackTest, BytesDoNotDependOnThreads) {
  for (const std::string encoding : {"raw", "jpeg", "png"}) {
    const std::string keys =
        "cut = \"random\"\nper_image = 5\nsmooth = true\nshards = 3\nencoding = \"" + encoding + "\"\n";
    const auto one = contents(packed(keys, "one-" + encoding, 1)), four = contents(packed(keys, "four-" + encoding, 4));
    EXPECT_EQ(one.size(), 5u);
    EXPECT_EQ(one, four);
  }
}

TEST_F(PackTest, ImagesDoNotDependOnShards) {
  const std::string keys = "cut = \"random\"\nper_image = 5\n";
  EXPECT_EQ(ImageSet::open(packed(keys + "shards = 1\n", "one"), "train").digest(),
            ImageSet::open(packed(keys + "shards = 7\n", "seven"), "train").digest());
}

TEST_F(PackTest, AgainDoesNothingUntilRecipeOrPicturesChange) {
  const std::string keys = "cut = \"center\"\n";
  const fs::path manifest = packed(keys) / "dataset.toml";
  const auto made = [&] { return Manifest::read(manifest.parent_path()).made_from; };
  const auto first = fs::last_write_time(manifest);
  const std::string first_made = made();
  packed(keys);
  EXPECT_EQ(fs::last_write_time(manifest), first);

  packed("cut = \"center\"\nval = 0.5\n");
  EXPECT_NE(made(), first_made);
  EXPECT_EQ(ImageSet::open(manifest.parent_path(), "val").size(), 5);

  packed(keys);
  write_image(picture(10), test_picture(90, 90, 10));
  packed(keys);
  EXPECT_EQ(
      ImageSet::open(manifest.parent_path(), "train").size() + ImageSet::open(manifest.parent_path(), "val").size(),
      11);
}

TEST_F(PackTest, WhatTrainingsCachedBesideASetStaysUntilItIsPackedAnew) {
  const std::string keys = "cut = \"center\"\n";
  const fs::path set = packed(keys), cached = set / "cache/content-0123456789abcdef.bin";
  make_folder(cached.parent_path());
  write_file(cached, "targets");
  packed(keys);  // Up to date.
  EXPECT_EQ(read_file(cached), "targets");
  EXPECT_EQ(ImageSet::open(set, "train").size(), 8);  // 2 of 10 are held out.
  packed("cut = \"center\"\nval = 0.5\n");
  EXPECT_FALSE(fs::exists(cached.parent_path()));
  for (const auto& left : fs::directory_iterator(set.parent_path())) EXPECT_EQ(left.path(), set);
}

TEST_F(PackTest, AMissingShardIsPackedAgain) {
  const fs::path set = packed("cut = \"center\"\n");
  fs::remove(set / "train-00000-of-00001.h5");
  packed("cut = \"center\"\n");
  EXPECT_GT(ImageSet::open(set, "train").size(), 0);
}

TEST_F(PackTest, ABadPictureIsNamedAndNothingIsLeft) {
  std::ofstream(picture(4), std::ios::binary) << read_file(picture(3)).substr(0, 300);
  EXPECT_THAT(error_of<Error>([&] { packed("cut = \"center\"\n"); }), AllOf(HasSubstr("p4.png"), Not(HasSubstr("\n"))));
  EXPECT_TRUE(fs::is_empty(scratch_ / "out"));
}

TEST_F(PackTest, APictureOfAnotherSizeIsNamed) {
  EXPECT_THAT(error_of<Error>([&] { packed(""); }), AllOf(HasSubstr("p0.png: is 100 x 80"), HasSubstr("center")));
}

TEST_F(PackTest, AFolderOfSomethingElseIsNeverReplaced) {
  make_folder(scratch_ / "out/a");
  write_file(scratch_ / "out/a/thesis.txt", "precious");
  EXPECT_THAT(error_of<UsageError>([&] { packed("cut = \"center\"\n"); }), HasSubstr("not an Atelier data set"));
  EXPECT_EQ(read_file(scratch_ / "out/a/thesis.txt"), "precious");
}

TEST_F(PackTest, GroupsStayInOneSplit) {
  for (int i = 0; i < 10; ++i) {
    for (const char* part : {"-1", "-2", "-3"})
      write_image(scratch_ / ("pictures/g" + std::to_string(i) + part + ".png"), test_picture(64, 64, i));
    fs::remove(picture(i));
  }
  const fs::path set = packed("group = \"name\"\nval = 0.4\n");
  std::set<char> train, val;
  for (const std::string split : {"train", "val"}) {
    const ImageSet images = ImageSet::open(set, split);
    for (std::int64_t i = 0; i < images.size(); ++i) (split == "val" ? val : train).insert(images.source(i)[10]);
  }
  EXPECT_EQ(val.size(), 4u);
  EXPECT_EQ(train.size(), 6u);
}

TEST(StarterSet, HoldsItsPicturesAndEnoughForValidation) {
  const ScratchFolder scratch;
  const fs::path file = fs::path(ATELIER_SOURCE_DIR) / "datasets/starter.toml";
  pack(Recipe::from(Document::from_file(file)), scratch.path(), *make_serial_communicator());
  const auto size = [&](const char* set, const char* split) { return ImageSet::open(scratch / set, split).size(); };
  EXPECT_EQ(size("photos", "train") + size("photos", "val"), 79);
  EXPECT_EQ(size("anime", "train") + size("anime", "val"), 107);
  EXPECT_GE(size("photos", "val"), 12);
  EXPECT_LE(size("photos", "val"), 20);
  EXPECT_GE(size("anime", "val"), 18);
  EXPECT_LE(size("anime", "val"), 25);
  EXPECT_TRUE(ImageSet::open(scratch / "anime", "train").has("smoothed"));
}

}  // namespace
}  // namespace atelier
