#include "sweeps/pruner.h"

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

struct CatalogEntry {
  std::string_view name;
  std::unique_ptr<Pruner> (*make)(const PrunerOptions&);
};

// The catalog: one line a pruner.
constexpr CatalogEntry catalog[] = {
    {"none", make_no_pruner},
};

}  // namespace

std::vector<std::string_view> pruner_names() {
  std::vector<std::string_view> names;
  for (const CatalogEntry& entry : catalog) names.push_back(entry.name);
  return names;
}

std::unique_ptr<Pruner> make_pruner(std::string_view name, const PrunerOptions& options) {
  for (const CatalogEntry& entry : catalog) {
    if (entry.name == name) return entry.make(options);
  }
  throw UsageError(format("there is no pruner {}", name));
}

}  // namespace atelier
