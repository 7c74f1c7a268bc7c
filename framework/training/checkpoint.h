#pragma once

#include <filesystem>
#include <functional>
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

  /// Takes over the numbers of another checkpoint, whose tensors may change afterwards. Tensors that are here already are
  /// written over, so that one snapshot after the other takes no more memory. All lie contiguous, on the CPU.
  void copy(const Checkpoint& other);

  /// Writes aside and renames: complete or absent. `before_rename` may throw to prevent it. Throws `Error`.
  void write(const std::filesystem::path& folder, const std::function<void()>& before_rename = [] {}) const;
  static Checkpoint read(const std::filesystem::path& folder);
};

}  // namespace atelier
