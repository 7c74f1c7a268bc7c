#pragma once

#include <span>

namespace atelier {

/// Whether `a` is nowhere worse than `b` and somewhere better; one number an objective, smaller is better.
bool dominates(std::span<const double> a, std::span<const double> b);

}  // namespace atelier
