// A library of its own, loaded where a GPU is used: it needs the GPU part of libtorch, which the program itself does
// not.
#include <ATen/cuda/CUDAGraph.h>

#include "framework/training/captured_step.h"

namespace atelier {
namespace {

class CudaGraphCapture : public GraphCapture {
 public:
  void capture(const std::function<void()>& work) override {
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

extern "C" __attribute__((visibility("default"))) atelier::GraphCapture* atelier_make_cuda_graph_capture() {
  return new atelier::CudaGraphCapture;
}
