#pragma once

#include <string>

/// The message of the `Problem` that `work` throws; "" when it throws none.
template <typename Problem, typename Work>
std::string error_of(Work&& work) {
  try {
    work();
  } catch (const Problem& problem) {
    return problem.what();
  }
  return "";
}
