#include "framework/core/error.h"

#include <system_error>

namespace atelier {

std::string first_line(const std::exception& problem) {
  const std::string what = problem.what();
  return what.substr(0, what.find('\n'));
}

std::string system_message(int error_number) { return std::generic_category().message(error_number); }

}  // namespace atelier
