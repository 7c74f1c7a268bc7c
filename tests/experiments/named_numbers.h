#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace atelier {

// Weights and images as functions of names, made here as baseline_golden.py makes them.

/// `count` numbers in [-1, 1): splitmix64, started at the name's FNV-1a hash.
inline at::Tensor uniform(std::string_view name, std::int64_t count) {
  std::uint64_t state = 0xCBF29CE484222325;
  for (const char letter : name) state = (state ^ static_cast<unsigned char>(letter)) * 0x100000001B3;
  at::Tensor values = at::empty({count}, at::kDouble);
  double* data = values.data_ptr<double>();
  for (std::int64_t i = 0; i < count; ++i) {
    state += 0x9E3779B97F4A7C15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    data[i] = static_cast<double>(z >> 11) * 0x1p-52 - 1;
  }
  return values;
}

/// Rounded to single precision, so that both precisions and the feature network's file have the same numbers.
inline at::Tensor numbers(const std::string& name, at::IntArrayRef shape, double centre, double spread) {
  return (uniform(name, c10::multiply_integers(shape)) * spread + centre).to(at::kFloat).view(shape);
}

}  // namespace atelier
