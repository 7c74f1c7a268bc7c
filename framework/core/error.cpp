#include "framework/core/error.h"

#include <system_error>

#include "framework/core/format.h"

namespace atelier {

OutOfMemory::OutOfMemory(std::uint64_t bytes)
    : Error(bytes > 0 ? format("out of memory: {:.3g} GB more were asked for", static_cast<double>(bytes) / 1e9)
                      : "out of memory"),
      bytes_(bytes) {}

std::string first_line(const std::exception& problem) {
  const std::string what = problem.what();
  return what.substr(0, what.find('\n'));
}

std::string system_message(int error_number) { return std::generic_category().message(error_number); }

}  // namespace atelier
