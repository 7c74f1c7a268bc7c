#include "sweeps/trial.h"

#include <algorithm>

namespace atelier {

std::string_view to_text(TrialState state) {
  switch (state) {
    case TrialState::waiting: return "waiting";
    case TrialState::running: return "running";
    case TrialState::finished: return "finished";
    case TrialState::pruned: return "pruned";
    case TrialState::failed: return "failed";
  }
  return "";
}

bool Trial::feasible() const {
  return std::all_of(violations.begin(), violations.end(), [](double violation) { return violation <= 0; });
}

const Trial* History::find(std::int64_t number) const {
  const auto found = std::lower_bound(trials.begin(), trials.end(), number,
                                      [](const Trial& trial, std::int64_t wanted) { return trial.number < wanted; });
  return found != trials.end() && found->number == number ? &*found : nullptr;
}

}  // namespace atelier
