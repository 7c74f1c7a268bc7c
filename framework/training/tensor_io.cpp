#include "framework/training/tensor_io.h"

#include <cstring>
#include <vector>

#include "framework/core/error.h"

namespace atelier {
namespace {

struct TypeName {
  at::ScalarType type;
  const char* name;
};

constexpr TypeName type_names[] = {{at::kDouble, "F64"},    {at::kFloat, "F32"}, {at::kHalf, "F16"},
                                   {at::kBFloat16, "BF16"}, {at::kLong, "I64"},  {at::kInt, "I32"},
                                   {at::kByte, "U8"}};

}  // namespace

at::Tensor to_tensor(const StoredTensor& stored) {
  for (const TypeName& entry : type_names) {
    if (stored.dtype != entry.name) continue;
    at::Tensor tensor = at::empty(stored.shape, at::TensorOptions().dtype(entry.type));
    std::memcpy(tensor.data_ptr(), stored.bytes.data(), stored.bytes.size());
    return tensor;
  }
  throw Error("tensors of type " + stored.dtype + " are not used here");
}

StoredTensor to_stored(const at::Tensor& tensor) {
  for (const TypeName& entry : type_names) {
    if (tensor.scalar_type() == entry.type) {
      return {entry.name, tensor.sizes().vec(), {static_cast<const std::uint8_t*>(tensor.data_ptr()), tensor.nbytes()}};
    }
  }
  throw Error(std::string("tensors of type ") + at::toString(tensor.scalar_type()) + " are not stored");
}

void write_tensors(const std::filesystem::path& file, const TensorMap& tensors,
                   const std::map<std::string, std::string>& metadata) {
  TensorMap plain;  // keeps the contiguous copies alive while they are written
  std::map<std::string, StoredTensor> stored;
  for (const auto& [name, tensor] : tensors) {
    plain[name] = tensor.detach().to(at::kCPU).contiguous();
    stored[name] = to_stored(plain[name]);
  }
  write_safetensors(file, stored, metadata);
}

TensorMap read_tensors(const std::filesystem::path& file, std::map<std::string, std::string>* metadata) {
  const SafetensorsFile source(file);
  TensorMap tensors;
  for (const auto& [name, stored] : source.tensors()) tensors[name] = to_tensor(stored);
  if (metadata) *metadata = source.metadata();
  return tensors;
}

}  // namespace atelier
