#include "framework/data/batch_loader.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "framework/core/error.h"
#include "tests/error_of.h"
#include "tests/framework/data/small_set.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

constexpr int side = 20, crop = 12, images = 9;

class BatchLoaderTest : public ::testing::Test {
 protected:
  static ImageSet make_set(const std::filesystem::path& folder) {
    write_small_set(folder, Encoding::raw, images, side, 2, true, true, true);
    return ImageSet::open(folder, "train");
  }

  static std::vector<float> load(const BatchLoader& loader, std::int64_t first, std::int64_t count) {
    std::vector<float> out(count * loader.floats_per_sample());
    loader.fill(first, count, out.data());
    return out;
  }

  ScratchFolder scratch_;
  const ImageSet set_ = make_set(scratch_ / "set");
};

/// The crop of an image as the loader's contract describes it, number by number.
std::vector<float> expected_sample(const Image& image, int top, int left, bool flipped, int size) {
  std::vector<float> sample;
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        const int column = left + (flipped ? size - 1 - x : x);
        sample.push_back(static_cast<float>(image.row(top + y)[3 * column + channel]) / 255.f);
      }
    }
  }
  return sample;
}

TEST_F(BatchLoaderTest, WholeImagesArePlanarRgbFrom0To1) {
  const BatchLoader loader(set_.column(), {.crop = side, .flip = false});
  for (int n = 0; n < images; ++n) {
    const Image image = test_picture(side, side, static_cast<int>(loader.image(n)));
    EXPECT_EQ(load(loader, n, 1), expected_sample(image, 0, 0, false, side));
  }
}

TEST_F(BatchLoaderTest, EverySampleIsACropOfItsImageAndAllPlacesAndFlipsHappen) {
  const BatchLoader loader(set_.column(), {.crop = crop, .flip = true, .seed = 5, .stream = 2});
  std::set<int> tops, lefts;
  int flips = 0;
  constexpr int samples = 400;
  for (int n = 0; n < samples; ++n) {
    const Image image = test_picture(side, side, static_cast<int>(loader.image(n)));
    const auto sample = load(loader, n, 1);
    int found = 0;
    for (int place = 0; place < 2 * (side - crop + 1) * (side - crop + 1); ++place) {
      const bool flipped = place % 2;
      const int top = place / 2 / (side - crop + 1), left = place / 2 % (side - crop + 1);
      if (sample != expected_sample(image, top, left, flipped, crop)) continue;
      ++found;
      tops.insert(top);
      lefts.insert(left);
      flips += flipped;
    }
    ASSERT_EQ(found, 1) << n;
  }
  EXPECT_EQ(tops.size(), side - crop + 1u);
  EXPECT_EQ(lefts.size(), side - crop + 1u);
  EXPECT_NEAR(flips, samples / 2, 50);  // Five standard deviations.
}

TEST_F(BatchLoaderTest, ChannelsLastAreTheSameNumbersSideBySide) {
  BatchLoader::Options options{.crop = crop, .flip = true, .seed = 5};
  const std::vector<float> planar = load(BatchLoader(set_.column(), options), 0, 20);
  options.channels_last = true;
  const BatchLoader loader(set_.column(), options);
  const std::vector<float> side_by_side = load(loader, 0, 20);
  bool both[2] = {};
  for (int n = 0; n < 20; ++n) {
    both[loader.flipped(n)] = true;
    for (int place = 0; place < crop * crop; ++place) {
      for (int c = 0; c < 3; ++c) {
        ASSERT_EQ(side_by_side[(n * crop * crop + place) * 3 + c], planar[(n * 3 + c) * crop * crop + place]);
      }
    }
  }
  EXPECT_TRUE(both[0] && both[1]);
}

TEST_F(BatchLoaderTest, ASampleIsTheSameInAnyBatchAndAfterAnyRestart) {
  const BatchLoader::Options options{.crop = crop, .flip = true, .seed = 5, .stream = 2};
  const auto all = load(BatchLoader(set_.column(), options), 0, 40);
  const BatchLoader again(set_.column(), options);
  for (const std::int64_t first : {31, 7, 0}) {
    const auto part = load(again, first, 5);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + first * again.floats_per_sample()));
  }
}

TEST_F(BatchLoaderTest, SmoothedOnesComeFromTheSmoothedCopies) {
  const BatchLoader loader(set_.column("smoothed"), {.crop = side, .flip = false});
  const Image image = other_picture(side, static_cast<int>(loader.image(3)));
  EXPECT_EQ(load(loader, 3, 1), expected_sample(image, 0, 0, false, side));
}

TEST_F(BatchLoaderTest, TruePicturesAreCutAndFlippedAsTheirImages) {
  const BatchLoader photos(set_.column(), {.crop = crop, .flip = true, .seed = 5});
  const BatchLoader truths(set_.column("truth"), {.crop = crop, .flip = true, .seed = 5});
  for (int n = 0; n < 2 * images; ++n) {
    const int number = static_cast<int>(photos.image(n));
    const auto photo = load(photos, n, 1), truth = load(truths, n, 1);
    int found = 0;
    for (int top = 0; top <= side - crop; ++top) {
      for (int left = 0; left <= side - crop; ++left) {
        for (const bool flipped : {false, true}) {
          if (photo != expected_sample(test_picture(side, side, number), top, left, flipped, crop)) continue;
          EXPECT_EQ(truth, expected_sample(true_picture(side, number), top, left, flipped, crop));
          ++found;
        }
      }
    }
    EXPECT_EQ(found, 1);
  }
}

TEST_F(BatchLoaderTest, FixedOnesAreTheMiddlesInOrder) {
  const BatchLoader loader(set_.column(), {.crop = crop, .flip = true, .seed = 5, .order = BatchLoader::Order::fixed});
  for (int n = 0; n < 2 * images; ++n) {
    EXPECT_EQ(load(loader, n, 1), expected_sample(test_picture(side, side, n % images), 4, 4, false, crop));
  }
}

TEST_F(BatchLoaderTest, EncodedSetsGiveWhatRawOnesGive) {
  write_small_set(scratch_ / "png", Encoding::png, images, side, 1, true, true, true);
  const ImageSet encoded = ImageSet::open(scratch_ / "png", "train");
  const BatchLoader::Options options{.crop = crop, .flip = true};
  for (const std::string column : {"images", "smoothed", "truth", "large"}) {
    EXPECT_EQ(load(BatchLoader(encoded.column(column), options), 0, 20),
              load(BatchLoader(set_.column(column), options), 0, 20));
  }
}

/// Each number of N x 3 x size x size four times, as N x 3 x 2 size x 2 size.
std::vector<float> doubled(const std::vector<float>& planes, int size) {
  std::vector<float> result;
  for (std::size_t row = 0; row < planes.size() / size; ++row) {
    for (int twice = 0; twice < 2; ++twice) {
      for (int x = 0; x < 2 * size; ++x) result.push_back(planes[row * size + x / 2]);
    }
  }
  return result;
}

TEST_F(BatchLoaderTest, AColumnOfTwiceTheSizeShowsTheSamePartOfTheSameItems) {
  for (const BatchLoader::Order order : {BatchLoader::Order::shuffled, BatchLoader::Order::fixed}) {
    const BatchLoader::Options options{.crop = crop, .flip = true, .seed = 5, .stream = 2, .order = order};
    const BatchLoader small(set_.column(), options), large(set_.column("large"), options);
    EXPECT_EQ(large.crop(), 2 * crop);
    EXPECT_EQ(large.floats_per_sample(), 4 * small.floats_per_sample());
    EXPECT_EQ(load(large, 0, 30), doubled(load(small, 0, 30), crop));
  }
}

TEST_F(BatchLoaderTest, AColumnThatIsNoMultipleIsShownWholeOrRefused) {
  // 20 x 20 beside 30 x 30: half a pixel has no place.
  ShardWriter writer(scratch_ / "val-00000-of-00001.h5",
                     {{Encoding::raw, {{"images", side, side}, {"more", 30, 30}}}, "val", 0, 1, 1});
  writer.put(
      0, {"x",
          {encode(test_picture(side, side, 1), Encoding::raw, 0), encode(test_picture(30, 30, 2), Encoding::raw, 0)}});
  writer.commit();
  const ImageSet set = ImageSet::open_shard(scratch_ / "val-00000-of-00001.h5");
  const BatchLoader whole(set.column("more"), {.crop = side, .flip = false});
  EXPECT_EQ(load(whole, 0, 1), expected_sample(test_picture(30, 30, 2), 0, 0, false, 30));
  EXPECT_THAT(error_of<UsageError>([&] { BatchLoader(set.column("more"), {.crop = crop}); }),
              ::testing::AllOf(::testing::HasSubstr("\"more\""), ::testing::HasSubstr("30 x 30"),
                               ::testing::HasSubstr("20 x 20")));
}

TEST_F(BatchLoaderTest, ACropLargerThanTheImagesIsRefused) {
  EXPECT_THAT(error_of<UsageError>([&] { BatchLoader(set_.column(), {.crop = side + 1}); }),
              ::testing::AllOf(::testing::HasSubstr("21 x 21"), ::testing::HasSubstr("20 x 20")));
}

TEST_F(BatchLoaderTest, SmoothedAndTrueOnesThatAreNotThereAreRefused) {
  write_small_set(scratch_ / "plain", Encoding::raw, 2, side);
  const ImageSet plain = ImageSet::open(scratch_ / "plain", "train");
  EXPECT_THAT(error_of<UsageError>([&] { BatchLoader(plain.column("smoothed"), {.crop = crop}); }),
              ::testing::HasSubstr("smooth = true"));
  EXPECT_THAT(error_of<UsageError>([&] { BatchLoader(plain.column("truth"), {.crop = crop}); }),
              ::testing::HasSubstr("truth = \"FOLDER\""));
}

}  // namespace
}  // namespace atelier
