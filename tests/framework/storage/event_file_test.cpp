#include "framework/storage/event_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "framework/core/error.h"
#include "framework/storage/atomic_file.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

std::string sequence(int first, int step) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes += static_cast<char>(first + i * step);
  return bytes;
}

// RFC 3720, appendix B.4, and the check value that catalogues of CRCs give for "123456789".
TEST(EventFile, ChecksumIsThatOfTheStandard) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c(sequence(0, 1)), 0x46dd794eu);
  EXPECT_EQ(crc32c(sequence(31, -1)), 0x113fdb5cu);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(""), 0u);
}

// By hand: the length 9, its checksum, the bytes, and theirs, rotated right by 15 bits plus 0xa282ead8.
TEST(EventFile, RecordsAreFramedAsTensorFlowDoes) {
  const std::string record = tf_record("123456789");
  ASSERT_EQ(record.size(), 8u + 4 + 9 + 4);
  EXPECT_EQ(record.substr(0, 8), std::string("\x09\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(record.substr(12, 9), "123456789");
  const std::uint32_t rotated = (0xe3069283u >> 15) | (0xe3069283u << 17);
  std::uint32_t stored = 0;
  std::memcpy(&stored, record.data() + 21, 4);
  EXPECT_EQ(stored, rotated + 0xa282ead8u);
}

// The bytes of the messages, written down from event.proto and summary.proto; the wall times are left out.
TEST(EventFile, HoldsVersionSessionStartAndScalars) {
  const ScratchFolder place;
  std::filesystem::path file;
  {
    EventFile events(place.path(), 299);
    file = events.path();
    events.write_scalars(300, {{"loss", 1.5}});
  }
  const std::string bytes = read_file(file);
  std::vector<std::string> messages;
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data() + at, 8);
    const std::string message = bytes.substr(at + 12, length);
    EXPECT_EQ(bytes.substr(at, length + 16), tf_record(message));
    EXPECT_EQ(message[0], 0x09);  // field 1, 8 bytes: the time
    messages.push_back(message.substr(9));
    at += length + 16;
  }
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0], std::string("\x10\x00\x1a\x0d", 4) + "brain.Event:2");
  EXPECT_EQ(messages[1], std::string("\x10\xac\x02\x3a\x02\x08\x01", 7));  // step 300 = 0b10'0101100
  EXPECT_EQ(messages[2], std::string("\x10\xac\x02\x2a\x0d\x0a\x0b\x0a\x04loss\x15\x00\x00\xc0\x3f", 18));
}

TEST(EventFile, PicturesMustBePng) {
  const ScratchFolder place;
  EventFile events(place.path(), 0);
  EXPECT_EQ(error_of<Error>([&] { events.write_image(1, "samples/00", "text"); }),
            "the picture samples/00 is no PNG file");
}

TEST(EventFile, TheFileOfALaterSessionSortsLast) {
  const ScratchFolder place;
  std::string before;
  for (int session = 0; session < 3; ++session) {
    const EventFile events(place.path(), 0);
    EXPECT_GT(events.path().filename().string(), before);
    before = events.path().filename().string();
  }
}

}  // namespace
}  // namespace atelier
