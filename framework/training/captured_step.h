#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace atelier {

/// Captures the work that a GPU is given, to give it the same again in one go: a step of many short kernels then takes
/// the time of the kernels, not that of launching them.
class GraphCapture {
 public:
  virtual ~GraphCapture() = default;
  /// Calls `work` once and captures what it gives to the GPU, which computes none of it now. `work` must not wait for
  /// the GPU nor copy from the host.
  virtual void capture(const std::function<void()>& work) = 0;
  /// Lets the GPU compute what was captured, on the same memory.
  virtual void replay() = 0;
};

/// CUDA graphs (`at::cuda::CUDAGraph`), of the library `atelier-cuda.so` that lies beside the program. After
/// `open_device("cuda")`. Throws `UsageError` when that library was not built or cannot be loaded.
std::unique_ptr<GraphCapture> make_cuda_graph_capture();

/// A step as a function of tensors, computed as it is written the first times (which also lets libraries choose their
/// ways and take their memory), then captured and replayed. Whatever `work` reads besides its inputs must stay where it
/// is: parameters, what optimizers remember, running means.
class CapturedStep {
 public:
  using Inputs = std::vector<at::Tensor>;
  using Work = std::function<at::Tensor(const Inputs&)>;

  explicit CapturedStep(std::unique_ptr<GraphCapture> capture, int first_times = 3)
      : capture_(std::move(capture)), first_times_(first_times) {}

  /// What `work` returns for these inputs. They have the same shapes each time (`Error` otherwise); undefined ones stay
  /// so. A result is valid until the next call. `work` is called the first times only, and must do the same each time;
  /// the one that is captured is kept.
  at::Tensor run(const Inputs& inputs, const Work& work);

 private:
  std::unique_ptr<GraphCapture> capture_;
  int first_times_;
  bool captured_ = false;
  Work work_;
  Inputs inputs_;  // where it reads
  at::Tensor result_;
};

}  // namespace atelier
