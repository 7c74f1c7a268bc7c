#pragma once

// Header-only, because libtorch's include folder carries another release of fmt than the system's library.
#ifndef FMT_HEADER_ONLY
#define FMT_HEADER_ONLY
#endif
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace atelier {
using fmt::format;
}
