#include "datasets/source_list.h"

#include <algorithm>

#include "framework/core/format.h"
#include "framework/images/file_name.h"
#include "framework/storage/digest.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// "lake-sherburne" of "lake-sherburne-03": the name without the number behind its last dash.
std::string without_number(const std::string& stem) {
  const std::size_t end = stem.find_last_not_of("0123456789");
  const bool numbered = end != std::string::npos && end > 0 && end + 1 < stem.size() && stem[end] == '-';
  return numbered ? stem.substr(0, end) : stem;
}

Source make_source(const fs::path& path, const fs::path& name, const std::string& grouping) {
  const fs::path plain = name.lexically_normal();
  const fs::path stem = plain.parent_path() / without_number(plain.stem().string());
  return {path, plain.generic_string(), grouping == "name" ? stem.generic_string() : plain.generic_string()};
}

bool is_hidden(const fs::path& file) { return file.filename().string().starts_with('.'); }

void list_folder(const fs::path& folder, const fs::path& name, const std::string& grouping,
                 std::vector<Source>& sources) {
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator(); ++entry) {
    if (is_hidden(entry->path())) {
      if (entry->is_directory()) entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && has_image_name(entry->path())) {
      sources.push_back(make_source(entry->path(), name / entry->path().lexically_relative(folder), grouping));
    }
  }
}

}  // namespace

std::vector<Source> list_sources(const Recipe& recipe, const SetRecipe& set) try {
  std::vector<Source> sources;
  for (const std::string& input : set.inputs) {
    const fs::path path = recipe.folder / input;
    const std::size_t before = sources.size();
    if (fs::is_directory(path)) {
      list_folder(path, input, set.group, sources);
    } else {
      sources.push_back(make_source(path, input, set.group));
    }
    if (sources.size() == before) {
      throw UsageError(format("set.{}.inputs: there are no pictures in {}", set.name, path.string()));
    }
  }
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.name < b.name; });
  const auto same = [](const Source& a, const Source& b) { return a.name == b.name; };
  sources.erase(std::unique(sources.begin(), sources.end(), same), sources.end());
  return sources;
} catch (const fs::filesystem_error& problem) {
  throw Error(format("cannot read {}: {}", problem.path1().string(), problem.code().message()));
}

std::uint64_t sources_digest(const std::vector<Source>& sources) {
  std::string text;
  for (const Source& source : sources) {
    std::error_code gone;
    const auto size = fs::file_size(source.path, gone);
    const auto changed = fs::last_write_time(source.path, gone).time_since_epoch().count();
    text += format("{}\t{}\t{}\n", source.name, size, changed);
  }
  return digest(text);
}

}  // namespace atelier
