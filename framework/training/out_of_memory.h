#pragma once

#include <exception>
#include <optional>

#include "framework/core/error.h"

namespace atelier {

/// What libtorch's allocators and `new` throw when there is no memory, as our own error; none for any other problem.
std::optional<OutOfMemory> as_out_of_memory(const std::exception& problem);

}  // namespace atelier
