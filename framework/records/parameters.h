#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "framework/config/value.h"

namespace atelier {

/// Parameters of a trial by dotted key, in the order of the search space. Those whose condition does not hold are
/// absent.
using Parameters = std::vector<std::pair<std::string, Value>>;

/// The value of one parameter; null when the trial does not have it.
inline const Value* find(const Parameters& parameters, std::string_view key) {
  for (const auto& [name, value] : parameters) {
    if (name == key) return &value;
  }
  return nullptr;
}

}  // namespace atelier
