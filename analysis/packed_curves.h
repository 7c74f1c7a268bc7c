#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "analysis/curve.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// The curves of a run in few bytes, for a page that reads a million points:
/// `{"axes": [{"steps": S, "seconds": S, "count": n}], "metrics": {NAME: {"axis": i, "at": A, "values": V}}}`.
///
/// An axis is what the curves recorded at the same steps share. `steps` is a list of `[first, distance, count]` where the
/// steps lie evenly, as they nearly always do, or else packed numbers. `seconds` is packed: all of them when there are at
/// most 256, or else 256 evenly spread over the axis, both ends among them, between which time is interpolated.
/// `at` are the places on the axis of the points kept (`thin` keeps at most `points`), packed as 16-bit or, on an axis
/// longer than 65536, as 32-bit whole numbers; it is absent when all are kept.
/// Packed numbers are base64 of little-endian 32-bit floating point; what is not finite stays so.
Json packed_curves(const std::vector<std::pair<std::string, Curve>>& curves, std::size_t points);

}  // namespace atelier
