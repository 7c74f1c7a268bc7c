#include "framework/images/image_file.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "framework/core/error.h"
#include "framework/images/jpeg.h"
#include "framework/images/png.h"
#include "framework/images/resize.h"
#include "framework/storage/atomic_file.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"
#include "tests/test_picture.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string_view text_of(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

auto one_line_naming(const std::string& file) { return AllOf(HasSubstr(file), Not(HasSubstr("\n"))); }

TEST(ImageFile, PngComesBackExactly) {
  const Image image = test_picture(37, 53);
  EXPECT_EQ(decode_image(encode_png(image), "x"), image);
}

TEST(ImageFile, JpegComesBackNearly) {
  const Image image = test_picture(64, 80);
  const Image back = decode_image(encode_jpeg(image, 95), "x");
  ASSERT_EQ(back.width(), 80);
  ASSERT_EQ(back.height(), 64);
  double sum = 0;
  for (std::size_t i = 0; i < image.pixels().size(); ++i) sum += std::abs(image.pixels()[i] - back.pixels()[i]);
  EXPECT_LT(sum / static_cast<double>(image.pixels().size()), 3);
}

TEST(ImageFile, IsToldByItsContentNotItsName) {
  const ScratchFolder scratch;
  const Image image = test_picture(20, 30);
  write_file(scratch / "really-png.jpg", text_of(encode_png(image)));
  EXPECT_EQ(read_image(scratch / "really-png.jpg"), image);
}

TEST(ImageFile, GrayPngBecomesRgb) {
  // A 1 x 1 gray PNG of value 128, made with Python's zlib by the PNG specification.
  const std::uint8_t gray[] = {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
                               0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
                               0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78,
                               0x9c, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0x00,
                               0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
  const Image image = decode_image(gray, "gray");
  EXPECT_THAT(image.pixels(), ::testing::ElementsAre(128, 128, 128));
}

TEST(ImageFile, TruncatedPicturesAreRefusedInOneLineNamingTheFile) {
  const ScratchFolder scratch;
  for (auto bytes : {encode_jpeg(test_picture(100, 100), 90), encode_png(test_picture(100, 100))}) {
    for (const double part : {0.98, 0.5, 0.05}) {
      auto shorter = bytes;
      shorter.resize(static_cast<std::size_t>(static_cast<double>(bytes.size()) * part));
      write_file(scratch / "cut.jpg", text_of(shorter));
      EXPECT_THAT(error_of<Error>([&] { read_image(scratch / "cut.jpg"); }), one_line_naming("cut.jpg")) << part;
    }
  }
}

TEST(ImageFile, HostileFilesAreRefusedInOneLine) {
  const ScratchFolder scratch;
  for (const std::string& content :
       {std::string(), std::string("\xff\xd8\xff"), std::string("\x89PNG\r\n\x1a\n garbage"),
        std::string("#EXTM3U\n#EXTINF:1,\nfile:/etc/passwd\n"), std::string("ffconcat version 1.0\nfile /etc/passwd\n"),
        std::string(5000, '\0')}) {
    write_file(scratch / "bad.webp", content);
    EXPECT_THAT(error_of<Error>([&] { read_image(scratch / "bad.webp"); }), one_line_naming("bad.webp")) << content;
  }
}

TEST(ImageFile, AGiganticPngIsRefusedBeforeItsMemoryIsAskedFor) {
  auto bytes = encode_png(test_picture(4, 4));
  // Width and height 65535 in the header, with that header's own checksum (from Python's zlib.crc32).
  const std::uint8_t header[] = {0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0xff, 0xff, 0x08,
                                 0x02, 0x00, 0x00, 0x00, 0x39, 0x67, 0x4e, 0x07};
  std::copy(std::begin(header), std::end(header), bytes.begin() + 16);
  EXPECT_THAT(error_of<Error>([&] { decode_image(bytes, "giant.png"); }), one_line_naming("giant.png"));
}

TEST(ImageFile, MissingFileSaysSo) {
  EXPECT_THAT(error_of<Error>([] { read_image("/nowhere/a.jpg"); }), HasSubstr("/nowhere/a.jpg"));
}

TEST(Resize, HalvingTakesTheMeanOfFourPixels) {
  Image image(2, 2);
  const std::uint8_t values[] = {0, 10, 100, 20, 30, 100, 40, 50, 100, 60, 70, 100};
  std::copy(std::begin(values), std::end(values), image.pixels().begin());
  EXPECT_THAT(resize(image, 1, 1).pixels(), ::testing::ElementsAre(30, 40, 100));
}

TEST(Resize, KeepsAConstantWhenItGrows) {
  Image image(5, 7);
  std::fill(image.pixels().begin(), image.pixels().end(), 77);
  const Image larger = resize(image, 20, 31);
  EXPECT_EQ(larger.height(), 20);
  EXPECT_EQ(larger.width(), 31);
  EXPECT_TRUE(std::all_of(larger.pixels().begin(), larger.pixels().end(), [](int value) { return value == 77; }));
}

}  // namespace
}  // namespace atelier
