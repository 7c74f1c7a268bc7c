#pragma once

#include <string>
#include <vector>

#include "analysis/comparison.h"

namespace atelier {

/// What the numbers say, in a few plain sentences: the texts of `findings`. Every claim carries its n.
std::vector<std::string> summary(const Comparison& comparison);

/// "3 finished, 1 failed": the states there are, in a fixed order.
std::string counts_in_words(const Comparison& comparison);

/// The parameters that vary, as "content.weight 3, norm layer"; empty when none does.
std::string parameters_in_words(const Comparison& comparison, const RunRecord& run);

}  // namespace atelier
