#include "framework/core/random.h"

#include <cmath>
#include <numbers>

namespace atelier {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(a)};
    k[0] += 0x9E3779B9;
    k[1] += 0xBB67AE85;
  }
  return c;
}

namespace {

std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

}  // namespace

CounterRandom::CounterRandom(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  // The index shares no word with the running counter: one block mixes seed, stream and index into the key.
  const auto mixed = philox({low(stream), high(stream), low(index), high(index)}, {low(seed), high(seed)});
  key_ = {mixed[0], mixed[1]};
  counter_ = {0, 0, mixed[2], mixed[3]};
}

std::uint32_t CounterRandom::bits() {
  if (used_ == 4) {
    block_ = philox(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[used_++];
}

double CounterRandom::uniform() {
  const std::uint64_t a = bits() >> 5;
  const std::uint64_t b = bits() >> 6;
  return static_cast<double>(a * 67108864 + b) / 9007199254740992.0;
}

std::uint64_t CounterRandom::below(std::uint64_t bound) {
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value;
  do {
    value = std::uint64_t{bits()} << 32;
    value |= bits();
  } while (value >= limit);
  return value % bound;
}

double CounterRandom::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

Permutation::Permutation(std::uint64_t size, std::uint64_t seed, std::uint64_t stream) : size_(size), half_bits_(1) {
  while (half_bits_ < 31 && (std::uint64_t{1} << (2 * half_bits_)) < size) ++half_bits_;
  const auto mixed = philox({low(stream), high(stream), 0x5eed, 0x0dde}, {low(seed), high(seed)});
  key_ = {mixed[0], mixed[1]};
}

std::uint64_t Permutation::encrypt(std::uint64_t value) const {
  const std::uint32_t mask = (std::uint32_t{1} << half_bits_) - 1;
  std::uint32_t left = static_cast<std::uint32_t>(value >> half_bits_) & mask;
  std::uint32_t right = static_cast<std::uint32_t>(value) & mask;
  for (std::uint32_t round = 0; round < 6; ++round) {
    const std::uint32_t mixed = philox({right, round, 0, 0}, key_)[0] & mask;
    const std::uint32_t next = left ^ mixed;
    left = right;
    right = next;
  }
  return (std::uint64_t{left} << half_bits_) | right;
}

std::uint64_t Permutation::operator()(std::uint64_t position) const {
  do {
    position = encrypt(position);
  } while (position >= size_);
  return position;
}

}  // namespace atelier
