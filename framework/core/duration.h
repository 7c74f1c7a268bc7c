#pragma once

#include <optional>
#include <string_view>

namespace atelier {

/// The seconds of a duration as people write it: "90s", "15m", "4h", "2d", parts together as in "1h30m", or a bare number
/// of seconds. None when it is not one; more than 1e9 s count as 1e9 s.
std::optional<double> parse_duration(std::string_view text);

}  // namespace atelier
