#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "framework/training/optimizer.h"

namespace atelier {

/// The exponential moving average of a network's tensors, which often makes better pictures than the tensors of any one
/// step: after each update average = d average + (1 - d) tensor with d = min(decay, (1 + t) / (10 + t)), t being the
/// updates of the average before. The second part lets the first steps, which know little, be forgotten soon. Tensors
/// of whole numbers (counters) are copied.
///
/// Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992; the correction is that
/// of TensorFlow's ExponentialMovingAverage.
class MovingAverage {
 public:
  /// The tensors (parameters and buffers) as they are now are the first average. They are kept and seen as they change.
  MovingAverage(NamedTensors tensors, double decay);

  /// Call after each update of the tensors.
  void update();

  /// While it lives the tensors hold their averages, and the averages the tensors: for evaluation and samples. One
  /// tensor at a time is copied, so memory does not grow. No update, save or load meanwhile.
  class Swapped {
   public:
    explicit Swapped(MovingAverage& average) : average_(average) { average_.swap(); }
    ~Swapped() { average_.swap(); }
    Swapped(const Swapped&) = delete;
    Swapped& operator=(const Swapped&) = delete;

   private:
    MovingAverage& average_;
  };

  /// The averages under "PREFIX.NAME" and the number of updates under "PREFIX.updates"; they share this one's memory.
  void save(const std::string& prefix, TensorMap& state) const;
  /// Throws `Error` when something is missing or of another shape.
  void load(const std::string& prefix, const TensorMap& state);

 private:
  void swap();

  std::vector<std::string> names_;
  std::vector<at::Tensor> tensors_, averages_;
  std::vector<at::Tensor> real_tensors_, real_averages_;    // those of floating point
  std::vector<at::Tensor> whole_tensors_, whole_averages_;  // the others
  double decay_;
  std::int64_t updates_ = 0;
};

}  // namespace atelier
