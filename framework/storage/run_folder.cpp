#include "framework/storage/run_folder.h"

#include <algorithm>
#include <vector>

#include "framework/config/document.h"
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
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) steps.push_back(std::stoll(name));
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

void RunFolder::remove_old_checkpoints(std::int64_t keep) const {
  const std::vector<std::int64_t> steps = checkpoint_steps(checkpoints());
  for (std::size_t i = 0; i + static_cast<std::size_t>(keep) < steps.size(); ++i) {
    std::filesystem::remove_all(checkpoint(steps[i]));
  }
}

std::optional<RunResult> RunFolder::read_result() const {
  if (!std::filesystem::exists(result())) return std::nullopt;
  RunResult read;
  const Document document = Document::from_file(result());
  for (const Document::Entry& entry : document.entries()) {
    const std::string key = entry.key();
    if (key == "state" && entry.value.is_text()) {
      read.state = entry.value.text();
    } else if (key == "reason" && entry.value.is_text()) {
      read.reason = entry.value.text();
    } else if (key == "steps" && entry.value.is_number()) {
      read.steps = static_cast<std::int64_t>(entry.value.number());
    } else if (key == "seconds" && entry.value.is_number()) {
      read.seconds = entry.value.number();
    } else if (entry.path.front() == "values" && entry.path.size() == 2 && entry.value.is_number()) {
      read.values[entry.path[1]] = entry.value.number();
    } else {
      throw spec_error(entry.where, format("{} is not part of a run's result", key));
    }
  }
  return read;
}

void RunFolder::write_result(const RunResult& r) const {
  std::string text = format("state = {}\n", to_toml(Value(r.state)));
  if (!r.reason.empty()) text += format("reason = {}\n", to_toml(Value(r.reason)));
  text += format("steps = {}\nseconds = {}\n\n[values]\n", r.steps, to_toml(Value(r.seconds)));
  for (const auto& [name, value] : r.values) text += format("{} = {}\n", toml_key(name), to_toml(Value(value)));
  write_file(result(), text);
}

}  // namespace atelier
