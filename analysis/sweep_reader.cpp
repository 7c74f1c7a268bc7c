#include "analysis/sweep_reader.h"

#include <algorithm>
#include <array>

#include "analysis/ended_trials.h"
#include "framework/config/document.h"
#include "framework/records/sweep_folder.h"
#include "framework/storage/claim.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

void read_objectives(SweepRecord& sweep, const Document& document) {
  for (const bool maximize : {false, true}) {
    const Document::Entry* entry = document.find(maximize ? "maximize" : "minimize");
    if (!entry) continue;
    if (entry->value.is_text()) sweep.objectives.push_back({entry->value.text(), maximize});
    if (!entry->value.is_list()) continue;
    for (const Value& item : entry->value.list()) {
      if (item.is_text()) sweep.objectives.push_back({item.text(), maximize});
    }
  }
}

/// `"loss.content.weight" = { log = [0.1, 30] }`, whether the key is quoted or not.
void read_space(SweepRecord& sweep, const Document& document) {
  constexpr std::array<std::string_view, 4> kinds{"log", "uniform", "int", "choice"};
  for (const Document::Entry& entry : document.entries()) {
    if (entry.path.size() < 3 || entry.path.front() != "space") continue;
    if (std::find(kinds.begin(), kinds.end(), entry.path.back()) == kinds.end()) continue;
    if (std::find(entry.path.begin(), entry.path.end(), "when") != entry.path.end()) continue;
    std::string key;
    for (std::size_t i = 1; i + 1 < entry.path.size(); ++i) key += (i > 1 ? "." : "") + entry.path[i];
    sweep.scales[key] = entry.path.back();
  }
}

void read_spec(SweepRecord& sweep) {
  const fs::path file = SweepFolder(sweep.folder).spec();
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    sweep.problems.push_back(file.string() + " is missing: objectives and search space are unknown");
    return;
  }
  try {
    const Document document = Document::from_file(file);
    for (const Document::Entry& entry : document.entries()) sweep.spec.items.emplace_back(entry.key(), entry.value);
    const Document::Entry* name = document.find("name");
    if (name && name->value.is_text() && !name->value.text().empty()) sweep.name = name->value.text();
    const Document::Entry* trials = document.find("trials");
    const auto* planned = trials ? std::get_if<std::int64_t>(&trials->value.data) : nullptr;
    const Document::Entry* seeds = document.find("trial.seeds");
    const auto* each = seeds ? std::get_if<std::int64_t>(&seeds->value.data) : nullptr;
    if (planned) sweep.planned = std::max<std::int64_t>(*planned, 0) * std::max<std::int64_t>(each ? *each : 1, 1);
    read_objectives(sweep, document);
    read_space(sweep, document);
  } catch (const std::exception& problem) {
    sweep.problems.emplace_back(problem.what());
  }
}

/// A folder that a worker has just claimed, or gave up before it chose parameters: there is no trial yet.
bool is_not_begun(const fs::path& trial) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(trial, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(".") && !Claim::is_claim_file(name)) return false;
  }
  return true;
}

}  // namespace

SweepRecord read_sweep(const fs::path& folder, Detail detail) {
  SweepRecord sweep;
  sweep.folder = folder;
  const fs::path named = folder.has_filename() ? folder : folder.parent_path();
  sweep.name = fs::weakly_canonical(named).filename().string();
  read_spec(sweep);
  std::vector<std::pair<std::int64_t, fs::path>> folders;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(SweepFolder(folder).trials(), ignored)) {
    const std::optional<std::int64_t> number = SweepFolder::number_of(entry.path());
    if (number && entry.is_directory(ignored)) folders.emplace_back(*number, entry.path());
  }
  std::sort(folders.begin(), folders.end());
  std::map<std::int64_t, RunRecord> told;
  if (detail == Detail::status) told = ended_trials(folder);
  Settings provenance;  // of one trial: all of a sweep saw the same data
  for (const auto& [number, path] : folders) {
    if (const auto found = told.find(number); found != told.end()) {
      if (provenance.empty() && fs::exists(RunFolder(path).provenance(), ignored))
        provenance = read_run(path, detail).provenance;
      found->second.provenance = provenance;
      sweep.trials.push_back(std::move(found->second));
      continue;
    }
    if (is_not_begun(path)) continue;
    RunRecord run = read_run(path, detail);
    run.number = number;
    if (!fs::exists(RunFolder(path).trial(), ignored) && !is_run(path)) {
      run.state = std::nullopt;
      run.reason = path.string() + " holds no trial.toml";
    }
    sweep.trials.push_back(std::move(run));
  }
  return sweep;
}

bool is_sweep(const fs::path& folder) { return SweepFolder(folder).is_there(); }

}  // namespace atelier
