#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "framework/training/tensor_io.h"

namespace atelier {

/// A training's whole state at one step. As a folder: `model.safetensors` (the networks, for others to use) and
/// `state.safetensors` (optimizers, sums of the running record; numbers of the loop in its metadata).
struct Checkpoint {
  TensorMap model;
  TensorMap state;
  std::map<std::string, std::string> numbers;

  /// Writes aside and renames: complete or absent. Throws `Error`.
  void write(const std::filesystem::path& folder) const;
  static Checkpoint read(const std::filesystem::path& folder);
};

}  // namespace atelier
