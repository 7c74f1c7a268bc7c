#include "framework/images/film.h"

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

/// Frames come as a stream of PPM pictures, each with its size before it. Only local files are opened, and no play
/// lists, which could name others.
std::vector<std::string> decoder_arguments(const std::filesystem::path& file, const Film::Options& options) {
  std::vector<std::string> words{"ffmpeg", "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe"};
  words.insert(words.end(), {"-format_whitelist",
                             "mov,matroska,webm,avi,mpeg,mpegts,flv,ogg,asf,ivf,yuv4mpegpipe,gif,webp_pipe,bmp_pipe,"
                             "tiff_pipe,ppm_pipe,pgm_pipe,jpeg_pipe,png_pipe,jpegxl_pipe,image2"});
  if (options.start > 0) words.insert(words.end(), {"-ss", format("{}", options.start)});
  if (options.duration > 0) words.insert(words.end(), {"-t", format("{}", options.duration)});
  words.insert(words.end(), {"-i", "file:" + file.string(), "-an", "-sn"});
  if (options.rate > 0) {
    words.insert(words.end(), {"-vf", format("fps={}", options.rate)});
  } else {
    words.insert(words.end(), {"-vsync", "passthrough"});
  }
  words.insert(words.end(), {"-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "pipe:1"});
  return words;
}

/// A number of a PPM header and the one white space behind it; -1 when there is none.
int read_number(ChildProcess& decoder) {
  int value = 0, digits = 0;
  for (std::uint8_t c; decoder.read({&c, 1}) == 1 && digits < 9; ++digits) {
    if (!std::isdigit(c)) return digits ? value : -1;
    value = value * 10 + (c - '0');
  }
  return -1;
}

}  // namespace

Film::Film(const std::filesystem::path& file, const Options& options)
    : file_(file), decoder_(decoder_arguments(file, options)) {}

std::optional<Image> Film::next() {
  const auto unreadable = [&](std::string_view why) { return Error(format("{}: {}", file_.string(), why)); };
  std::uint8_t mark[3];
  const std::size_t got = decoder_.read(mark);
  if (got == 0) {
    const bool whole = decoder_.succeeded();
    const std::string complaint = decoder_.complaint();
    if (whole && frames_ > 0) return std::nullopt;
    throw unreadable(complaint.empty() ? "holds no picture" : "ffmpeg cannot read it: " + complaint);
  }
  if (got != 3 || mark[0] != 'P' || mark[1] != '6') throw unreadable("ffmpeg gave no picture");
  const int width = read_number(decoder_), height = read_number(decoder_), top = read_number(decoder_);
  if (width < 1 || height < 1 || top != 255) throw unreadable("ffmpeg gave no picture");
  if (std::int64_t{width} * height > largest_image) {
    throw unreadable(format("{} x {} pixels are more than the 500 million allowed", width, height));
  }
  Image frame(height, width);
  if (decoder_.read(frame.pixels()) != frame.pixels().size()) throw unreadable("ended inside a frame");
  ++frames_;
  return frame;
}

Image read_rare_image(const std::filesystem::path& file) { return *Film(file).next(); }

}  // namespace atelier
