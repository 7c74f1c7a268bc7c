#include "sweeps/planner.h"

#include <algorithm>

namespace atelier {
namespace {

/// Draws that a random sampler may need to find something new before the rest is looked through one by one.
constexpr std::int64_t draws = 1000;

}  // namespace

Planner::Planner(const Sampler& sampler, const SearchSpace& space, const SweepState& state, std::int64_t seeds,
                 std::int64_t seed)
    : sampler_(sampler),
      space_(space),
      state_(state),
      seeds_(seeds),
      size_(space.size()),
      random_(make_sampler("random", space, {.seed = seed ^ 0x5eed5eed})) {}

bool Planner::taken_by_another(const Parameters& parameters, std::int64_t setting) const {
  const std::optional<std::int64_t> holder = state_.setting_with(parameters);
  return (holder && *holder != setting) || (!refused_.empty() && refused_.contains(parameters_text(parameters)));
}

std::optional<Suggestion> Planner::choose(std::int64_t setting) {
  exhausted_ = false;
  refused_.clear();
  if (!sampler_.learns()) return planned(setting);
  std::optional<Suggestion> suggestion = sampler_.suggest(setting, state_.history());
  if (!suggestion) {
    exhausted_ = (sampler_.limit() > 0 && setting >= sampler_.limit()) || (size_ > 0 && state_.different() >= size_);
    return std::nullopt;
  }
  // A trial that begins from another's checkpoint is a new one, whatever its parameters.
  if (suggestion->parent || !taken_by_another(suggestion->parameters, setting)) return suggestion;
  return anything_new(setting, 0);
}

std::optional<Suggestion> Planner::choose_another(std::int64_t setting, std::int64_t attempt,
                                                  const Parameters& refused) {
  refused_.insert(parameters_text(refused));
  return anything_new(setting, attempt);
}

std::optional<Suggestion> Planner::anything_new(std::int64_t setting, std::int64_t attempt) {
  // Draws of its own for each setting and attempt.
  for (std::int64_t i = 0; i < draws; ++i) {
    const std::int64_t index = (setting * 64 + attempt % 64) * draws + i;
    std::optional<Suggestion> suggestion = random_->suggest(index, state_.history());
    if (!taken_by_another(suggestion->parameters, setting)) return suggestion;
  }
  for (std::int64_t i = 0; size_ > 0 && i < size_; ++i) {
    Suggestion suggestion{.parameters = space_.grid_at(i, 1), .parent = {}};
    if (!taken_by_another(suggestion.parameters, setting)) return suggestion;
  }
  exhausted_ = true;
  return std::nullopt;
}

std::optional<Suggestion> Planner::planned(std::int64_t setting) {
  const auto n = static_cast<std::size_t>(setting);
  // What was written down counts. Where it is not what was planned (the sweep has grown, or a person asked for it), the
  // plan goes on with what it would have tried here.
  const auto check = [&](std::size_t i) {
    if (!plan_[i].suggestion) return true;
    const auto known = state_.find(static_cast<std::int64_t>(i) * seeds_);
    return !known || parameters_text(known->file.parameters) == parameters_text(plan_[i].suggestion->parameters);
  };
  if (n < plan_.size() && !check(n)) {
    for (std::size_t i = n; i < plan_.size(); ++i) {
      if (plan_[i].suggestion) in_plan_.erase(parameters_text(plan_[i].suggestion->parameters));
    }
    cursor_ = plan_[n].cursor;
    plan_.resize(n);
  }
  while (plan_.size() <= n) {
    const auto at = static_cast<std::int64_t>(plan_.size());
    const SweepState::Known* recorded = state_.find(at * seeds_);
    Planned entry{.suggestion = {}, .cursor = cursor_};
    std::int64_t next = cursor_;
    for (std::int64_t missed = 0; missed < draws + std::max(size_, sampler_.limit()); ++missed) {
      if (sampler_.limit() > 0 && next >= sampler_.limit()) break;
      std::optional<Suggestion> candidate = sampler_.suggest(next++, state_.history());
      if (!candidate) break;
      if (in_plan_.contains(parameters_text(candidate->parameters)) || taken_by_another(candidate->parameters, at))
        continue;
      entry.suggestion = std::move(candidate);
      break;
    }
    // Draws alone would hardly ever find the last one of a small space.
    for (std::int64_t i = 0; !entry.suggestion && sampler_.limit() == 0 && i < size_; ++i) {
      Suggestion candidate{.parameters = space_.grid_at(i, 1), .parent = {}};
      if (!in_plan_.contains(parameters_text(candidate.parameters)) && !taken_by_another(candidate.parameters, at))
        entry.suggestion = std::move(candidate);
    }
    if (recorded) {
      const bool as_planned = entry.suggestion && parameters_text(entry.suggestion->parameters) ==
                                                      parameters_text(recorded->file.parameters);
      if (as_planned) cursor_ = next;
      entry.suggestion = Suggestion{.parameters = recorded->file.parameters, .parent = {}};
    } else if (entry.suggestion) {
      cursor_ = next;
    } else {
      exhausted_ = true;
      return std::nullopt;  // not kept: a deleted trial may make room
    }
    in_plan_.emplace(parameters_text(entry.suggestion->parameters), at);
    plan_.push_back(std::move(entry));
  }
  return plan_[n].suggestion;
}

}  // namespace atelier
