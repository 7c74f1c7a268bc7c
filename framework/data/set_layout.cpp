#include "framework/data/set_layout.h"

#include <algorithm>

#include "framework/storage/digest.h"

namespace atelier {

std::size_t SetLayout::find(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return static_cast<std::size_t>(found - columns.begin());
}

void SetLayout::add(Column column) {
  const auto before = [](const Column& a, const Column& b) {
    return a.name != images_column && (b.name == images_column || a.name > b.name);
  };
  const auto place = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return before(c, column); });
  columns.insert(place, std::move(column));
}

std::uint64_t set_digest(const ColumnDigests& digests) {
  std::vector<std::uint64_t> all;
  for (const std::vector<std::uint64_t>& column : digests) all.insert(all.end(), column.begin(), column.end());
  return digest({reinterpret_cast<const std::uint8_t*>(all.data()), all.size() * sizeof all[0]});
}

}  // namespace atelier
