#pragma once

#include <opencv2/core.hpp>

#include "framework/images/image.h"

namespace atelier {

/// The image's pixels as OpenCV sees them, not copied. For .cpp files that use OpenCV.
inline cv::Mat opencv_view(Image& image) { return {image.height(), image.width(), CV_8UC3, image.pixels().data()}; }

/// As above, to be read only: OpenCV has no matrix that says so.
inline const cv::Mat opencv_view(const Image& image) {
  // Whoever has many pictures works on them in parallel; OpenCV's own threads would only get in each other's way.
  static const bool alone = (cv::setNumThreads(1), true);
  (void)alone;
  return {image.height(), image.width(), CV_8UC3, const_cast<std::uint8_t*>(image.pixels().data())};
}

}  // namespace atelier
