#pragma once

#include <cmath>

#include "framework/images/image.h"

/// A picture in which every number gives others: smooth enough for JPEG, different everywhere.
inline atelier::Image test_picture(int height, int width, int number = 0) {
  atelier::Image image(height, width);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = image.row(y) + 3 * x;
      pixel[0] = static_cast<std::uint8_t>(127.5 + 127 * std::sin(0.11 * x + number));
      pixel[1] = static_cast<std::uint8_t>(127.5 + 127 * std::cos(0.07 * y + 2 * number));
      pixel[2] = static_cast<std::uint8_t>((x + y + 17 * number) / 2 % 256);
    }
  }
  return image;
}
