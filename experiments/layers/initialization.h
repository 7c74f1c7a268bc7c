#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace atelier {

/// Draws first weights, the same on every machine: each tensor is a function of (seed, how many were drawn before).
class Initializer {
 public:
  explicit Initializer(std::uint64_t seed) : seed_(seed) {}

  /// Normal of variance 2 / fan_in, truncated at two standard deviations and corrected for that, as Keras' `he_normal`.
  /// Source: He et al., "Delving deep into rectifiers", ICCV 2015.
  void he_normal(at::Tensor weight, std::int64_t fan_in);

  /// Counts a tensor as drawn.
  void skip() { ++drawn_; }

  /// Uniform within sqrt(6 / (fan_in + fan_out)) on both sides of zero, times `scale`.
  /// Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
  void glorot_uniform(at::Tensor weight, std::int64_t fan_in, std::int64_t fan_out, double scale = 1);

 private:
  std::uint64_t seed_;
  std::uint64_t drawn_ = 0;
};

}  // namespace atelier
