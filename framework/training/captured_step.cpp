#include "framework/training/captured_step.h"

#include <dlfcn.h>

#include <filesystem>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {

std::unique_ptr<GraphCapture> make_cuda_graph_capture() {
  const std::filesystem::path library =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "atelier-cuda.so";
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    throw UsageError(format(
        "speed.cuda_graphs: the library for it cannot be loaded ({}); it is built where CUDA's headers are found: "
        "run ATELIER_GPU=1 ./setup and build again, or set speed.cuda_graphs = false",
        dlerror()));
  }
  using Make = GraphCapture* (*)();
  const auto make = reinterpret_cast<Make>(dlsym(handle, "atelier_make_cuda_graph_capture"));
  if (make == nullptr) throw Error(format("{} is of another version: {}", library.string(), dlerror()));
  return std::unique_ptr<GraphCapture>(make());
}

at::Tensor CapturedStep::run(const Inputs& inputs, const Work& work) {
  {
    const at::NoGradGuard no_grad;
    if (inputs_.empty()) {
      for (const at::Tensor& input : inputs) inputs_.push_back(input.defined() ? at::empty_like(input) : at::Tensor());
    }
    if (inputs.size() != inputs_.size()) throw Error("a captured step was given another number of inputs");
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const at::Tensor& to = inputs_[i];
      if (inputs[i].defined() != to.defined() ||
          (to.defined() && (inputs[i].sizes() != to.sizes() || inputs[i].scalar_type() != to.scalar_type()))) {
        throw Error(format("input {} of a captured step is of another shape than before", i));
      }
      if (to.defined()) at::Tensor(to).copy_(inputs[i], /*non_blocking=*/true);
    }
  }
  if (first_times_ > 0) {
    --first_times_;
    return work(inputs_);
  }
  if (!captured_) {
    work_ = work;
    try {
      capture_->capture([this] { result_ = work_(inputs_); });
    } catch (const c10::OutOfMemoryError&) {
      throw;
    } catch (const c10::Error& problem) {
      throw Error(format("the GPU's work could not be captured ({}); set speed.cuda_graphs = false",
                         problem.what_without_backtrace()));
    }
    captured_ = true;
  }
  capture_->replay();
  return result_;
}

}  // namespace atelier
