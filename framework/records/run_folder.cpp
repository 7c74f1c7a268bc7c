#include "framework/records/run_folder.h"

#include <algorithm>
#include <vector>

#include "framework/config/document.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"

namespace atelier {
namespace {

std::vector<std::int64_t> checkpoint_steps(const std::filesystem::path& folder) {
  std::vector<std::int64_t> steps;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
    const std::string name = entry.path().filename().string();
    // What is still being written has another name.
    if (name.empty() || name.find_first_not_of("0123456789") != std::string::npos) continue;
    // Of ours alone: other numbers of zeros, or more digits than a step has, are somebody else's.
    if (name.size() > 18 || RunFolder::step_name(std::stoll(name)) != name) continue;
    steps.push_back(std::stoll(name));
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

}  // namespace

std::string RunFolder::step_name(std::int64_t step) { return format("{:08}", step); }

std::optional<std::int64_t> RunFolder::newest_checkpoint() const {
  const std::vector<std::int64_t> steps = checkpoint_steps(checkpoints());
  return steps.empty() ? std::nullopt : std::optional(steps.back());
}

std::optional<std::int64_t> RunFolder::checkpoint_before(std::int64_t step) const {
  std::optional<std::int64_t> found;
  for (const std::int64_t s : checkpoint_steps(checkpoints())) {
    if (s < step) found = s;
  }
  return found;
}

void RunFolder::remove_old_checkpoints(std::int64_t keep) const {
  const std::vector<std::int64_t> steps = checkpoint_steps(checkpoints());
  const std::optional<BestCheckpoint> best = best_checkpoint();
  for (std::size_t i = 0; i + static_cast<std::size_t>(keep) < steps.size(); ++i) {
    if (best && best->step == steps[i]) continue;
    const std::filesystem::path leaving = checkpoints() / format(".{}.removed.part", step_name(steps[i]));
    std::error_code problem;
    std::filesystem::rename(checkpoint(steps[i]), leaving, problem);
    if (!problem) std::filesystem::remove_all(leaving, problem);
    if (problem) throw StorageError(format("cannot remove {}: {}", checkpoint(steps[i]).string(), problem.message()));
  }
}

void RunFolder::remove_unfinished_checkpoints() const {
  std::vector<std::filesystem::path> parts;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(checkpoints(), problem)) {
    if (entry.path().extension() == ".part") parts.push_back(entry.path());
  }
  for (const std::filesystem::path& part : parts) std::filesystem::remove_all(part, problem);
}

std::optional<BestCheckpoint> RunFolder::best_checkpoint() const {
  const std::filesystem::path file = checkpoints() / "best.toml";
  if (!std::filesystem::exists(file)) return std::nullopt;
  BestCheckpoint best;
  const Document document = Document::from_file(file);
  for (const Document::Entry& entry : document.entries()) {
    const std::string key = entry.key();
    if (key == "step" && entry.value.is_number()) {
      best.step = static_cast<std::int64_t>(entry.value.number());
    } else if (key == "measure" && entry.value.is_text()) {
      best.measure = entry.value.text();
    } else if (key == "value" && entry.value.is_number()) {
      best.value = entry.value.number();
    } else if (key == "best_is" && entry.value.is_text()) {
      best.highest = entry.value.text() == "highest";
    } else {
      throw spec_error(entry.where, format("{} is not part of what names the best checkpoint", key));
    }
  }
  return best;
}

void RunFolder::write_best_checkpoint(const std::optional<BestCheckpoint>& best) const {
  const std::filesystem::path file = checkpoints() / "best.toml";
  if (!best) {
    std::error_code problem;
    std::filesystem::remove(file, problem);
    if (problem) throw StorageError(format("cannot remove {}: {}", file.string(), problem.message()));
    return;
  }
  write_file(
      file, format("step = {}\nmeasure = {}\nvalue = {}\nbest_is = \"{}\"\n", best->step, to_toml(Value(best->measure)),
                   to_toml(Value(best->value)), best->highest ? "highest" : "lowest"));
}

std::optional<RunResult> RunFolder::read_result() const {
  if (!std::filesystem::exists(result())) return std::nullopt;
  return run_result_from(Document::from_file(result()));
}

void RunFolder::write_result(const RunResult& r) const { write_file(result(), to_toml(r)); }

bool RunFolder::create_result(const RunResult& r, bool flush) const {
  return create_file_exclusively(result(), to_toml(r), flush ? Flush::yes : Flush::no);
}

}  // namespace atelier
