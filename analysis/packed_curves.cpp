#include "analysis/packed_curves.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "analysis/image_store.h"

namespace atelier {
namespace {

static_assert(std::endian::native == std::endian::little, "pages hold little-endian numbers");

/// Beyond what 32 bits hold lies infinity.
float narrowed(double value) {
  constexpr double most = std::numeric_limits<float>::max();
  if (std::abs(value) <= most || !std::isfinite(value)) return static_cast<float>(value);
  return std::copysign(std::numeric_limits<float>::infinity(), value > 0 ? 1.0F : -1.0F);
}

template <typename Number, typename Given>
std::string packed(const std::vector<Given>& values) {
  std::string bytes(values.size() * sizeof(Number), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    Number number{};
    if constexpr (std::is_same_v<Number, float>) {
      number = narrowed(values[i]);
    } else {
      number = static_cast<Number>(values[i]);
    }
    std::memcpy(bytes.data() + i * sizeof(Number), &number, sizeof(Number));
  }
  return base64(bytes);
}

/// The steps as stretches of equal distance, or packed where they have no such order.
Json steps_json(const std::vector<double>& steps) {
  constexpr std::size_t most_stretches = 8;
  Json stretches = Json::array();
  for (std::size_t first = 0; first < steps.size();) {
    std::size_t end = first + 1;
    const double distance = end < steps.size() ? steps[end] - steps[first] : 0;
    while (end < steps.size() && steps[end] - steps[end - 1] == distance) ++end;
    if (stretches.size() == most_stretches) return packed<float>(steps);
    stretches.push_back({steps[first], distance, end - first});
    first = end;
  }
  return stretches;
}

Json seconds_json(const std::vector<double>& seconds) {
  constexpr std::size_t most = 256;
  if (seconds.size() <= most) return packed<float>(seconds);
  std::vector<double> knots;
  for (std::size_t i = 0; i < most; ++i) knots.push_back(seconds[i * (seconds.size() - 1) / (most - 1)]);
  return packed<float>(knots);
}

/// Where the kept points lie on the whole curve; both ascend.
std::vector<std::size_t> places(const Curve& kept, const Curve& whole) {
  std::vector<std::size_t> result;
  std::size_t at = 0;
  for (const double step : kept.steps) {
    while (whole.steps[at] != step) ++at;
    result.push_back(at++);
  }
  return result;
}

}  // namespace

Json packed_curves(const std::vector<std::pair<std::string, Curve>>& curves, std::size_t points) {
  std::vector<const Curve*> axes;
  Json axes_json = Json::array(), metrics = Json::object();
  for (const auto& [metric, curve] : curves) {
    auto axis = std::find_if(axes.begin(), axes.end(), [&](const Curve* known) { return known->steps == curve.steps; });
    if (axis == axes.end()) {
      axes_json.push_back(
          {{"steps", steps_json(curve.steps)}, {"seconds", seconds_json(curve.seconds)}, {"count", curve.size()}});
      axes.push_back(&curve);
      axis = axes.end() - 1;
    }
    Json json{{"axis", axis - axes.begin()}};
    if (curve.size() > std::max<std::size_t>(points, 8)) {
      const Curve kept = thin(curve, points);
      const std::vector<std::size_t> at = places(kept, curve);
      json["at"] = curve.size() <= 65536 ? packed<std::uint16_t>(at) : packed<std::uint32_t>(at);
      json["values"] = packed<float>(kept.values);
    } else {
      json["values"] = packed<float>(curve.values);
    }
    metrics[metric] = std::move(json);
  }
  return {{"axes", std::move(axes_json)}, {"metrics", std::move(metrics)}};
}

}  // namespace atelier
