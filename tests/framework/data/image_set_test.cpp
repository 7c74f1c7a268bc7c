#include "framework/data/image_set.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "framework/core/error.h"
#include "framework/images/image_file.h"
#include "tests/error_of.h"
#include "tests/framework/data/small_set.h"
#include "tests/scratch_folder.h"

// A damaged shard makes HDF5 ask for absurd sizes, and it copes with getting none.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string refusal(const std::filesystem::path& folder, const std::string& split = "train") {
  return error_of<UsageError>([&] { ImageSet::open(folder, split); });
}

auto one_line_with(const std::string& a, const std::string& b) {
  return AllOf(HasSubstr(a), HasSubstr(b), Not(HasSubstr("\n")));
}

class EveryEncoding : public ::testing::TestWithParam<Encoding> {};

TEST_P(EveryEncoding, ComesBackAsItWasPacked) {
  const ScratchFolder scratch;
  write_small_set(scratch / "set", GetParam(), 7, 32, 3, true, true, true);
  const ImageSet set = ImageSet::open(scratch / "set", "train");
  const ImageColumn images = set.column(), smooth = set.column("smoothed"), truths = set.column("truth"),
                    larges = set.column("large");
  ASSERT_EQ(set.size(), 7);
  EXPECT_EQ(set.height(), 32);
  EXPECT_EQ(set.width(), 32);
  EXPECT_EQ(larges.height(), 64);
  EXPECT_EQ(larges.width(), 64);
  for (int i = 0; i < 7; ++i) {
    const auto plain = encode(test_picture(32, 32, i), GetParam(), 95);
    const auto smoothed = encode(other_picture(32, i), GetParam(), 95);
    const auto large = encode(large_picture(32, i), GetParam(), 95);
    EXPECT_THAT(images.stored(i), ::testing::ElementsAreArray(plain));
    const auto truth = encode(true_picture(32, i), GetParam(), 95);
    EXPECT_THAT(smooth.stored(i), ::testing::ElementsAreArray(smoothed));
    EXPECT_THAT(truths.stored(i), ::testing::ElementsAreArray(truth));
    EXPECT_EQ(images.stored_digest(i), digest(plain));
    EXPECT_EQ(smooth.stored_digest(i), digest(smoothed));
    EXPECT_EQ(truths.stored_digest(i), digest(truth));
    EXPECT_EQ(larges.stored_digest(i), digest(large));
    EXPECT_EQ(set.source(i), "picture-" + std::to_string(i));
    Image image;
    images.read(i, image);
    EXPECT_EQ(image, GetParam() == Encoding::raw ? test_picture(32, 32, i) : decode_image(plain, "plain"));
    smooth.read(i, image);
    EXPECT_EQ(image, GetParam() == Encoding::raw ? other_picture(32, i) : decode_image(smoothed, "smoothed"));
    truths.read(i, image);
    EXPECT_EQ(image, GetParam() == Encoding::raw ? true_picture(32, i) : decode_image(truth, "truth"));
    larges.read(i, image);
    EXPECT_EQ(image, GetParam() == Encoding::raw ? large_picture(32, i) : decode_image(large, "large"));
  }
}

TEST_P(EveryEncoding, HasTheSameDigestHoweverManyShards) {
  const ScratchFolder scratch;
  write_small_set(scratch / "one", GetParam(), 7, 32, 1, true);
  write_small_set(scratch / "four", GetParam(), 7, 32, 4, true);
  write_small_set(scratch / "less", GetParam(), 6, 32, 1, true);
  const auto digest_of = [&](const char* name) { return ImageSet::open(scratch / name, "train").digest(); };
  EXPECT_EQ(digest_of("one"), digest_of("four"));
  EXPECT_NE(digest_of("one"), digest_of("less"));
}

INSTANTIATE_TEST_SUITE_P(Encoding, EveryEncoding, ::testing::Values(Encoding::raw, Encoding::jpeg, Encoding::png),
                         [](const auto& encoding) { return std::string(name_of(encoding.param)); });

TEST(ImageSet, TruePicturesAreThereWithoutSmoothedOnesAndChangeTheDigest) {
  const ScratchFolder scratch;
  write_small_set(scratch / "plain", Encoding::raw, 3, 16);
  write_small_set(scratch / "truth", Encoding::raw, 3, 16, 1, false, true);
  const ImageSet plain = ImageSet::open(scratch / "plain", "train"), truth = ImageSet::open(scratch / "truth", "train");
  EXPECT_FALSE(plain.has("truth"));
  EXPECT_TRUE(truth.has("truth"));
  EXPECT_FALSE(truth.has("smoothed"));
  EXPECT_THAT(truth.column("truth").pixels(2), ::testing::ElementsAreArray(true_picture(16, 2).pixels()));
  EXPECT_NE(plain.digest(), truth.digest());
}

TEST(ImageSet, OfAManifestThatKnowsNothingOfTruePicturesOpens) {
  // As those were that were packed before there were any.
  const ScratchFolder scratch;
  write_small_set(scratch / "set", Encoding::raw, 3, 16);
  std::string manifest = read_file(scratch / "set/dataset.toml");
  const std::string line = "truth = false\n";
  ASSERT_NE(manifest.find(line), std::string::npos);
  write_file(scratch / "set/dataset.toml", manifest.erase(manifest.find(line), line.size()));
  EXPECT_EQ(ImageSet::open(scratch / "set", "train").size(), 3);
}

TEST(ImageSet, AColumnOfItsOwnSizeChangesTheDigestAndIsNamedWhereAnotherIsWanted) {
  const ScratchFolder scratch;
  write_small_set(scratch / "plain", Encoding::raw, 3, 16);
  write_small_set(scratch / "large", Encoding::raw, 3, 16, 1, false, false, true);
  const ImageSet plain = ImageSet::open(scratch / "plain", "train"), large = ImageSet::open(scratch / "large", "train");
  EXPECT_NE(plain.digest(), large.digest());
  EXPECT_THAT(
      error_of<UsageError>([&] { large.column("small"); }),
      one_line_with("no column \"small\": choose \"images\" or \"large\"", "column.small = { folder = \"FOLDER\""));
  // A manifest of the other set: its columns are not those of the shard.
  std::filesystem::copy_file(scratch / "plain/dataset.toml", scratch / "large/dataset.toml",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(refusal(scratch / "large"), one_line_with("train-00000-of-00001.h5", "another data set"));
}

TEST(ImageSet, MissingFolderNamesTheCommandThatMakesIt) {
  EXPECT_THAT(refusal("/nowhere/photos"),
              one_line_with("/nowhere/photos does not exist", "atelier pack RECIPE.toml --out /nowhere"));
}

TEST(ImageSet, FolderOfSomethingElseSaysSoAndNamesTheSetsInIt) {
  const ScratchFolder scratch;
  EXPECT_THAT(refusal(scratch.path()), one_line_with("not an Atelier data set", "dataset.toml"));
  write_small_set(scratch / "photos", Encoding::raw, 1, 16);
  EXPECT_THAT(refusal(scratch.path()), one_line_with("did you mean", "photos"));
}

TEST(ImageSet, MissingSplitNamesThoseThereAre) {
  const ScratchFolder scratch;
  write_small_set(scratch / "set", Encoding::raw, 2, 16);
  EXPECT_THAT(refusal(scratch / "set", "val"), one_line_with("no split \"val\"", "\"train\""));
}

TEST(ImageSet, MissingShardIsNamed) {
  const ScratchFolder scratch;
  write_small_set(scratch / "set", Encoding::raw, 4, 16, 2);
  std::filesystem::remove(scratch / "set/train-00001-of-00002.h5");
  EXPECT_THAT(refusal(scratch / "set"), one_line_with("train-00001-of-00002.h5", "missing"));
}

TEST(ImageSet, ShardOfAnotherSetIsRefused) {
  const ScratchFolder scratch;
  write_small_set(scratch / "set", Encoding::raw, 4, 16);
  write_small_set(scratch / "other", Encoding::raw, 4, 32);
  std::filesystem::copy_file(scratch / "other/train-00000-of-00001.h5", scratch / "set/train-00000-of-00001.h5",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(refusal(scratch / "set"), one_line_with("train-00000-of-00001.h5", "another data set"));
}

TEST(ImageSet, TruncatedShardIsRefusedAtAnyLength) {
  const ScratchFolder scratch;
  for (const Encoding encoding : {Encoding::raw, Encoding::png}) {
    write_small_set(scratch / "set", encoding, 4, 64, 1, true, true);
    const auto shard = scratch / "set/train-00000-of-00001.h5";
    for (auto size = std::filesystem::file_size(shard) - 1; size > 0; size /= 2) {
      std::filesystem::resize_file(shard, size);
      EXPECT_THAT(refusal(scratch / "set"), one_line_with("train-00000-of-00001.h5", "pack the data set again"))
          << size;
      if (size < 600) break;
    }
    std::filesystem::resize_file(shard, 0);
    EXPECT_THAT(refusal(scratch / "set"), one_line_with("train-00000-of-00001.h5", "not an HDF5 file"));
  }
}

TEST(ImageSet, FileThatIsNoHdf5IsRefused) {
  const ScratchFolder scratch;
  write_small_set(scratch / "set", Encoding::raw, 2, 16);
  write_file(scratch / "set/train-00000-of-00001.h5", std::string(100000, 'x'));
  EXPECT_THAT(refusal(scratch / "set"), one_line_with("train-00000-of-00001.h5", "not an HDF5 file"));
}

TEST(ImageSet, NeverCrashesOnDamagedStructure) {
  // Whatever byte of the structure is wrong, the set opens or is refused; images that are there can be read or are
  // refused.
  const ScratchFolder scratch;
  write_small_set(scratch / "set", Encoding::png, 3, 16, 1, true, true, true);
  const auto shard = scratch / "set/train-00000-of-00001.h5";
  const std::string whole = read_file(shard);
  for (std::size_t at = 0; at < whole.size(); at += at < 2048 ? 5 : 61) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xFF);
    std::ofstream(shard, std::ios::binary) << damaged;
    try {
      const ImageSet set = ImageSet::open_shard(shard);
      Image image;
      for (const ImageColumn& column : set.columns()) {
        for (std::int64_t i = 0; i < set.size(); ++i) column.read(i, image);
      }
    } catch (const Error& refused) {
      EXPECT_THAT(refused.what(), Not(HasSubstr("\n")));
    }
  }
}

TEST(ImageSet, DamagedManifestNamesFileAndLine) {
  const ScratchFolder scratch;
  write_small_set(scratch / "set", Encoding::raw, 2, 16);
  write_file(scratch / "set/dataset.toml", "format = \"atelier-dataset\"\nversion = 99\n");
  EXPECT_THAT(refusal(scratch / "set"), one_line_with("dataset.toml:2", "version"));
}

TEST(ShardWriter, LeavesNothingWithoutCommit) {
  const ScratchFolder scratch;
  {
    ShardWriter writer(scratch / "a.h5", {{Encoding::raw, {{"images", 16, 16}}}, "train", 0, 1, 2});
    writer.put(0, {"a", {encode(test_picture(16, 16), Encoding::raw, 0)}});
    EXPECT_FALSE(std::filesystem::exists(scratch / "a.h5"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(ShardWriter, GivesTheSameBytesForTheSameImages) {
  const ScratchFolder scratch;
  for (const Encoding encoding : {Encoding::raw, Encoding::jpeg}) {
    write_small_set(scratch / "a", encoding, 5, 32, 1, true, true);
    write_small_set(scratch / "b", encoding, 5, 32, 1, true, true);
    EXPECT_EQ(read_file(scratch / "a/train-00000-of-00001.h5"), read_file(scratch / "b/train-00000-of-00001.h5"));
  }
}

TEST(ShardWriter, WritesWhatH5pyReads) {
  if (std::system("/usr/bin/python3 -c 'import h5py, numpy' 2>/dev/null") != 0) GTEST_SKIP() << "h5py is not installed";
  const ScratchFolder scratch;
  write_small_set(scratch / "raw", Encoding::raw, 5, 32, 1, true, true, true);
  write_small_set(scratch / "png", Encoding::png, 5, 32, 1, false);
  const std::string script = std::string(ATELIER_SOURCE_DIR) + "/tests/framework/data/read_with_h5py.py";
  for (const std::string name : {"raw", "png"}) {
    const std::string shard = (scratch / (name + "/train-00000-of-00001.h5")).string();
    EXPECT_EQ(std::system(("/usr/bin/python3 " + script + " " + shard + " " + name).c_str()), 0);
  }
}

}  // namespace
}  // namespace atelier
