#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace atelier {

/// What a result depends on beside its spec: the program's version and commit, host, start time, and whatever else the
/// caller knows. Each entry is a key and a TOML value already written.
std::string provenance_text(const std::vector<std::pair<std::string, std::string>>& more);

}  // namespace atelier
