#include "experiments/run.h"

#include <chrono>

#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/claim.h"

namespace atelier {
namespace {

/// Keys whose change continues a run instead of contradicting it.
bool is_length(const std::string& key) { return key == "train.steps" || key == "train.epochs"; }

/// Whether what was trained so far is what a longer training would have done: learning rates that fall towards the end of a
/// training are others where the end is another.
bool may_be_longer(const ExperimentSpec& spec) {
  const TrainSpec& train = spec.photo_to_anime.train;
  return spec.kind != "photo-to-anime" || (train.generator.schedule == "constant" && train.discriminator.schedule == "constant");
}

/// Whether a folder holds anything but what a kill in the middle of our own beginning left there.
bool holds_something(const std::filesystem::path& folder) {
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".part") && !Claim::is_claim_file(name)) return true;
  }
  return false;
}

}  // namespace

bool prepare_run(ExperimentSpec& spec, const RunFolder& folder, const std::function<void()>& before_change) {
  const Fields fields = spec.fields();
  if (!std::filesystem::exists(folder.spec())) {
    if (holds_something(folder.path())) {
      throw UsageError(format("{} exists and is no run of ours (it has no spec.toml); choose another --out", folder.path().string()));
    }
    make_folder(folder.path());
    before_change();
    if (!std::filesystem::exists(folder.spec())) {
      write_run_spec(spec, folder);
      return true;
    }
    // Another process made it meanwhile, and has left.
  }
  ExperimentSpec before = ExperimentSpec::from(Document::from_file(folder.spec()));
  const Fields fields_before = before.fields();
  std::string differences;
  bool longer = false;
  for (const Field& field : fields.all()) {
    const Field* old = fields_before.find(field.key);
    const Value now = field.value(), then = old ? old->value() : Value("nothing");
    if (!field.affects_result || now == then) continue;
    if (is_length(field.key) && old && now.number() >= then.number()) {
      longer = true;
      continue;
    }
    differences += format("{}{} is {}, was {}", differences.empty() ? "" : "; ", field.key, to_toml(now), to_toml(then));
  }
  if (!differences.empty()) {
    throw UsageError(format("{} holds a run of another spec: {}; choose another --out, or the old values", folder.path().string(), differences));
  }
  if (longer && !may_be_longer(before)) {
    throw UsageError(format("{} cannot be made longer: its learning rates fall towards its end, so it would have been another training; "
                            "choose another --out, or the old length",
                            folder.path().string()));
  }
  if (!longer && std::filesystem::exists(folder.result())) return false;
  before_change();
  if (longer) {
    std::filesystem::remove(folder.result());
    write_run_spec(spec, folder);
  }
  return !std::filesystem::exists(folder.result());
}

void write_run_spec(ExperimentSpec& spec, const RunFolder& folder) { write_file(folder.spec(), spec.fields().to_toml()); }

RunResult run_function(const ExperimentSpec& spec) {
  const auto begin = std::chrono::steady_clock::now();
  RunResult result;
  result.values["value"] = evaluate(spec.function);
  result.steps = 1;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace atelier
