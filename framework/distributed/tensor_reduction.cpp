#include "framework/distributed/tensor_reduction.h"

#include "framework/core/error.h"

namespace atelier {
namespace {

/// Calls `work` with the numbers of a tensor in the processors' memory, in the order in which they lie there.
template <class Work>
auto with_numbers(const at::Tensor& values, Work work) {
  if (!values.is_cpu() || !values.is_non_overlapping_and_dense())
    throw Error("a tensor that is summed over the ranks has gaps in memory, or lies on a GPU");
  const auto count = static_cast<std::size_t>(values.numel());
  if (values.scalar_type() == at::kDouble) return work(std::span(values.data_ptr<double>(), count));
  return work(std::span(values.data_ptr<float>(), count));
}

class HostReduction : public TensorReduction {
 public:
  explicit HostReduction(Communicator& ranks) : ranks_(ranks) {}
  int rank() const override { return ranks_.rank(); }
  int size() const override { return ranks_.size(); }

  void sum(const at::Tensor& values) override {
    if (size() == 1) return;  // one rank has the sums already, and a GPU need not be waited for
    const at::Tensor here = values.cpu();
    with_numbers(here, [&](auto numbers) { ranks_.sum(numbers); });
    if (!values.is_cpu()) values.copy_(here);
  }

  std::unique_ptr<PendingSum> start_sum(const at::Tensor& values) override {
    return with_numbers(values, [&](auto numbers) { return ranks_.start_sum(numbers); });
  }

  at::Tensor buffer(std::int64_t count, const at::Tensor& like) const override {
    return at::empty({count}, like.options().device(at::kCPU).pinned_memory(!like.is_cpu()).requires_grad(false));
  }

 private:
  Communicator& ranks_;
};

}  // namespace

std::unique_ptr<TensorReduction> make_tensor_reduction(Communicator& ranks) {
  return std::make_unique<HostReduction>(ranks);
}

}  // namespace atelier
