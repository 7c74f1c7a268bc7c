#include "framework/records/sweep_folder.h"

#include <charconv>

#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"

namespace atelier {
namespace {

/// None when there is none, or a crash of the machine has emptied it.
std::optional<TrialFile> read(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  return trial_file_from(Document::from_file(file));
}

/// Returns what counts: this, or what was there.
TrialFile create_once(const std::filesystem::path& path, const TrialFile& file) {
  const std::string text = to_toml(file);
  if (create_file_exclusively(path, text, Flush::no)) return file;
  if (const std::optional<TrialFile> there = read(path)) return *there;
  write_file(path, text, Flush::no);
  return file;
}

}  // namespace

RunFolder SweepFolder::trial(std::int64_t number) const { return RunFolder(trials() / format("{:06}", number)); }

std::optional<std::int64_t> SweepFolder::number_of(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  std::int64_t number = -1;
  const auto end = name.data() + name.size();
  const auto [stop, problem] = std::from_chars(name.data(), end, number);
  if (stop != end || problem != std::errc() || number < 0 || name.size() < 6) return std::nullopt;
  return number;
}

bool SweepFolder::is_there() const {
  std::error_code ignored;
  return std::filesystem::exists(spec(), ignored) || std::filesystem::is_directory(trials(), ignored);
}

std::optional<TrialFile> SweepFolder::read_trial(std::int64_t number) const {
  std::optional<TrialFile> file = read(trial(number).trial());
  if (file) file->number = number;  // of a copied folder its name counts
  return file;
}

TrialFile SweepFolder::create_trial(std::int64_t number, const TrialFile& file) const {
  make_folder(trial(number).path());
  TrialFile numbered = file;
  numbered.number = number;
  return create_once(trial(number).trial(), numbered);
}

std::optional<TrialFile> SweepFolder::read_setting(std::int64_t setting) const {
  return read(path_ / "settings" / format("{:06}.toml", setting));
}

TrialFile SweepFolder::fix_setting(std::int64_t setting, const TrialFile& file) const {
  make_folder(path_ / "settings");
  TrialFile plain = file;
  plain.number = setting;
  plain.identity.clear();
  plain.seed.reset();
  return create_once(path_ / "settings" / format("{:06}.toml", setting), plain);
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
