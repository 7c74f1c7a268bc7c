#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "framework/core/random.h"

namespace atelier {

/// A density over the unit cube, estimated from points in it: a mixture of one kernel a point and an even one, each a
/// product over the axes. Kernels of ordered axes are normal distributions cut to [0, 1], wide as the distance to their
/// farther neighbour on that axis, but not narrower than a share of the axis that falls as points become more; kernels
/// of choices put most of their weight on the point's own choice.
///
/// Sources: Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011, section 4 (widths from
/// neighbours, the even kernel); Falkner, Klein and Hutter, "BOHB", ICML 2018 (products, so that parameters are seen
/// together); Watanabe, "Tree-structured Parzen estimator: understanding its algorithm components", 2023, section 3.3
/// (least widths); Aitchison and Aitken, "Multivariate binary discrimination by the kernel method", 1976 (choices).
class ParzenEstimator {
 public:
  struct Axis {
    bool ordered = true;
    std::int64_t cells = 0;  ///< Of an ordered axis with few values and of choices: how many; 0: continuous.
  };
  struct Options {
    double even_weight = 1;     ///< Of the even kernel, where one of a point's is 1 on average.
    double least_width = 0.01;  ///< No kernel is narrower than this share of an axis,
    double width_factor = 0.3;  ///< nor than this divided by 2 + the number of points.
    double other_choices = 2;   ///< Weight of each choice in the kernel of any, times 1 + the number of points.
  };
  /// The points: `centres[a][i]` is coordinate a of point i, of choices the middle of their cell. `by_axis[a]` are the
  /// points in ascending order of that coordinate (only read for ordered axes). `weights` are relative, one a point.
  ParzenEstimator(std::vector<Axis> axes, std::vector<std::vector<float>> centres,
                  const std::vector<std::vector<int>>& by_axis, std::vector<double> weights, const Options& options);

  /// A point drawn from the density, as its coordinates; those of cells are anywhere inside.
  void draw(CounterRandom& random, std::vector<double>& point) const;

  /// The logarithm of the density, relative to the even one. Coordinates of cells must be their middles.
  double log_density(const std::vector<float>& point) const;

 private:
  std::vector<Axis> axes_;
  std::vector<std::vector<float>> centres_, inverse_widths_;  // inverse of sqrt(2) widths; empty for choices
  std::vector<float> match_, mismatch_;                       // of choices: log densities
  std::vector<float> log_weights_;                            // with the normalisers of the kernels
  std::vector<double> cumulative_;                            // of the weights, the even kernel's last
  double log_even_ = 0;
  mutable std::vector<float> terms_;
};

}  // namespace atelier
