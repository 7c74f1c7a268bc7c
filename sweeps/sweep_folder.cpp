#include "sweeps/sweep_folder.h"

#include <algorithm>
#include <charconv>
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

/// What may change while a sweep grows: it changes no trial that has ended.
bool may_change(const std::string& key) {
  constexpr std::string_view keys[] = {"name",       "trials",      "sampler",       "seed",        "grid_points",
                                       "population", "trial.ranks", "trial.retries", "trial.grace", "trial.timeout"};
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys) || key.starts_with("space.") ||
         key.starts_with("prune.");
}

[[noreturn]] void refuse(const std::filesystem::path& folder, const std::string& problem) {
  throw UsageError(
      format("{} holds another sweep: {}; choose another --out, or the old value", folder.string(), problem));
}

/// Writes the sweep's file if it is not there; otherwise the two must agree, or the new one grows the sweep.
void write_or_grow(const std::filesystem::path& file, const std::string& text) {
  if (create_file_exclusively(file, text)) return;
  const std::string before = read_file(file);
  if (text == before) return;
  const Document now = Document::from_text(text, "the sweep", file.parent_path());
  const Document then = Document::from_text(before, file.string(), file.parent_path());
  std::string problem = difference(now, then, may_change);
  if (problem.empty()) problem = difference_of_parameters(now, then);
  if (!problem.empty()) refuse(file.parent_path(), problem);
  write_file(file, text);
}

void write_or_compare(const std::filesystem::path& file, const std::string& text) {
  if (create_file_exclusively(file, text)) return;
  const std::string problem =
      difference(Document::from_text(text, "the experiment", file.parent_path()), Document::from_file(file),
                 [](const std::string& key) { return key == "name"; });
  if (!problem.empty()) refuse(file.parent_path(), problem);
}

}  // namespace

SweepFolder::SweepFolder(std::filesystem::path path, const SweepSpec& spec, const SearchSpace& space,
                         const std::string& experiment)
    : path_(std::move(path)) {
  const bool fresh = !std::filesystem::exists(path_) || std::filesystem::is_empty(path_);
  if (!fresh && !std::filesystem::exists(path_ / "sweep.toml") && !std::filesystem::exists(path_ / "trials")) {
    throw UsageError(
        format("{} exists and is no sweep of ours (it has no sweep.toml); choose another --out", path_.string()));
  }
  make_folder(path_ / "trials");
  // The folder stands for itself: its own sweep.toml continues it, wherever the experiment's file has gone.
  SweepSpec own = spec;
  if (!experiment.empty()) own.experiment = "experiment.toml";
  std::string text = own.fields().to_toml() + "\n[space]\n" + space.to_toml();
  if (!spec.environment.empty()) text += "\n[environment]\n";
  for (const auto& [name, value] : spec.environment) text += format("{} = {}\n", toml_key(name), to_toml(Value(value)));
  write_or_grow(path_ / "sweep.toml", text);
  if (!experiment.empty()) write_or_compare(path_ / "experiment.toml", experiment);
}

RunFolder SweepFolder::trial(std::int64_t number) const { return RunFolder(trials() / format("{:06}", number)); }

std::optional<std::int64_t> SweepFolder::number_of(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  std::int64_t number = -1;
  const auto end = name.data() + name.size();
  const auto [stop, problem] = std::from_chars(name.data(), end, number);
  if (stop != end || problem != std::errc() || number < 0 || name.size() < 6) return std::nullopt;
  return number;
}

namespace {

/// None when there is none, or a crash of the machine has emptied it: it begins with its number.
std::optional<TrialFile> read_file_of_trial(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  const Document document = Document::from_file(file);
  TrialFile read;
  bool complete = false;
  const auto whole = [](const Document::Entry& entry) {
    const auto* value = std::get_if<std::int64_t>(&entry.value.data);
    if (!value) throw spec_error(entry.where, format("{}: expected a whole number", entry.key()));
    return *value;
  };
  for (const Document::Entry& entry : document.entries()) {
    if (entry.path.front() == "parameters" && entry.path.size() > 1) {
      std::string key;
      for (std::size_t i = 1; i < entry.path.size(); ++i) key += (i > 1 ? "." : "") + entry.path[i];
      read.parameters.emplace_back(key, entry.value);
    } else if (entry.key() == "number") {
      read.setting = whole(entry);
      complete = true;
    } else if (entry.key() == "identity" && entry.value.is_text()) {
      read.identity = entry.value.text();
    } else if (entry.key() == "setting") {
      read.setting = whole(entry);
    } else if (entry.key() == "seed") {
      read.seed = whole(entry);
    } else if (entry.key() == "parent") {
      read.parent = whole(entry);
    } else if (entry.key() == "asked_for") {
      read.asked_for = true;
    } else {
      throw spec_error(entry.where, format("{} is not part of a trial", entry.key()));
    }
  }
  if (!complete && document.entries().empty()) return std::nullopt;
  if (!complete) throw UsageError(format("{} does not say which trial it is", file.string()));
  return read;
}

std::string to_text(std::int64_t number, const TrialFile& file, bool of_setting) {
  std::string text = format("number = {}\n", number);
  if (!of_setting) text += format("identity = {}\n", to_toml(Value(file.identity)));
  if (file.seed) text += format("setting = {}\nseed = {}\n", file.setting, *file.seed);
  if (file.parent) text += format("parent = {}\n", *file.parent);
  if (file.asked_for) text += "asked_for = true\n";
  text += "\n[parameters]\n";
  for (const auto& [key, value] : file.parameters) text += format("{} = {}\n", toml_key(key), to_toml(value));
  return text;
}

/// Returns what counts: this, or what was there.
TrialFile create_once(const std::filesystem::path& path, const std::string& text, const TrialFile& file) {
  if (create_file_exclusively(path, text, Flush::no)) return file;
  if (const std::optional<TrialFile> there = read_file_of_trial(path)) return *there;
  write_file(path, text, Flush::no);
  return file;
}

}  // namespace

std::optional<TrialFile> SweepFolder::read_trial(std::int64_t number) const {
  return read_file_of_trial(trial(number).path() / "trial.toml");
}

TrialFile SweepFolder::create_trial(std::int64_t number, const TrialFile& file) const {
  const std::filesystem::path folder = trial(number).path();
  make_folder(folder);
  return create_once(folder / "trial.toml", to_text(number, file, /*of_setting=*/false), file);
}

std::optional<TrialFile> SweepFolder::read_setting(std::int64_t setting) const {
  return read_file_of_trial(path_ / "settings" / format("{:06}.toml", setting));
}

TrialFile SweepFolder::fix_setting(std::int64_t setting, const TrialFile& file) const {
  make_folder(path_ / "settings");
  TrialFile plain = file;
  plain.seed.reset();
  return create_once(path_ / "settings" / format("{:06}.toml", setting), to_text(setting, plain, /*of_setting=*/true),
                     plain);
}

std::int64_t SweepFolder::register_identity(const std::string& identity, std::int64_t number) const {
  const std::filesystem::path file = path_ / "identities" / identity;
  make_folder(file.parent_path());
  if (create_file_exclusively(file, std::to_string(number), Flush::no)) return number;
  const std::string holder = read_file(file);
  std::int64_t first = -1;
  const auto [stop, problem] = std::from_chars(holder.data(), holder.data() + holder.size(), first);
  // A crash of the machine may have emptied the file, and a person may have deleted the trial: then it is anybody's
  // again.
  if (problem == std::errc() && first != number && std::filesystem::exists(trial(first).path())) {
    const std::optional<TrialFile> other = read_trial(first);
    if (!other || other->identity == identity) return first;
  }
  if (first != number) write_file(file, std::to_string(number), Flush::no);
  return number;
}

}  // namespace atelier
