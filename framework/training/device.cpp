#include "framework/training/device.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <dlfcn.h>

#include <filesystem>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

/// libtorch's GPU part lies beside its CPU part, which is loaded already.
void load_gpu_part() {
  Dl_info place{};
  if (dladdr(reinterpret_cast<const void*>(&at::globalContext), &place) == 0)
    throw Error("where libtorch lies cannot be found out");
  const std::filesystem::path library = std::filesystem::path(place.dli_fname).parent_path() / "libtorch_cuda.so";
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) return;
  throw UsageError(
      format("train.device = \"cuda\": libtorch's GPU part cannot be loaded ({}); ./setup installs what it needs where "
             "it finds a GPU, or choose \"cpu\"",
             dlerror()));
}

}  // namespace

c10::Device open_device(const std::string& name, const Communicator& ranks) {
  if (name == "cpu") return c10::Device(c10::kCPU);
  if (name != "cuda") throw Error("there is no device " + name);
  load_gpu_part();
  if (!at::detail::getCUDAHooks().hasCUDA()) {
    throw UsageError(
        "train.device = \"cuda\": there is no GPU here that CUDA can use; choose \"cpu\", or look at nvidia-smi");
  }
  const int count = at::detail::getCUDAHooks().getNumGPUs();
  at::globalContext().lazyInitDevice(c10::kCUDA);
  at::globalContext().setDeterministicCuDNN(true);  // the same bits when run again, as far as CUDA allows
  const c10::Device device(c10::kCUDA, static_cast<c10::DeviceIndex>(ranks.host_place().rank % count));
  const c10::impl::DeviceGuardImplInterface* gpu = c10::impl::getDeviceGuardImpl(c10::kCUDA);
  gpu->setDevice(device);
  // A queue of its own for all that this thread does: work given to the default one cannot be recorded.
  gpu->exchangeStream(gpu->getStreamFromGlobalPool(device));
  return device;
}

void allow_tf32(bool allow) {
  at::globalContext().setAllowTF32CuBLAS(allow);
  at::globalContext().setAllowTF32CuDNN(allow);
}

}  // namespace atelier
