#include "framework/storage/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? (value >> 1) ^ 0x82f63b78u : value >> 1;
    table[i] = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> crc_table = make_crc_table();

template <class Number>
std::string little_endian(Number value) {
  static_assert(std::endian::native == std::endian::little);
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::uint32_t masked_crc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xa282ead8u; }

/// The parts of Google's wire format that events need: https://protobuf.dev/programming-guides/encoding
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
  return bytes + static_cast<char>(value);
}
enum WireType { varint_type = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };
std::string key(std::uint64_t field, WireType type) { return varint(field << 3 | type); }
std::string whole(std::uint64_t field, std::int64_t value) {
  return key(field, varint_type) + varint(static_cast<std::uint64_t>(value));
}
std::string text(std::uint64_t field, std::string_view bytes) {
  return key(field, length_delimited) + varint(bytes.size()) + std::string(bytes);
}

// Event: wall_time 1, step 2, file_version 3, summary 5, session_log 7. Summary: value 1. Value: tag 1, simple_value 2,
// image 4. Image: height 1, width 2, colorspace 3, encoded_image_string 4. SessionLog: status 1, of which START is 1.
std::string event(std::int64_t step, const std::string& what) {
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return key(1, fixed64) + little_endian(now) + whole(2, step) + what;
}

/// Seconds that no event file in the folder has in its name: TensorBoard reads the files in the order of their names.
std::int64_t next_time(const std::filesystem::path& folder) {
  constexpr std::string_view prefix = "events.out.tfevents.";
  std::int64_t newest = 0;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix)) newest = std::max<std::int64_t>(newest, std::atoll(name.c_str() + prefix.size()));
  }
  return std::max<std::int64_t>(newest + 1, std::time(nullptr));
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const char byte : bytes) crc = crc_table[(crc ^ static_cast<std::uint8_t>(byte)) & 255] ^ (crc >> 8);
  return crc ^ 0xffffffffu;
}

std::string tf_record(std::string_view bytes) {
  const std::string length = little_endian(static_cast<std::uint64_t>(bytes.size()));
  return length + little_endian(masked_crc(length)) + std::string(bytes) + little_endian(masked_crc(bytes));
}

EventFile::EventFile(const std::filesystem::path& folder, std::int64_t step) {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  file_ = folder / format("events.out.tfevents.{:010}.{}.{}", next_time(folder), host, getpid());
  handle_ = open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
  if (handle_ < 0) throw StorageError(format("cannot write {}: {}", file_.string(), system_message(errno)));
  write(event(0, text(3, "brain.Event:2")));
  write(event(step + 1, text(7, whole(1, 1))));
}

EventFile::~EventFile() {
  if (handle_ >= 0) close(handle_);
}

void EventFile::write_scalars(std::int64_t step, const std::map<std::string, double>& values) {
  std::string summary;
  for (const auto& [name, value] : values) {
    summary += text(1, text(1, name) + key(2, fixed32) + little_endian(static_cast<float>(value)));
  }
  write(event(step, text(5, summary)));
}

void EventFile::write_image(std::int64_t step, std::string_view name, std::string_view png) {
  // Signature, then the header's length and name, then width, height, depth and colour type.
  constexpr std::string_view signature = "\x89PNG\r\n\x1a\n";
  if (png.size() < 26 || !png.starts_with(signature) || png.substr(12, 4) != "IHDR") {
    throw Error(format("the picture {} is no PNG file", name));
  }
  const auto big_endian = [&](std::size_t at) {
    std::int64_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<std::uint8_t>(png[i]);
    return value;
  };
  // TensorBoard's colour spaces: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. A palette shows as RGB.
  const int type = png[25];
  const std::int64_t channels = type == 0 ? 1 : type == 4 ? 2 : type == 6 ? 4 : 3;
  const std::string image = whole(1, big_endian(20)) + whole(2, big_endian(16)) + whole(3, channels) + text(4, png);
  write(event(step, text(5, text(1, text(1, name) + text(4, image)))));
}

void EventFile::write(std::string_view bytes) {
  const std::string record = tf_record(bytes);
  std::size_t done = 0;
  while (done < record.size()) {
    const ssize_t written = ::write(handle_, record.data() + done, record.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw StorageError(format("cannot write {}: {}", file_.string(), system_message(errno)));
    done += static_cast<std::size_t>(written);
  }
}

}  // namespace atelier
