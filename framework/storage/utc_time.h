#pragma once

#include <optional>
#include <string>

namespace atelier {

/// Now, to the millisecond, as files hold it: "2030-01-31T08:00:00.123Z" (RFC 3339, UTC).
std::string utc_now();

/// The seconds since 1970 of such a text, with or without a fraction; none for any other text.
std::optional<double> seconds_since_1970(const std::string& utc);

}  // namespace atelier
