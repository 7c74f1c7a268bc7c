#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace atelier {

/// Records the work that a GPU is given, to give it the same again in one go: a step of many short kernels then takes
/// the time of the kernels, not that of launching them.
class WorkRecorder {
 public:
  virtual ~WorkRecorder() = default;
  /// Calls `work` once and records what it gives to the GPU, which computes none of it now. `work` must not wait for
  /// the GPU nor copy from the host.
  virtual void record(const std::function<void()>& work) = 0;
  /// Lets the GPU compute what was recorded, on the same memory.
  virtual void replay() = 0;
};

/// CUDA graphs (`at::cuda::CUDAGraph`), of the library `atelier-cuda.so` that lies beside the program. After
/// `open_device("cuda")`. Throws `UsageError` when that library was not built or cannot be loaded.
std::unique_ptr<WorkRecorder> make_cuda_recorder();

/// A step as a function of tensors, computed as it is written the first times (which also lets libraries choose their
/// ways and take their memory), then recorded and repeated. Whatever `work` reads besides its inputs must stay where it
/// is: parameters, what optimizers remember, running means.
class RecordedStep {
 public:
  using Inputs = std::vector<at::Tensor>;
  using Work = std::function<at::Tensor(const Inputs&)>;

  explicit RecordedStep(std::unique_ptr<WorkRecorder> recorder, int unrecorded = 3)
      : recorder_(std::move(recorder)), unrecorded_(unrecorded) {}

  /// What `work` returns for these inputs. They have the same shapes each time (`Error` otherwise); undefined ones stay
  /// so. A result is valid until the next call. `work` is called the first times only, and must do the same each time;
  /// the one that is recorded is kept.
  at::Tensor run(const Inputs& inputs, const Work& work);

 private:
  std::unique_ptr<WorkRecorder> recorder_;
  int unrecorded_;
  bool recorded_ = false;
  Work work_;
  Inputs inputs_;  // where it reads
  at::Tensor result_;
};

}  // namespace atelier
