#include "framework/training/loss_sums.h"

namespace atelier {

void LossSums::add(const at::Tensor& losses) {
  const at::NoGradGuard no_grad;
  ++steps_;
  if (!sums_.defined()) {
    sums_ = losses.to(at::kDouble, /*non_blocking=*/false, /*copy=*/true);
    return;
  }
  if (sums_.device() != losses.device()) sums_ = sums_.to(losses.device());  // of a checkpoint
  sums_.add_(losses);
}

void LossSums::clear() {
  sums_ = at::Tensor();
  steps_ = 0;
}

at::Tensor LossSums::total() const {
  const at::Tensor total = sums_.to(at::kCPU, /*non_blocking=*/false, /*copy=*/true).contiguous();
  ranks_.sum(total);
  return total;
}

at::Tensor LossSums::rows() const {
  if (steps_ == 0) return {};
  const at::Tensor rows = at::zeros({ranks_.size(), sums_.numel()}, at::kDouble);
  rows[ranks_.rank()].copy_(sums_);
  ranks_.sum(rows);
  return rows;
}

void LossSums::restore(const at::Tensor& rows, std::int64_t steps) {
  steps_ = steps;
  if (rows.size(0) == ranks_.size()) {
    sums_ = rows[ranks_.rank()].clone();
  } else {
    sums_ = ranks_.rank() == 0 ? rows.sum(0) : at::zeros_like(rows[0]);
  }
}

}  // namespace atelier
