#include "framework/records/trial_file.h"

#include "framework/core/format.h"

namespace atelier {

std::string to_toml(const TrialFile& trial) {
  std::string text = format("number = {}\n", trial.number);
  text += format("identity = {}\n", to_toml(Value(trial.identity)));
  if (trial.seed) text += format("setting = {}\nseed = {}\n", trial.setting, *trial.seed);
  if (trial.parent) text += format("parent = {}\n", *trial.parent);
  if (trial.enqueued) text += "enqueued = true\n";
  if (trial.learned) text += format("learned = {}\n", to_toml(Value(*trial.learned)));
  text += "\n[parameters]\n";
  for (const auto& [key, value] : trial.parameters) text += format("{} = {}\n", toml_key(key), to_toml(value));
  return text;
}

std::optional<TrialFile> trial_file_from(const Document& document) {
  if (document.entries().empty()) return std::nullopt;
  const Document::Entry* number = document.find("number");
  if (!number) throw UsageError(format("{} does not say which trial it is", document.name()));
  const auto whole = [](const Document::Entry& entry) {
    const auto* value = std::get_if<std::int64_t>(&entry.value.data);
    if (!value) throw spec_error(entry.where, format("{}: expected a whole number", entry.key()));
    return *value;
  };
  const auto truth = [](const Document::Entry& entry) { return entry.value == Value(true); };
  TrialFile trial;
  trial.number = trial.setting = whole(*number);
  for (const Document::Entry& entry : document.entries()) {
    const std::string key = entry.key();
    if (entry.path.front() == "parameters" && entry.path.size() > 1) {
      trial.parameters.emplace_back(key.substr(entry.path.front().size() + 1), entry.value);
    } else if (key == "identity" && entry.value.is_text()) {
      trial.identity = entry.value.text();
    } else if (key == "setting") {
      trial.setting = whole(entry);
    } else if (key == "seed") {
      trial.seed = whole(entry);
    } else if (key == "parent") {
      trial.parent = whole(entry);
    } else if (key == "enqueued" || key == "asked_for") {  // the second by versions up to 0.1
      trial.enqueued = truth(entry);
    } else if (key == "learned") {
      trial.learned = truth(entry);
    }
  }
  return trial;
}

}  // namespace atelier
