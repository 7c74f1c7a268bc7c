#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace atelier {

/// Which items are held out for validation: whole groups, so that crops of one photograph are never on both sides.
///
/// Groups are taken in an order drawn from (seed, group name) as long as that brings the number of held-out items
/// nearer to `share` of all; at least one group is held out and at least one is kept. Adding a group moves no other one
/// in the order. A share of 0 holds out nothing. Throws `UsageError` when there is a single group to divide.
std::vector<bool> hold_out(const std::vector<std::string>& groups, double share, std::uint64_t seed);

}  // namespace atelier
