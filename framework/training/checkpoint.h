#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "framework/records/run_folder.h"
#include "framework/training/tensor_io.h"

namespace atelier {

/// A training's whole state at one step. As a folder: `model.safetensors` (the networks, for others to use) and
/// `state.safetensors` (optimizers, sums of the running record; numbers of the loop in its metadata), `digests.toml`
/// (of both).
struct Checkpoint {
  TensorMap model;
  TensorMap state;
  std::map<std::string, std::string> numbers;

  /// Takes over the numbers of another checkpoint, whose tensors may change afterwards. Tensors that are here already
  /// are written over, so that one snapshot after the other takes no more memory. All lie contiguous, on the CPU.
  void copy(const Checkpoint& other);

  /// Writes aside and renames: complete or absent. `before_rename` may throw to prevent it. Throws `Error`.
  void write(
      const std::filesystem::path& folder, const std::function<void()>& before_rename = [] {}) const;
  /// Throws `Error` that names a file whose digest is not the one it was written with.
  static Checkpoint read(const std::filesystem::path& folder);
  /// The same for a run's checkpoint; the message also says what to do.
  static Checkpoint read(const RunFolder& run, std::int64_t step);

  /// One of `numbers`. Throws `Error` when it is missing or no such number.
  double number(const std::string& name) const;
  std::int64_t whole_number(const std::string& name) const;
};

}  // namespace atelier
