#include "framework/distributed/gradient_reducer.h"

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include "framework/core/error.h"

namespace atelier {

struct GradientReducer::Bucket {
  std::vector<at::Tensor> parameters;
  std::vector<at::Tensor> slots;  // views of `flat`, one a parameter, of its shape
  at::Tensor flat;
  std::size_t missing = 0;
  std::unique_ptr<PendingSum> pending;
};

struct GradientReducer::State {
  TensorReduction* ranks = nullptr;
  std::vector<Bucket> buckets;
  std::size_t next = 0;  // the first bucket whose sum has not started
  bool no_sync = false;

  void accept(std::size_t bucket, std::size_t slot) {
    if (no_sync) return;
    Bucket& b = buckets[bucket];
    b.slots[slot].copy_(b.parameters[slot].grad());
    --b.missing;
    for (; next < buckets.size() && buckets[next].missing == 0; ++next)
      buckets[next].pending = ranks->start_sum(buckets[next].flat);
  }
};

namespace {

class Hook : public torch::autograd::PostAccumulateGradHook {
 public:
  explicit Hook(std::function<void()> action) : action_(std::move(action)) {}
  void operator()(const torch::autograd::Variable&) override { action_(); }

 private:
  std::function<void()> action_;
};

}  // namespace

GradientReducer::GradientReducer(TensorReduction& ranks, std::vector<at::Tensor> parameters, const Options& options)
    : state_(std::make_shared<State>()) {
  state_->ranks = &ranks;
  // Alone there is nothing to add: the gradients are the sums, and no copy is made.
  if (ranks.size() == 1) return;

  std::size_t bytes = options.bucket_bytes;
  for (auto parameter = parameters.rbegin(); parameter != parameters.rend(); ++parameter) {
    if (bytes >= options.bucket_bytes) {
      state_->buckets.emplace_back();
      bytes = 0;
    }
    state_->buckets.back().parameters.push_back(*parameter);
    bytes += parameter->nbytes();
  }
  for (std::size_t i = 0; i < state_->buckets.size(); ++i) {
    Bucket& bucket = state_->buckets[i];
    std::int64_t count = 0;
    for (const at::Tensor& parameter : bucket.parameters) {
      if (!parameter.is_non_overlapping_and_dense())
        throw Error("a parameter whose gradient is summed has gaps in memory");
      count += parameter.numel();
    }
    bucket.flat = ranks.buffer(count, bucket.parameters.front());
    bucket.missing = bucket.parameters.size();
    count = 0;
    for (std::size_t slot = 0; slot < bucket.parameters.size(); ++slot) {
      const at::Tensor& parameter = bucket.parameters[slot];
      // Each lies in its slot as it lies itself, so that copies go straight through memory.
      bucket.slots.push_back(bucket.flat.as_strided(parameter.sizes(), parameter.strides(), count));
      count += parameter.numel();
      torch::autograd::impl::set_post_acc_grad_hooks(parameter,
                                                     std::make_unique<Hook>([state = std::weak_ptr(state_), i, slot] {
                                                       if (const auto alive = state.lock()) alive->accept(i, slot);
                                                     }));
    }
  }
}

GradientReducer::~GradientReducer() = default;

void GradientReducer::set_no_sync(bool no_sync) {
  for (const Bucket& bucket : state_->buckets) {
    if (bucket.missing != bucket.parameters.size())
      throw Error("gradients were given to the sum over ranks before it was switched off");
  }
  state_->no_sync = no_sync;
}

void GradientReducer::wait() {
  if (state_->next != state_->buckets.size()) {
    throw Error("a parameter got no gradient in this step, so its sum over the ranks would never end");
  }
  const at::NoGradGuard no_grad;
  for (Bucket& bucket : state_->buckets) {
    bucket.pending->wait();
    bucket.pending.reset();
    for (std::size_t slot = 0; slot < bucket.parameters.size(); ++slot) {
      bucket.parameters[slot].mutable_grad().copy_(bucket.slots[slot]);
    }
    bucket.missing = bucket.parameters.size();
  }
  state_->next = 0;
}

}  // namespace atelier
