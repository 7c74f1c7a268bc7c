#include "framework/images/film.h"

#include <gmock/gmock.h>

#include "framework/core/error.h"
#include "framework/images/image_file.h"
#include "framework/storage/atomic_file.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

/// Lets ffmpeg draw its test pattern into a file; the file's name says the format.
void draw_pattern(const std::filesystem::path& file, const std::string& pattern) {
  ASSERT_TRUE(ChildProcess({"ffmpeg", "-v", "error", "-f", "lavfi", "-i", pattern, "-y", file.string()}).succeeded());
}

TEST(Film, GivesEveryFrameAndThenNone) {
  const ScratchFolder scratch;
  draw_pattern(scratch / "a.avi", "testsrc=duration=1:rate=10:size=64x48");
  Film film(scratch / "a.avi");
  int frames = 0;
  while (const auto frame = film.next()) {
    EXPECT_EQ(frame->height(), 48);
    EXPECT_EQ(frame->width(), 64);
    ++frames;
  }
  EXPECT_EQ(frames, 10);
  EXPECT_FALSE(film.next());
}

TEST(Film, KeepsTheColours) {
  const ScratchFolder scratch;
  draw_pattern(scratch / "red.bmp", "color=c=0xff0000:duration=0.1:rate=10:size=20x10");
  const Image image = read_image(scratch / "red.bmp");
  ASSERT_EQ(image.width(), 20);
  EXPECT_GT(image.row(5)[30], 250);
  EXPECT_LT(image.row(5)[31], 5);
  EXPECT_LT(image.row(5)[32], 5);
}

TEST(Film, ThatIsNoneIsRefusedInOneLine) {
  const ScratchFolder scratch;
  write_file(scratch / "no.mp4", "this is no film");
  EXPECT_THAT(error_of<Error>([&] { Film(scratch / "no.mp4").next(); }),
              ::testing::AllOf(::testing::HasSubstr("no.mp4"), ::testing::Not(::testing::HasSubstr("\n"))));
}

TEST(Film, CanBeLeftBeforeItsEnd) {
  const ScratchFolder scratch;
  draw_pattern(scratch / "a.avi", "testsrc=duration=5:rate=30:size=320x240");
  EXPECT_TRUE(Film(scratch / "a.avi").next());  // And the decoder is gone afterwards: the destructor waits for it.
}

TEST(ChildProcess, ThatDoesNotExistSaysSo) {
  EXPECT_THAT(error_of<Error>([] { ChildProcess({"no-such-program-of-atelier"}); }),
              ::testing::HasSubstr("no-such-program-of-atelier"));
}

}  // namespace
}  // namespace atelier
