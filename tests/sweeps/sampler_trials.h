#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "sweeps/sampler.h"

namespace atelier {

/// A space of a program's parameters, from the body of [space].
inline SearchSpace space_of(const std::string& text, const std::vector<std::string>& names) {
  Document document = Document::from_text("[space]\n" + text, "s.toml", "/");
  return SearchSpace::from(document.take("space"), names);
}

/// x0, x1, ... each uniform in [0, 1].
inline SearchSpace cube_of(int dimensions) {
  std::string text;
  std::vector<std::string> names;
  for (int i = 0; i < dimensions; ++i) {
    names.push_back("x" + std::to_string(i));
    text += names.back() + " = { uniform = [0, 1] }\n";
  }
  return space_of(text, names);
}

/// A sampler with keys of its own.
inline std::unique_ptr<Sampler> make_sampler_with(const std::vector<std::pair<std::string, Value>>& keys,
                                                  std::string_view name, const SearchSpace& space,
                                                  const SamplerContext& context) {
  const std::unique_ptr<SamplerOptions> options = samplers().at(name).options();
  Fields fields;
  options->describe(fields);
  for (const auto& [key, value] : keys) fields.find(key)->assign(value, {"a test", {}});
  return options->make(space, context);
}

inline double number(const Parameters& parameters, std::string_view key) { return find(parameters, key)->number(); }

/// The squared distance from a point off the middle: 0.3, 0.8, 0.3, ...
inline double bowl(const Parameters& parameters) {
  double sum = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    sum += std::pow(parameters[i].second.number() - (i % 2 ? 0.8 : 0.3), 2);
  return sum;
}

inline Trial finished(std::int64_t number, Parameters parameters, std::vector<double> values) {
  Trial trial;
  trial.number = number;
  trial.parameters = std::move(parameters);
  trial.state = TrialState::finished;
  trial.values = std::move(values);
  return trial;
}

/// The trials of one worker, one after the other. Ends early when nothing is suggested.
inline History run(const Sampler& sampler, std::int64_t trials, const std::function<Trial(Trial)>& evaluate) {
  History history;
  for (std::int64_t i = 0; i < trials; ++i) {
    std::optional<Suggestion> suggestion = sampler.suggest(i, history);
    if (!suggestion) break;
    Trial trial = evaluate(finished(i, std::move(suggestion->parameters), {}));
    history.objectives = std::max<std::int64_t>(1, static_cast<std::int64_t>(trial.values.size()));
    history.trials.push_back(std::move(trial));
  }
  return history;
}

inline History run(const Sampler& sampler, std::int64_t trials,
                   const std::function<double(const Parameters&)>& function) {
  return run(sampler, trials, [&](Trial trial) {
    trial.values = {function(trial.parameters)};
    return trial;
  });
}

inline double best_of(const History& history) {
  double best = INFINITY;
  for (const Trial& trial : history.trials) {
    if (trial.state == TrialState::finished && trial.feasible()) best = std::min(best, trial.values[0]);
  }
  return best;
}

/// The median over seeds of the best value.
inline double median_best(std::string_view sampler, const SearchSpace& space, std::int64_t trials,
                          const std::function<double(const Parameters&)>& function, int seeds = 7) {
  std::vector<double> best;
  for (int seed = 0; seed < seeds; ++seed) {
    best.push_back(best_of(run(*make_sampler(sampler, space, {.seed = seed, .trials = trials}), trials, function)));
  }
  std::nth_element(best.begin(), best.begin() + seeds / 2, best.end());
  return best[static_cast<std::size_t>(seeds / 2)];
}

/// A space with everything: scales, whole numbers, steps, choices, nested conditions, a constant.
inline SearchSpace mixed_space() {
  return space_of(
      "net = { choice = [\"a\", \"b\"] }\nrate = { log = [1e-4, 1.0] }\nwidth = { int = [8, 64] }\nshare = { uniform = "
      "[0, 1], step = 0.25 }\n"
      "norm = { choice = [\"x\", \"y\", \"z\"], when = { net = \"b\" } }\nmomentum = { uniform = [0.5, 1], when = { "
      "norm = [\"x\", \"y\"] } }\n"
      "fixed = { constant = 3 }\n",
      {"net", "rate", "width", "share", "norm", "momentum", "fixed"});
}

/// Its minimum, 0, is at net b, norm y, rate 0.01, width 30, share 0.75, momentum 0.9.
inline double mixed_function(const Parameters& p) {
  double value = std::pow(std::log10(number(p, "rate")) + 2, 2) * 0.2 + std::pow((number(p, "width") - 30) / 40, 2) +
                 std::pow(number(p, "share") - 0.75, 2);
  if (find(p, "net")->text() == "a") return value + 0.5;
  if (find(p, "norm")->text() != "y") value += 0.3;
  if (const Value* momentum = find(p, "momentum")) value += std::pow(momentum->number() - 0.9, 2);
  return value;
}

/// Whether the parameters are one trial of the space, no more and no less.
inline bool belongs(const SearchSpace& space, const Parameters& parameters) {
  std::size_t used = 0;
  for (const Dimension& dimension : space.dimensions()) {
    const Value* value = find(parameters, dimension.key);
    if (space.active(dimension, parameters) != (value != nullptr)) return false;
    if (!value) continue;
    ++used;
    if (dimension.ordered() ? value->number() < dimension.low || value->number() > dimension.high
                            : std::isnan(dimension.position(*value))) {
      return false;
    }
  }
  return used == parameters.size();
}

/// Trials of every state, in a space of numbers and choices: what a sampler meets in a sweep that has troubles.
inline History troubled_history(const SearchSpace& space, std::int64_t trials) {
  const auto random = make_sampler("random", space, {.seed = 99});
  History history;
  for (std::int64_t i = 0; i < trials; ++i) {
    if (i % 11 == 10) continue;  // a number that is missing
    Trial trial = finished(i, random->suggest(i, {})->parameters, {});
    trial.state = i % 5 == 1   ? TrialState::failed
                  : i % 5 == 2 ? TrialState::pruned
                  : i % 5 == 3 ? TrialState::running
                               : TrialState::finished;
    if (i % 7 == 3) trial.state = TrialState::waiting;
    if (trial.state == TrialState::finished || trial.state == TrialState::pruned)
      trial.values = {static_cast<double>(i * 37 % 17)};
    trial.curve = {{1, 20.0}, {static_cast<double>(i), NAN}};
    history.trials.push_back(std::move(trial));
  }
  return history;
}

}  // namespace atelier
