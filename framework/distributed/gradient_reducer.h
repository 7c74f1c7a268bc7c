#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <vector>

#include "framework/distributed/tensor_reduction.h"

namespace atelier {

/// Adds up gradients over all ranks while backward is still running.
///
/// Parameters are grouped into buckets in reverse order of registration, about the order in which backward finishes
/// them; the sum of a bucket starts as soon as its last gradient exists and all earlier buckets have started. After
/// `wait()` every `grad()` holds the sum over ranks, the same bits on every rank. Ranks that scale their losses by
/// their share of the global batch so get the gradient of the mean over it, also when the shares are unequal.
///
/// Several reducers may share a reduction, also within one backward pass: autograd goes through equal graphs in the
/// same order on every rank, so their sums start in the same order.
///
/// Source: Li et al., "PyTorch Distributed", VLDB 2020, section 3.2.
class GradientReducer {
 public:
  struct Options {
    std::size_t bucket_bytes = 8 << 20;  ///< Larger amortises latency, smaller overlaps more.
  };

  /// The parameters are leaves with `requires_grad`, of one type, in any memory format. `ranks` must outlive the
  /// reducer.
  GradientReducer(TensorReduction& ranks, std::vector<at::Tensor> parameters, const Options& options);
  GradientReducer(TensorReduction& ranks, std::vector<at::Tensor> parameters)
      : GradientReducer(ranks, std::move(parameters), Options()) {}
  ~GradientReducer();
  GradientReducer(const GradientReducer&) = delete;
  GradientReducer& operator=(const GradientReducer&) = delete;

  /// With `no_sync`, backward passes only add to `grad()` and nothing is summed over ranks: for all micro-batches of a
  /// batch but the last. On all ranks alike. Throws `Error` when sums have started since `wait`.
  void set_no_sync(bool no_sync);

  /// Blocks until all gradients of this backward pass are summed. Throws `Error` when a parameter got no gradient.
  void wait();

 private:
  struct Bucket;
  struct State;
  std::shared_ptr<State> state_;  // shared with the hooks, which live as long as the parameters
};

}  // namespace atelier
