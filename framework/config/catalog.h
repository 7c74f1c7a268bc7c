#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/suggestion.h"

namespace atelier {

/// Things of one sort that a spec chooses by name: samplers, pruners, norms. A table of entries, one line each, and one
/// behaviour for a name that is not in it.
///
///     struct SamplerEntry {
///       std::string_view name, summary;
///       std::unique_ptr<Sampler> (*make)(const SearchSpace&, const SamplerOptions&);
///     };
///     constexpr SamplerEntry entries[] = {{"grid", "every combination", make_grid_sampler}, ...};
///     constexpr Catalog<SamplerEntry> samplers("sampler", entries);
///
///     samplers.at(spec.sampler).make(space, options);
///
/// `Entry` has the members `name` and `summary`, both convertible to `std::string_view`; `summary` says what it is in a
/// few words. The table must outlive the catalog.
template <class Entry>
class Catalog {
 public:
  /// `sort`: what one of them is called in messages, for instance "sampler".
  constexpr Catalog(std::string_view sort, std::span<const Entry> entries) : sort_(sort), entries_(entries) {}

  std::string_view sort() const { return sort_; }
  std::span<const Entry> entries() const { return entries_; }

  /// In the order of the table.
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> names;
    for (const Entry& entry : entries_) names.push_back(entry.name);
    return names;
  }

  /// Null for a name that is not in the table.
  constexpr const Entry* find(std::string_view name) const {
    for (const Entry& entry : entries_) {
      if (std::string_view(entry.name) == name) return &entry;
    }
    return nullptr;
  }

  /// Throws `UsageError` for a name that is not in the table, with the nearest name or all names.
  const Entry& at(std::string_view name) const {
    if (const Entry* entry = find(name)) return *entry;
    const std::vector<std::string_view> known = names();
    const std::string_view near = nearest(name, known);
    throw UsageError(format("there is no {} \"{}\"; {}", sort_, name,
                            near.empty() ? "choose " + quoted_list(known) : format("did you mean \"{}\"?", near)));
  }

 private:
  std::string_view sort_;
  std::span<const Entry> entries_;
};

}  // namespace atelier
