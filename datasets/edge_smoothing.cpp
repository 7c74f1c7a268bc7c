#include "datasets/edge_smoothing.h"

#include <opencv2/imgproc.hpp>

#include "framework/images/opencv_view.h"

namespace atelier {

Image smooth_edges(const Image& image) {
  const cv::Mat pixels = opencv_view(image);
  cv::Mat gray, edges, blurred;
  cv::cvtColor(pixels, gray, cv::COLOR_RGB2GRAY);
  cv::Canny(gray, edges, 100, 200);
  cv::dilate(edges, edges, cv::Mat::ones(5, 5, CV_8U));
  cv::GaussianBlur(pixels, blurred, {5, 5}, 0, 0, cv::BORDER_REFLECT_101);
  Image result = image;
  cv::Mat smoothed = opencv_view(result);
  blurred.copyTo(smoothed, edges);
  return result;
}

}  // namespace atelier
