#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/statistics/interval.h"
#include "analysis/statistics/regression_forest.h"

namespace atelier {

/// How the variance of a function over its whole space is shared out among its inputs.
struct FunctionalAnova {
  struct Input {
    double alone = 0;            ///< Share of the variance that it explains alone: the Sobol index of first order.
    double total = 0;            ///< The same with all interactions in which it takes part.
    double low = 0, high = 0;    ///< Between which `total` lies, 95 %, by bootstrap.
    std::vector<double> effect;  ///< What to expect in each of its cells, all other inputs averaged over.
    std::vector<double> spread;  ///< Standard error of each of those.
  };
  struct Pair {
    std::size_t first = 0, second = 0;
    double share = 0;  ///< Of the variance, beyond what both explain alone.
  };
  std::vector<Input> inputs;
  std::vector<Pair> pairs;  ///< All pairs of the inputs with the largest totals, largest share first.
  double explained =
      0;  ///< 1 - error / variance for rows that the trees were not fitted to; 0 or less: nothing learnt.
  std::vector<double> predicted;  ///< For each row, by trees that did not see it.
};

/// Fits forests to bootstrap samples of the rows and takes them apart. All axes count as evenly distributed, wherever
/// the rows lie: a sampler that concentrates does not make a parameter look less important.
///
/// The squared effects of a noisy estimate are too large by its variance; that variance is known from the spread over
/// the bootstrap samples and is taken off, so that inputs without effect have shares around 0.
///
/// Values far outside are moved to a fence, which stands as far beyond the range of the middle 95 % as that is wide:
/// one trial that diverged must not decide. Throws `std::invalid_argument` for tables without rows or axes, or with
/// axes of more than 64 cells.
///
/// Sources: Hutter, Hoos, Leyton-Brown, "An efficient approach for assessing hyperparameter importance", ICML 2014
/// (marginals of trees); Jansen, Comput. Phys. Commun. 117, 1999 (total indices); Efron and Tibshirani 1993,
/// section 10.3 (bias).
FunctionalAnova functional_anova(const CellTable& table);

}  // namespace atelier
