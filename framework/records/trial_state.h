#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace atelier {

/// Where a run or a trial stands. The first two have no result yet.
enum class TrialState { waiting, running, finished, pruned, failed };

inline constexpr std::array<TrialState, 5> trial_states{TrialState::waiting, TrialState::running, TrialState::finished,
                                                        TrialState::pruned, TrialState::failed};

/// The word for a state in files, in JSON and on the screen: "waiting", "running", ...
constexpr std::string_view to_text(TrialState state) {
  constexpr std::array<std::string_view, 5> words{"waiting", "running", "finished", "pruned", "failed"};
  return words[static_cast<std::size_t>(state)];
}

/// The reverse; none for another word.
constexpr std::optional<TrialState> trial_state_from(std::string_view text) {
  for (const TrialState state : trial_states) {
    if (to_text(state) == text) return state;
  }
  return std::nullopt;
}

/// Whether there is a result.
constexpr bool has_ended(TrialState state) { return state != TrialState::waiting && state != TrialState::running; }

}  // namespace atelier
