#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atelier {

/// The number of insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`
/// (optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to what was typed, or an empty view when none is near enough to be what was meant.
/// For dotted names a right last part counts: "content.weight" finds "loss.content.weight".
std::string_view nearest(std::string_view typed, std::span<const std::string_view> candidates);

/// The candidates as a sentence: `"a", "b" or "c"`.
std::string quoted_list(std::span<const std::string_view> items);

}  // namespace atelier
