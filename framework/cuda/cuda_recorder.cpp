// A library of its own, loaded where a GPU is used: it needs the GPU part of libtorch, which the program itself does
// not.
#include <ATen/cuda/CUDAGraph.h>

#include "framework/training/recorded_step.h"

namespace atelier {
namespace {

class CudaRecorder : public WorkRecorder {
 public:
  void record(const std::function<void()>& work) override {
    // Other threads (the one that writes checkpoints) may go on calling CUDA meanwhile.
    graph_.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    work();
    graph_.capture_end();
  }
  void replay() override { graph_.replay(); }

 private:
  at::cuda::CUDAGraph graph_;
};

}  // namespace
}  // namespace atelier

extern "C" __attribute__((visibility("default"))) atelier::WorkRecorder* atelier_make_cuda_recorder() {
  return new atelier::CudaRecorder;
}
