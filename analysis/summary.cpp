#include "analysis/summary.h"

#include <array>

#include "analysis/findings.h"
#include "analysis/wording.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

constexpr std::array<std::optional<TrialState>, 6> all_states{TrialState::finished, TrialState::running,
                                                              TrialState::waiting,  TrialState::pruned,
                                                              TrialState::failed,   std::nullopt};

}  // namespace

std::vector<std::string> summary(const Comparison& comparison) {
  std::vector<std::string> sentences;
  for (Finding& finding : findings(comparison, evidence(comparison))) sentences.push_back(std::move(finding.text));
  return sentences;
}

std::string counts_in_words(const Comparison& comparison) {
  std::string text;
  for (const std::optional<TrialState> state : all_states) {
    const std::size_t count = comparison.count(state);
    if (count > 0) text += format("{}{} {}", text.empty() ? "" : ", ", count, to_text(state));
  }
  return text.empty() ? "no trials yet" : text;
}

std::string parameters_in_words(const Comparison& comparison, const RunRecord& run) {
  std::string text;
  for (const Parameter& parameter : comparison.parameters) {
    const Value* value = setting_of(run, parameter);
    if (!value) continue;
    text += format("{}{} {}", text.empty() ? "" : ", ", parameter.label,
                   parameter.numeric ? short_number(value->number()) : to_text(*value));
  }
  return text;
}

}  // namespace atelier
