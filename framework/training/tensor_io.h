#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>

#include "framework/storage/safetensors.h"

namespace atelier {

/// Tensors by dotted name, for instance "generator.stem.weight".
using TensorMap = std::map<std::string, at::Tensor>;

/// A tensor of its own memory with the stored type and numbers. Throws `Error` for a type that libtorch does not have.
at::Tensor to_tensor(const StoredTensor& stored);

/// Points into `tensor`, which must be contiguous, on the CPU and outlive the result.
StoredTensor to_stored(const at::Tensor& tensor);

void write_tensors(const std::filesystem::path& file, const TensorMap& tensors,
                   const std::map<std::string, std::string>& metadata = {});
TensorMap read_tensors(const std::filesystem::path& file, std::map<std::string, std::string>* metadata = nullptr);

}  // namespace atelier
