#pragma once

#include <ATen/ATen.h>

#include <memory>

#include "framework/distributed/communicator.h"

namespace atelier {

/// Sums of tensors over all ranks. All ranks must make the same calls in the same order.
class TensorReduction {
 public:
  virtual ~TensorReduction() = default;
  virtual int rank() const = 0;  ///< 0 .. size-1.
  virtual int size() const = 0;

  /// Adds up over all ranks, in place; every rank gets the same bits. `values` is dense, in single or double precision,
  /// on any device. Collective.
  virtual void sum(const at::Tensor& values) = 0;

  /// As `sum`, going on while the caller computes. `values` comes from `buffer`.
  virtual std::unique_ptr<PendingSum> start_sum(const at::Tensor& values) = 0;

  /// `count` numbers of the type of `like`, in memory that `start_sum` reads and that `like` is copied to quickly.
  virtual at::Tensor buffer(std::int64_t count, const at::Tensor& like) const = 0;
};

/// Sums in the memory of the processors, whatever the communicator sends with: what lies on a GPU is copied there and
/// back. `ranks` must outlive it.
std::unique_ptr<TensorReduction> make_tensor_reduction(Communicator& ranks);

}  // namespace atelier
