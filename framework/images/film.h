#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "framework/images/child_process.h"
#include "framework/images/image.h"

namespace atelier {

/// The frames of a film, one after the other, decoded by the `ffmpeg` program: any format it knows, and a boundary
/// between hostile files and us.
class Film {
 public:
  struct Options {
    double start = 0;     ///< Seconds into the film at which to begin.
    double duration = 0;  ///< Seconds to read; 0: to the end.
    double rate = 0;      ///< Frames a second to take; 0: every frame.
  };
  /// Throws `Error` when ffmpeg cannot be started.
  Film(const std::filesystem::path& file, const Options& options);
  explicit Film(const std::filesystem::path& file) : Film(file, Options{}) {}

  /// The next frame, nothing after the last. Throws `Error` (the file, ffmpeg's reason) when the film cannot be read.
  std::optional<Image> next();

 private:
  std::filesystem::path file_;
  ChildProcess decoder_;
  std::int64_t frames_ = 0;
};

/// A picture in a format that only ffmpeg reads. Throws `Error` (the file, ffmpeg's reason).
Image read_rare_image(const std::filesystem::path& file);

}  // namespace atelier
