#include "datasets/cut.h"

#include <algorithm>
#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/random.h"
#include "framework/storage/digest.h"

namespace atelier {
namespace {

constexpr int areas_across = 3;

/// Where the square of an area may begin along one side, as fractions of that side; both ends included.
struct Stretch {
  double first, last;
  int draw(int side, int box, CounterRandom& random) const {
    const int from = static_cast<int>(std::lround(first * side)), to = static_cast<int>(std::lround(last * side));
    const int place = from + static_cast<int>(random.below(static_cast<std::uint64_t>(to - from + 1)));
    return std::min(place, side - box);
  }
};
constexpr Stretch area_rows[] = {{150 / 1080., 284 / 1080.}, {540 / 1080., 674 / 1080.}};
constexpr Stretch area_columns[areas_across] = {
    {0, 384 / 1920.}, {640 / 1920., 1024 / 1920.}, {1280 / 1920., 1664 / 1920.}};

Box random_box(int side, int height, int width, CounterRandom& random) {
  const int top = static_cast<int>(random.below(static_cast<std::uint64_t>(height - side + 1)));
  const int left = static_cast<int>(random.below(static_cast<std::uint64_t>(width - side + 1)));
  return {top, left, side, side};
}

Box area_box(std::int64_t area, int side, int height, int width, CounterRandom& random) {
  const int top = area_rows[area / areas_across].draw(height, side, random);
  const int left = area_columns[area % areas_across].draw(width, side, random);
  return {top, left, side, side};
}

}  // namespace

std::vector<Box> cut_boxes(const SetRecipe& set, int height, int width, std::uint64_t seed, const std::string& name) {
  const int size = static_cast<int>(set.size);
  if (set.cut == "none") {
    if (height == size && width == size) return {{0, 0, size, size}};
    throw Error(
        format("{0}: is {1} x {2} pixels, and cut = \"none\" takes {3} x {3} alone; use \"center\" or \"random\"", name,
               width, height, size));
  }
  if (set.cut == "center") {
    const int side = std::min(height, width);
    return {{(height - side) / 2, (width - side) / 2, side, side}};
  }
  const int side = std::max(1, static_cast<int>(std::lround(static_cast<double>(size) / set.scale)));
  if (side > std::min(height, width)) {
    throw Error(
        format("{0}: is {1} x {2} pixels, too small for a square of {3} x {3}; use cut = \"center\" or a larger scale",
               name, width, height, side));
  }
  std::vector<Box> boxes;
  for (std::int64_t i = 0; i < set.images_per_source(); ++i) {
    CounterRandom random(seed, digest(name), static_cast<std::uint64_t>(i));
    boxes.push_back(set.cut == "areas" ? area_box(i, side, height, width, random)
                                       : random_box(side, height, width, random));
  }
  return boxes;
}

}  // namespace atelier
