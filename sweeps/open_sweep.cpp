#include "sweeps/open_sweep.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"

namespace atelier {
namespace {

/// The first value in which two documents differ, in words; empty when they say the same. Keys for which `free` is true
/// may differ.
std::string difference(const Document& now, const Document& before,
                       const std::function<bool(const std::string&)>& free) {
  std::map<std::string, std::pair<std::string, std::string>> values;
  for (const Document::Entry& entry : now.entries()) values[entry.key()].first = to_toml(entry.value);
  for (const Document::Entry& entry : before.entries()) values[entry.key()].second = to_toml(entry.value);
  for (const auto& [key, pair] : values) {
    if (pair.first == pair.second || free(key)) continue;
    const auto shown = [](const std::string& value) { return value.empty() ? "not set" : value; };
    return format("{} is {}, was {}", key, shown(pair.first), shown(pair.second));
  }
  return {};
}

/// The parameters that a sweep's file varies.
std::set<std::string> varied(const Document& sweep) {
  std::set<std::string> keys;
  for (const Document::Entry& entry : sweep.entries()) {
    if (entry.path.size() < 3 || entry.path.front() != "space") continue;
    std::string key;
    for (std::size_t i = 1; i + 1 < entry.path.size() && entry.path[i] != "when"; ++i)
      key += (key.empty() ? "" : ".") + entry.path[i];
    keys.insert(key);
  }
  return keys;
}

/// Other parameters would make other trials of those that have ended.
std::string difference_of_parameters(const Document& now, const Document& before) {
  const std::set<std::string> keys = varied(now), old = varied(before);
  for (const std::string& key : keys) {
    if (!old.contains(key)) return format("{} was not varied", key);
  }
  for (const std::string& key : old) {
    if (!keys.contains(key)) return format("{} was varied, and is not now", key);
  }
  return {};
}

[[noreturn]] void refuse(const std::filesystem::path& folder, const std::string& problem) {
  throw UsageError(
      format("{} holds another sweep: {}; choose another --out, or the old value", folder.string(), problem));
}

/// Writes the sweep's file if it is not there; otherwise the two must agree, or the new one grows the sweep.
void write_or_grow(const std::filesystem::path& file, const std::string& text, const Fields& fields) {
  if (create_file_exclusively(file, text)) return;
  const std::string before = read_file(file);
  if (text == before) return;
  const Document now = Document::from_text(text, "the sweep", file.parent_path());
  const Document then = Document::from_text(before, file.string(), file.parent_path());
  std::string problem = difference(now, then, [&](const std::string& key) {
    const Field* field = fields.find(key);
    return key.starts_with("space.") || (field && field->role != Role::result);
  });
  if (problem.empty()) problem = difference_of_parameters(now, then);
  if (!problem.empty()) refuse(file.parent_path(), problem);
  write_file(file, text);
}

/// Writes the experiment's file if it is not there; otherwise the two must agree. `text` says every key that there is:
/// a key that only an earlier version's file has is none any more.
void write_or_compare(const std::filesystem::path& file, const std::string& text) {
  if (create_file_exclusively(file, text)) return;
  const Document now = Document::from_text(text, "the experiment", file.parent_path());
  const std::string problem = difference(now, Document::from_file(file), [&](const std::string& key) {
    return key == "name" || now.find(key) == nullptr;
  });
  if (!problem.empty()) refuse(file.parent_path(), problem);
}

}  // namespace

SweepFolder open_sweep(const std::filesystem::path& path, const SweepSpec& spec, const SearchSpace& space,
                       const std::string& experiment) {
  SweepFolder folder(path);
  const bool fresh = !std::filesystem::exists(path) || std::filesystem::is_empty(path);
  if (!fresh && !folder.is_there()) {
    throw UsageError(
        format("{} exists and is no sweep of ours (it has no sweep.toml); choose another --out", path.string()));
  }
  make_folder(folder.trials());
  // The folder stands for itself: its own sweep.toml continues it, wherever the experiment's file has gone.
  SweepSpec own = spec;
  if (!experiment.empty()) own.experiment = folder.experiment().filename();
  const Fields fields = own.fields();
  std::string text = fields.to_toml() + "\n[space]\n" + space.to_toml();
  if (!spec.environment.empty()) text += "\n[environment]\n";
  for (const auto& [name, value] : spec.environment) text += format("{} = {}\n", toml_key(name), to_toml(Value(value)));
  write_or_grow(folder.spec(), text, fields);
  if (!experiment.empty()) write_or_compare(folder.experiment(), experiment);
  return folder;
}

}  // namespace atelier
