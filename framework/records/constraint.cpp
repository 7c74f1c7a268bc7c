#include "framework/records/constraint.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace atelier {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::optional<Constraint> Constraint::from(std::string_view text) {
  const std::size_t sign = text.find_first_of("<>");
  if (sign == text.npos) return std::nullopt;
  const bool strict = text.substr(sign + 1, 1) != "=";
  const std::string_view metric = trimmed(text.substr(0, sign));
  const std::string_view number = trimmed(text.substr(sign + (strict ? 1 : 2)));
  double limit = 0;
  const auto [stop, problem] = std::from_chars(number.data(), number.data() + number.size(), limit);
  if (metric.empty() || metric.find_first_of(" \t") != metric.npos || problem != std::errc() ||
      stop != number.data() + number.size() || !std::isfinite(limit)) {
    return std::nullopt;
  }
  return Constraint{.text = std::string(text),
                    .metric = std::string(metric),
                    .at_least = text[sign] == '>',
                    .strict = strict,
                    .limit = limit};
}

double Constraint::violation(double value) const {
  if (std::isnan(value)) return std::numeric_limits<double>::infinity();
  if (strict && value == limit) return std::numeric_limits<double>::min();
  return at_least ? limit - value : value - limit;
}

}  // namespace atelier
