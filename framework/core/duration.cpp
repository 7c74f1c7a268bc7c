#include "framework/core/duration.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "framework/core/format.h"

namespace atelier {
namespace {

constexpr double longest = 1e9;  // 30 years; clocks count a few hundred

}  // namespace

std::optional<double> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [stop, problem] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (problem != std::errc() || number < 0 || !std::isfinite(number)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    double unit = 1;
    if (text.starts_with("ms")) {
      unit = 1e-3;
      text.remove_prefix(2);
    } else if (!text.empty()) {
      switch (text.front()) {
        case 's':
          break;
        case 'm':
          unit = 60;
          break;
        case 'h':
          unit = 3600;
          break;
        case 'd':
          unit = 86400;
          break;
        default:
          return std::nullopt;
      }
      text.remove_prefix(1);
    }
    seconds += number * unit;
  }
  return std::min(seconds, longest);
}

std::string duration_text(double seconds) {
  if (seconds < 90) return format("{:.0f} s", seconds);
  if (seconds < 5400) return format("{:.1f} min", seconds / 60);
  return format("{:.1f} h", seconds / 3600);
}

}  // namespace atelier
