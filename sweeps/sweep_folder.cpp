#include "sweeps/sweep_folder.h"

#include <map>

#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"

namespace atelier {
namespace {

/// The first value in which two documents differ, in words; empty when they say the same. `free` keys may differ.
std::string difference(const Document& now, const Document& before, const std::vector<std::string>& free) {
  std::map<std::string, std::pair<std::string, std::string>> values;
  for (const Document::Entry& entry : now.entries()) values[entry.key()].first = to_toml(entry.value);
  for (const Document::Entry& entry : before.entries()) values[entry.key()].second = to_toml(entry.value);
  for (const auto& [key, pair] : values) {
    if (pair.first == pair.second || std::find(free.begin(), free.end(), key) != free.end()) continue;
    const auto shown = [](const std::string& value) { return value.empty() ? "not set" : value; };
    return format("{} is {}, was {}", key, shown(pair.first), shown(pair.second));
  }
  return {};
}

/// Writes the file if it is not there; otherwise the two must agree.
void write_or_compare(const std::filesystem::path& file, const std::string& text, const std::vector<std::string>& free) {
  if (create_file_exclusively(file, text)) return;
  const std::string before = read_file(file);
  const std::string problem = difference(Document::from_text(text, "the sweep", file.parent_path()),
                                         Document::from_text(before, file.string(), file.parent_path()), free);
  if (!problem.empty()) {
    throw UsageError(format("{} holds another sweep: {}; choose another --out, or the old value", file.parent_path().string(), problem));
  }
  if (text != before) write_file(file, text);
}

}  // namespace

SweepFolder::SweepFolder(std::filesystem::path path, const SweepSpec& spec, const SearchSpace& space, const std::string& experiment)
    : path_(std::move(path)) {
  const bool fresh = !std::filesystem::exists(path_) || std::filesystem::is_empty(path_);
  if (!fresh && !std::filesystem::exists(path_ / "sweep.toml") && !std::filesystem::exists(path_ / "trials")) {
    throw UsageError(format("{} exists and is no sweep of ours (it has no sweep.toml); choose another --out", path_.string()));
  }
  make_folder(path_ / "trials");
  // The folder stands for itself: its own sweep.toml continues it, wherever the experiment's file has gone.
  SweepSpec own = spec;
  own.experiment = "experiment.toml";
  write_or_compare(path_ / "sweep.toml", own.fields().to_toml() + "\n[space]\n" + space.to_toml(),
                   {"name", "trials", "trial.ranks"});
  write_or_compare(path_ / "experiment.toml", experiment, {"name"});
}

RunFolder SweepFolder::trial(std::int64_t number) const { return RunFolder(path_ / "trials" / format("{:06}", number)); }

std::int64_t SweepFolder::ended(std::int64_t trials) const {
  std::int64_t count = 0;
  for (std::int64_t number = 0; number < trials; ++number) count += std::filesystem::exists(trial(number).result());
  return count;
}

void SweepFolder::prepare_trial(std::int64_t number, const std::string& identity, const Parameters& parameters) const {
  const std::filesystem::path folder = trial(number).path();
  const std::filesystem::path file = folder / "trial.toml";
  if (std::filesystem::exists(file)) {
    const Document before = Document::from_file(file);
    const Document::Entry* entry = before.find("identity");
    if (entry && entry->value.is_text() && entry->value.text() != identity) {
      throw StorageError(format("{} was made with other data or another version; choose another --out", folder.string()));
    }
    return;
  }
  make_folder(folder);
  std::string text = format("number = {}\nidentity = {}\n\n[parameters]\n", number, to_toml(Value(identity)));
  for (const auto& [key, value] : parameters) text += format("{} = {}\n", toml_key(key), to_toml(value));
  create_file_exclusively(file, text);
}

}  // namespace atelier
