#include "datasets/source_list.h"

#include <algorithm>
#include <functional>
#include <map>

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
  return {path, {}, plain.generic_string(), grouping == "name" ? stem.generic_string() : plain.generic_string()};
}

bool is_hidden(const fs::path& file) { return file.filename().string().starts_with('.'); }

/// Calls `work(path, place)` for the pictures in a folder and below; `place` is relative to the folder.
void each_picture(const fs::path& folder, const std::function<void(const fs::path&, const fs::path&)>& work) {
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator(); ++entry) {
    if (is_hidden(entry->path())) {
      if (entry->is_directory()) entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && has_image_name(entry->path())) {
      work(entry->path(), entry->path().lexically_relative(folder));
    }
  }
}

/// The pictures of a paired column, found by the places of the inputs.
class PairFolder {
 public:
  PairFolder(const Recipe& recipe, const SetRecipe& set, const PairedColumn& column)
      : key_(column.name == truth_column ? format("set.{}.truth", set.name)
                                         : format("set.{}.column.{}", set.name, column.name)),
        what_(column.name == truth_column ? "the true picture" : format("the {}", column.name)),
        folder_(recipe.folder / column.folder) {
    each_picture(folder_, [&](const fs::path& path, const fs::path& place) { files_[key(place)].push_back(path); });
  }

  fs::path of(const std::string& name, const fs::path& place) const {
    const auto found = files_.find(key(place));
    if (found == files_.end()) {
      throw UsageError(format("{}: there is no {} in {}, {} of {}; any picture format will do", key_,
                              place.generic_string(), folder_.string(), what_, name));
    }
    if (found->second.size() > 1) {
      throw UsageError(format("{}: which is {} of {}: {} or {}? Leave one of them", key_, what_, name,
                              found->second[0].string(), found->second[1].string()));
    }
    return found->second.front();
  }

 private:
  static std::string key(fs::path place) { return place.replace_extension().generic_string(); }

  std::string key_, what_;  // for messages
  fs::path folder_;
  std::map<std::string, std::vector<fs::path>> files_;  // by place without extension
};

}  // namespace

std::vector<Source> list_sources(const Recipe& recipe, const SetRecipe& set) try {
  std::vector<Source> sources;
  std::vector<PairFolder> folders;
  for (const PairedColumn& column : set.pairs()) folders.emplace_back(recipe, set, column);
  const auto add = [&](const fs::path& path, const fs::path& name, const fs::path& place) {
    sources.push_back(make_source(path, name, set.group));
    for (const PairFolder& folder : folders) sources.back().pairs.push_back(folder.of(sources.back().name, place));
  };
  for (const std::string& input : set.inputs) {
    const fs::path path = recipe.folder / input;
    const std::size_t before = sources.size();
    if (fs::is_directory(path)) {
      each_picture(path, [&](const fs::path& file, const fs::path& place) { add(file, input / place, place); });
    } else {
      add(path, input, path.filename());
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
  const auto add = [&](const std::string& name, const fs::path& path) {
    std::error_code gone;
    const auto size = fs::file_size(path, gone);
    const auto changed = fs::last_write_time(path, gone).time_since_epoch().count();
    text += format("{}\t{}\t{}\n", name, size, changed);
  };
  for (const Source& source : sources) {
    add(source.name, source.path);
    // By its file name alone: the folder is in the recipe, and moving them changes nothing.
    for (const fs::path& pair : source.pairs) add(pair.filename().generic_string(), pair);
  }
  return digest(text);
}

}  // namespace atelier
