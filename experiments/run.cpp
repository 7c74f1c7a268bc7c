#include "experiments/run.h"

#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/claim.h"

namespace atelier {
namespace {

/// Which of the things that may lie anywhere it is, a run's provenance says by a digest, and the training holds it to
/// that.
bool is_known_by_digest(const Field& field, const RunFolder& folder) {
  if (field.digest.empty() || !std::filesystem::exists(folder.provenance())) return false;
  return Document::from_file(folder.provenance()).find(field.digest) != nullptr;
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

bool Experiments::can_run(const ExperimentSpec& spec) const { return spec.row().prepare || train; }

std::unique_ptr<PreparedExperiment> Experiments::prepare(const ExperimentSpec& spec) const {
  if (spec.row().prepare) return spec.row().prepare(spec);
  if (!train) throw Error(format("this program does not train; experiments of kind \"{}\" need it", spec.kind));
  return train(spec);
}

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
  ExperimentSpec before = ExperimentSpec::from(Document::from_file(folder.spec()), spec.kinds);
  const Fields fields_before = before.fields();
  std::string differences;
  bool longer = false;
  for (const Field& field : fields.all()) {
    const Field* old = fields_before.find(field.key);
    const Value now = field.value(), then = old ? old->value() : Value("nothing");
    if (field.role == Role::bookkeeping || now == then || is_known_by_digest(field, folder)) continue;
    if (field.role == Role::length && old && now.number() >= then.number()) {
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
  if (longer && before.own->depends_on_length()) {
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
  write_file(folder.spec(), spec.fields().to_toml(), spec.row().prepare ? Flush::no : Flush::yes);
}

}  // namespace atelier
