#pragma once

#include <ATen/ATen.h>

namespace atelier {

/// The same numbers with the channels side by side in memory; what is undefined stays so.
inline at::Tensor channels_last(const at::Tensor& x) {
  return x.defined() ? x.contiguous(at::MemoryFormat::ChannelsLast) : x;
}

}  // namespace atelier
