#include "framework/storage/provenance.h"

#include <unistd.h>

#include <chrono>
#include <ctime>

#include "build_info.h"
#include "framework/config/value.h"
#include "framework/core/format.h"

namespace atelier {

std::string provenance_text(const std::vector<std::pair<std::string, std::string>>& more) {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  const std::time_t now = std::time(nullptr);
  char when[40] = "";
  std::strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
  std::string text =
      format("version = {}\ncommit = {}\ndirty = {}\nhost = {}\nstarted = {}\n", to_toml(Value(build_version)),
             to_toml(Value(build_commit)), build_dirty, to_toml(Value(host)), to_toml(Value(when)));
  for (const auto& [key, value] : more) text += format("{} = {}\n", key, value);
  return text;
}

}  // namespace atelier
