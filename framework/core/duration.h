#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atelier {

/// The seconds of a duration as people write it: "90s", "15m", "4h", "2d", parts together as in "1h30m", or a bare
/// number of seconds. None when it is not one; more than 1e9 s count as 1e9 s.
std::optional<double> parse_duration(std::string_view text);

/// As people read it: "45 s", "12.5 min", "3.2 h".
std::string duration_text(double seconds);

}  // namespace atelier
