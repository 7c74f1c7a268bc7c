#include "sweeps/trial_job.h"

#include "framework/config/document.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

std::string to_text(const TrialJob& job) {
  return format("ranks = {}\ngeneration = {}\n", job.ranks, job.generation) + to_toml(job.file);
}

TrialJob job_from(const std::string& text) {
  const Document document = Document::from_text(text, "a job", "");
  const auto whole = [&](const char* key) { return std::get<std::int64_t>(document.find(key)->value.data); };
  TrialJob job;
  job.file = *trial_file_from(document);
  job.ranks = whole("ranks");
  job.generation = whole("generation");
  return job;
}

}  // namespace

Parameters run_parameters(const TrialFile& file) {
  Parameters parameters = without_ranks(file.parameters);
  if (file.seed) parameters.emplace_back("seed", *file.seed);
  return parameters;
}

std::int64_t ranks_of(const TrialFile& file) {
  const Value* ranks = find(file.parameters, ranks_key);
  return ranks ? std::get<std::int64_t>(ranks->data) : 0;
}

Decision broadcast(Decision decision, Communicator& group) {
  if (group.size() == 1) return decision;
  constexpr const char* wait = "wait";
  std::string text;
  if (decision.kind == Decision::Kind::wait) text = wait;
  if (decision.kind == Decision::Kind::run) text = to_text(decision.job);
  text = group.broadcast(text, 0);
  if (group.rank() == 0) return decision;
  if (text.empty()) return {};
  if (text == wait) return {.kind = Decision::Kind::wait, .job = {}};
  return {.kind = Decision::Kind::run, .job = job_from(text)};
}

}  // namespace atelier
