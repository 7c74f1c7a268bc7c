#include "experiments/run.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "framework/core/format.h"
#include "framework/core/stop_signal.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/claim.h"
#include "framework/storage/json_lines.h"

namespace atelier {
namespace {

/// Keys whose change continues a run instead of contradicting it.
bool is_length(const std::string& key) { return key == "train.steps" || key == "train.epochs"; }

/// Keys that say where something is. Which it is, a run's provenance says by a digest, and the training holds it to
/// that.
bool is_known_by_digest(const std::string& key, const RunFolder& folder) {
  const char* digest = key == "data.photos" || key == "data.anime" ? "data_digest"
                       : key == "features.weights"                 ? "weights_digest"
                                                                   : nullptr;
  if (!digest || !std::filesystem::exists(folder.provenance())) return false;
  return Document::from_file(folder.provenance()).find(digest) != nullptr;
}

/// Whether what was trained so far is what a longer training would have done: learning rates that fall towards the end
/// of a training are others where the end is another.
bool may_be_longer(const ExperimentSpec& spec) {
  const TrainSpec& train = spec.photo_to_anime.train;
  return spec.kind != "photo-to-anime" ||
         (train.generator.schedule == "constant" && train.discriminator.schedule == "constant");
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
      throw UsageError(format("{} exists and is no run of ours (it has no spec.toml); choose another --out",
                              folder.path().string()));
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
    if (!field.affects_result || now == then || is_known_by_digest(field.key, folder)) continue;
    if (is_length(field.key) && old && now.number() >= then.number()) {
      longer = true;
      continue;
    }
    differences +=
        format("{}{} is {}, was {}", differences.empty() ? "" : "; ", field.key, to_toml(now), to_toml(then));
  }
  if (!differences.empty()) {
    throw UsageError(format("{} holds a run of another spec: {}; choose another --out, or the old values",
                            folder.path().string(), differences));
  }
  if (longer && !may_be_longer(before)) {
    throw UsageError(format(
        "{} cannot be made longer: its learning rates fall towards its end, so it would have been another training; "
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

void write_run_spec(ExperimentSpec& spec, const RunFolder& folder) {
  write_file(folder.spec(), spec.fields().to_toml(), spec.kind == "function" ? Flush::no : Flush::yes);
}

RunResult run_function(const ExperimentSpec& spec, const RunFolder& folder, const RunContext& context) {
  const FunctionSpec& function = spec.function;
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  RunResult result;
  std::int64_t done = 0;
  double before = 0;  // seconds of earlier sessions
  std::unique_ptr<JsonLinesWriter> records;
  if (function.steps > 1) {
    filter_json_lines(
        folder.metrics(), [](const Json&) { return true; }, context.before_write);
    for (const Json& record : read_json_lines(folder.metrics())) {
      done = record.value("step", std::int64_t{0});
      before = record.value("time", 0.0);
    }
    records = std::make_unique<JsonLinesWriter>(folder.metrics());
  }
  for (std::int64_t step = std::min(done, function.steps - 1) + 1; step <= function.steps; ++step) {
    // Short sleeps, so that a signal ends it soon.
    const double until = seconds() + function.seconds;
    while (seconds() < until) {
      if (StopSignal::requested())
        throw Interrupted(format("stopped before step {} of {}; run the same command to go on", step, function.steps));
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(0.02, until - seconds())));
    }
    const double value = evaluate(function, spec.seed, step);
    result.values["value"] = value;
    result.steps = step;
    result.seconds = before + seconds();
    if (!records) break;
    context.before_write();
    if (step > done) records->write({{"step", step}, {"time", result.seconds}, {"value", json_number(value)}});
    if (step == function.steps || !context.reason_to_prune) continue;
    if (const auto reason = context.reason_to_prune(step, result.values)) {
      result.state = "pruned";
      result.reason = *reason;
      return result;
    }
  }
  return result;
}

}  // namespace atelier
