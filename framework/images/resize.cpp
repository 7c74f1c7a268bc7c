#include "framework/images/resize.h"

#include <opencv2/imgproc.hpp>

#include "framework/images/opencv_view.h"

namespace atelier {

Image resize(const Image& image, int height, int width) {
  if (height == image.height() && width == image.width()) return image;
  Image result(height, width);
  cv::Mat to = opencv_view(result);
  const bool shrinks = height <= image.height() && width <= image.width();
  cv::resize(opencv_view(image), to, to.size(), 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_CUBIC);
  return result;
}

}  // namespace atelier
