#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "framework/distributed/tensor_reduction.h"

namespace atelier {

/// The losses of the steps since a record, added up in double precision. Each rank adds its share; the sum over ranks
/// is taken only for a record or a checkpoint, so that a step waits for nobody.
class LossSums {
 public:
  /// `ranks` must outlive it.
  explicit LossSums(TensorReduction& ranks) : ranks_(ranks) {}

  /// `losses`: what a step returned, one-dimensional, on any device.
  void add(const at::Tensor& losses);
  void clear();
  std::int64_t steps() const { return steps_; }

  /// The sums of all ranks, the same everywhere, on the CPU; this rank's are left alone. Collective.
  at::Tensor total() const;

  /// For a checkpoint in the middle of a record: one row a rank, on every rank. Each goes on with its own, so that the
  /// record has the same bits as without an interruption. Undefined when no step was added. Collective.
  at::Tensor rows() const;
  /// The reverse, of so many steps. Of another number of ranks, the first carries everything on.
  void restore(const at::Tensor& rows, std::int64_t steps);

 private:
  TensorReduction& ranks_;
  at::Tensor sums_;  // this rank's share; undefined when it has none
  std::int64_t steps_ = 0;
};

}  // namespace atelier
