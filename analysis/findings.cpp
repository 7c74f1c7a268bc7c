#include "analysis/findings.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <map>
#include <set>

#include "analysis/statistics/correlation.h"
#include "analysis/statistics/rank_sum.h"
#include "analysis/statistics/student_t.h"
#include "analysis/summary.h"
#include "analysis/wording.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

std::string_view kind_of(const Comparison::Trial& trial) { return trial.run.number ? "Trial" : "Run"; }

std::string name_of(const Comparison::Trial& trial) { return format("{} {}", kind_of(trial), trial.label); }

/// "#2 (content.weight 3)".
std::string with_parameters(const Comparison& comparison, const Comparison::Trial& trial) {
  const std::string words = parameters_in_words(comparison, trial.run);
  return trial.label + (words.empty() ? "" : " (" + words + ")");
}

std::string percent(double share) {
  const double value = 100 * share;
  return format("{} %", value > 0 && value < 10 ? format("{:.1f}", value) : format("{:.0f}", value));
}

std::string_view better(const Objective& objective) { return objective.maximize ? "higher" : "lower"; }

/// "#3, #7 and 4 more".
std::string labels(const Comparison& comparison, const std::vector<std::size_t>& trials, std::size_t shown = 5) {
  std::string text;
  const std::size_t listed = trials.size() <= shown + 1 ? trials.size() : shown;
  for (std::size_t i = 0; i < listed; ++i) {
    text += (i == 0 ? "" : i + 1 == trials.size() ? " and " : ", ") + comparison.trials[trials[i]].label;
  }
  return text + (listed < trials.size() ? format(" and {} more", trials.size() - listed) : "");
}

/// The one number of a measure, or of several seeds the mean with its interval.
std::string value_in_words(const Interval& value) {
  if (value.n < 2) return short_number(value.middle);
  return format("{} on average over {} seeds ({} to {})", short_number(value.middle), value.n, short_number(value.low),
                short_number(value.high));
}

/// How far a value lies from another, in the objective's good direction or against it.
std::string against(double value, double other, std::string_view than) {
  if (value == other) return format("equal to {}", than);
  // A share of what may be zero or negative says nothing.
  const bool shares = value > 0 && other > 0;
  const std::string by = shares ? percent(std::abs(value - other) / other) : short_number(std::abs(value - other));
  return format("{} {} {}", by, value > other ? "above" : "below", than);
}

class Findings {
 public:
  Findings(const Comparison& comparison, const Evidence& evidence) : comparison_(comparison), evidence_(evidence) {
    for (const Replicates& setting : evidence.settings) {
      trials_ += setting.trials.size();
      if (setting.feasible) settings_.push_back(&setting);
    }
  }

  std::vector<Finding> all() {
    if (comparison_.trials.empty()) return {{"There are no trials yet.", "best", {}}};
    best();
    sureness();
    baseline();
    for (Finding& finding : findings_of_parameters(comparison_, evidence_)) found_.push_back(std::move(finding));
    trade_offs();
    cost();
    failures();
    other_data();
    constraints();
    missing_objectives();
    failure_modes_of_most();
    different_evaluations();
    failure_modes_of_best();
    wrong_ways();
    return std::move(found_);
  }

 private:
  void add(std::string kind, std::string text, std::vector<std::size_t> trials = {}) {
    found_.push_back({std::move(text), std::move(kind), std::move(trials)});
  }

  const Comparison::Trial& first_trial(const Replicates& setting) const {
    return comparison_.trials[setting.trials.front()];
  }
  bool repeated() const { return trials_ > evidence_.settings.size(); }

  /// "n = 12", or with several seeds "n = 12 settings, 36 trials".
  std::string n_of(std::size_t settings, std::size_t trials) const {
    return repeated() ? format("n = {} settings, {} trials", settings, trials) : format("n = {}", trials);
  }
  /// Of those that can be ranked, and of those among them that hold their constraints: what is compared.
  std::string n_ranked() const { return n_of(evidence_.settings.size(), trials_); }
  std::string n() const {
    std::size_t trials = 0;
    for (const Replicates* setting : settings_) trials += setting->trials.size();
    return n_of(settings_.size(), trials);
  }

  /// How many steps a run will have where its spec says so in steps; 0: it does not.
  static std::int64_t planned_steps(const RunRecord& run) {
    std::int64_t steps = 0;
    for (const std::string part : {"pretrain", "train"}) {
      const Value *epochs = run.spec.find(part + ".epochs"), *count = run.spec.find(part + ".steps");
      if (epochs && epochs->is_number() && epochs->number() > 0) return 0;
      if (count && count->is_number()) steps += static_cast<std::int64_t>(count->number());
    }
    return steps;
  }

  /// Of a run alone that did not end: where it is, and what it measured so far.
  void stands() {
    const Comparison::Trial& trial = comparison_.trials.front();
    const RunRecord& run = trial.run;
    if (!run.state) return add("best", format("{} cannot be read: {}.", name_of(trial), run.reason), {0});
    const bool interrupted = run.state == TrialState::waiting;
    const std::int64_t planned = planned_steps(run);
    std::string text =
        format("{} stands at step {}{}, {}", name_of(trial), run.steps, planned > 0 ? format(" of {}", planned) : "",
               interrupted          ? "interrupted"
               : run.reason.empty() ? "running"
                                    : run.reason);
    for (const Objective& objective : comparison_.objectives) {
      const double value = run.value(objective.metric);
      if (std::isfinite(value)) text += format("; {} {}", objective.metric, short_number(value));
    }
    add("best", text + (interrupted ? "; the same command goes on." : "."), {0});
  }

  void best() {
    if (comparison_.trials.size() == 1 && !comparison_.trials.front().run.number &&
        !comparison_.trials.front().run.ended()) {
      stands();
    } else if (comparison_.objectives.empty() && comparison_.count(TrialState::finished) > 0) {
      add("best", "Nothing was measured that finished trials could be compared by.");
    } else if (comparison_.count(TrialState::finished) == 0) {
      add("best", "No trial has finished, so there is nothing to compare yet.");
    } else if (evidence_.settings.empty()) {
      add("best", "No finished trial has a number for every objective, so none can be called best.");
    } else if (settings_.empty()) {
      add("best",
          format("None of the finished trials holds its constraints, so none can be called best ({}).", n_ranked()));
    } else if (settings_.size() == 1) {
      const Replicates& only = *settings_.front();
      std::string values;
      for (const Objective& objective : comparison_.objectives) {
        values += format("{}{} {}", values.empty() ? "" : " and ", objective.metric,
                         value_in_words(only.measured.at(objective.metric)));
      }
      add("best",
          format("{} {} is the only one that {}, with {}: there is nothing to compare it with yet ({}).",
                 kind_of(first_trial(only)), with_parameters(comparison_, first_trial(only)),
                 evidence_.settings.size() > 1 ? "holds its constraints" : "finished", values, n_ranked()),
          only.trials);
    } else if (comparison_.objectives.size() == 1) {
      best_by_one();
    } else {
      best_by_many();
    }
  }

  void best_by_one() {
    const Objective& objective = comparison_.objectives.front();
    std::vector<double> values;
    for (const Replicates* setting : settings_) values.push_back(setting->measured.at(objective.metric).middle);
    const Replicates &first = *settings_[0], &second = *settings_[1];
    const double middle = median(values);
    const std::string median_of = format("the median of {}", short_number(middle));
    std::string text = format("{} {} is best: {} {} ({} is better), {} ({}).", kind_of(first_trial(first)),
                              with_parameters(comparison_, first_trial(first)), objective.metric,
                              value_in_words(first.measured.at(objective.metric)), better(objective),
                              against(values.front(), middle, median_of), n());
    text += format(" Next is {} with {}; the last has {}.", with_parameters(comparison_, first_trial(second)),
                   short_number(values[1]), short_number(values.back()));
    add("best", std::move(text), first.trials);
  }

  const Replicates& best_by(const Objective& objective) const {
    return **std::min_element(settings_.begin(), settings_.end(), [&](const Replicates* a, const Replicates* b) {
      return objective.better(a->measured.at(objective.metric).middle, b->measured.at(objective.metric).middle);
    });
  }

  void best_by_many() {
    for (const Objective& objective : comparison_.objectives) {
      const Replicates& setting = best_by(objective);
      add("best",
          format("{} {} is best by {}: {} ({} is better; {}).", kind_of(first_trial(setting)),
                 with_parameters(comparison_, first_trial(setting)), objective.metric,
                 value_in_words(setting.measured.at(objective.metric)), better(objective), n()),
          setting.trials);
    }
    std::vector<std::size_t> front;
    for (const Replicates* setting : settings_) {
      if (first_trial(*setting).best) front.push_back(setting->trials.front());
    }
    add("best",
        format("{} of {} {} {} beaten by none in every objective (the Pareto front): {}.", front.size(),
               settings_.size(), repeated() ? "settings" : "finished trials", front.size() == 1 ? "is" : "are",
               labels(comparison_, front)),
        front);
  }

  void sureness() {
    if (settings_.size() < 2) return;
    if (!settings_.front()->rank) {
      add("best", repeated() ? format("Too few settings ran with several seeds to say how sure the order is ({}).", n())
                             : format("Each setting ran once, so a small difference may be chance ({}).", n()));
      return;
    }
    std::vector<std::size_t> others;
    for (const Replicates* setting : settings_) {
      if (setting != settings_.front() && setting->rank && setting->rank->low == 1)
        others.push_back(setting->trials.front());
    }
    const Replicates& first = *settings_.front();
    const bool one = comparison_.objectives.size() == 1;
    std::string text = format("{} {} in {} of bootstrap draws over the seeds", name_of(first_trial(first)),
                              one ? "is first" : "is on the front", percent(first.rank->best));
    text += others.empty() ? format("; no other may be {}", one ? "the best" : "on it")
                           : format("; {} may be {} as well", labels(comparison_, others), one ? "the best" : "on it");
    others.insert(others.begin(), first.trials.front());
    add("best", format("{} ({}).", text, n()), others);
  }

  /// The setting that was there before the sweep changed anything, or else the first that was tried.
  const Replicates* baseline_of(const Replicates& best, bool* is_base) const {
    const std::size_t source = first_trial(best).source;
    const Settings& base = comparison_.sources[source].base;
    const Replicates* first = nullptr;
    for (const Replicates& setting : evidence_.settings) {
      const Comparison::Trial& trial = first_trial(setting);
      const bool same_source = trial.source == source;
      if (!same_source && comparison_.sources[source].is_sweep) continue;
      *is_base = same_source && is_experiment(trial.run, base);
      if (*is_base) return &setting;
      if (!first || setting.trials.front() < first->trials.front()) first = &setting;
    }
    return first;
  }

  /// Whether a trial changed nothing of the experiment.
  static bool is_experiment(const RunRecord& run, const Settings& base) {
    const auto& chosen = run.parameters.items;
    return !chosen.empty() && !base.empty() && std::all_of(chosen.begin(), chosen.end(), [&](const auto& p) {
      const Value* given = base.find(p.first);
      return given && same(*given, p.second);
    });
  }

  /// What to call the setting that the best is compared with, when it is not the experiment as it is.
  std::string first_in_words(const Replicates& best, const Replicates& first) const {
    const std::size_t source = first_trial(best).source;
    bool earlier = false;
    for (std::size_t i = 0; i < comparison_.trials.size(); ++i) {
      const Comparison::Trial& trial = comparison_.trials[i];
      if (trial.source != source && comparison_.sources[source].is_sweep) continue;
      if (trial.source == source && is_experiment(trial.run, comparison_.sources[source].base)) {
        return format("the first setting that finished (the baseline, the experiment as it is, {}, is not ranked: {}),",
                      trial.label, to_text(trial.run.state));
      }
      earlier = earlier || i < first.trials.front();
    }
    return earlier ? "the first setting that finished," : "the first setting tried,";
  }

  static bool same(const Value& a, const Value& b) {
    return a.is_number() && b.is_number() ? a.number() == b.number() : a == b;
  }

  std::string changes(const RunRecord& from, const RunRecord& to) const {
    std::string text;
    for (const Parameter& parameter : comparison_.parameters) {
      const Value *before = setting_of(from, parameter), *after = setting_of(to, parameter);
      if (parameter.key == "seed" || (!before && !after) || (before && after && same(*before, *after))) continue;
      const auto words = [&](const Value* value) {
        return !value ? std::string("none") : value->is_number() ? short_number(value->number()) : to_text(*value);
      };
      text += format("{}{} from {} to {}", text.empty() ? "" : ", ", parameter.label, words(before), words(after));
    }
    return text;
  }

  void baseline() {
    if (settings_.size() < 2) return;
    std::set<const Replicates*> done;
    for (const Objective& objective : comparison_.objectives) {
      const Replicates& best = comparison_.objectives.size() == 1 ? *settings_.front() : best_by(objective);
      bool is_base = false;
      const Replicates* base = baseline_of(best, &is_base);
      if (!base || !done.insert(&best).second) continue;
      const std::string what = is_base ? "the baseline, the experiment as it is," : first_in_words(best, *base);
      if (base == &best) {
        add("baseline",
            format("No setting is better by {} than {} {} ({}).", objective.metric, what, first_trial(best).label, n()),
            best.trials);
        continue;
      }
      std::string text =
          format("Against {} {}: {}", what, first_trial(*base).label, comparison_in_words(best, *base, objective));
      const std::string changed = changes(first_trial(*base).run, first_trial(best).run);
      if (!changed.empty()) text += format(" {} changed {}.", name_of(first_trial(best)), changed);
      std::vector<std::size_t> trials = best.trials;
      trials.insert(trials.end(), base->trials.begin(), base->trials.end());
      add("baseline", std::move(text), std::move(trials));
    }
  }

  std::string comparison_in_words(const Replicates& best, const Replicates& base, const Objective& objective) const {
    const Interval &value = best.measured.at(objective.metric), &before = base.measured.at(objective.metric);
    std::string text = format("{} {} instead of {}, {}", objective.metric, short_number(value.middle),
                              short_number(before.middle), against(value.middle, before.middle, "it"));
    if (value.n < 2 || before.n < 2) {
      return text +
             format(
                 " (n = {} and {}: no telling how much of it is chance, and the best of {} looks better than it is).",
                 value.n, before.n, settings_.size());
    }
    const Interval difference = mean_difference(values(best, objective), values(base, objective));
    text +=
        format("; the difference lies between {} and {}", short_number(difference.low), short_number(difference.high));
    return text + format("{} (95 %, n = {} and {} seeds).", difference.holds(0) ? ", so it may be none" : "", value.n,
                         before.n);
  }

  std::vector<double> values(const Replicates& setting, const Objective& objective) const {
    std::vector<double> result;
    for (const std::size_t trial : setting.trials)
      result.push_back(comparison_.trials[trial].run.value(objective.metric));
    return result;
  }

  /// The mean over seeds in the form in which more is better.
  static double goodness(const Replicates& setting, const Objective& objective) {
    return (objective.maximize ? 1 : -1) * setting.measured.at(objective.metric).middle;
  }

  void trade_offs() {
    if (evidence_.settings.size() < 2) return;
    for (std::size_t a = 0; a < comparison_.objectives.size(); ++a) {
      for (std::size_t b = a + 1; b < std::min<std::size_t>(comparison_.objectives.size(), 3); ++b) {
        std::vector<double> x, y;
        for (const Replicates& setting : evidence_.settings) {
          x.push_back(goodness(setting, comparison_.objectives[a]));
          y.push_back(goodness(setting, comparison_.objectives[b]));
        }
        const Interval r = rank_correlation(x, y);
        const std::string pair = comparison_.objectives[a].metric + " and " + comparison_.objectives[b].metric;
        if (!r.known()) {
          add("importance", format("Not enough trials to say whether {} pull against each other (n = {}).", pair, r.n));
          continue;
        }
        const std::string what =
            r.high < 0  ? pair + " pull against each other: there is a trade-off"
            : r.low > 0 ? pair + " get better together"
                        : format("Whether {} pull against each other or get better together cannot be said", pair);
        add("importance", format("{} (rank correlation of how good {:.2f}, {:.2f} to {:.2f}; n = {}).", what, r.middle,
                                 r.low, r.high, r.n));
      }
    }
  }

  /// The seconds from the first start to the last end, where trials say when they began.
  double wall_seconds() const {
    double first = std::numeric_limits<double>::infinity(), last = -first;
    for (const Comparison::Trial& trial : comparison_.trials) {
      const Value* started = trial.run.provenance.find("started");
      std::tm parts{};
      if (!trial.run.ended() || !started || !started->is_text()) continue;
      if (!strptime(started->text().c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts)) continue;
      const auto begin = static_cast<double>(timegm(&parts));
      first = std::min(first, begin);
      last = std::max(last, begin + trial.run.seconds);
    }
    return last - first;
  }

  void cost() {
    std::vector<double> finished;
    double all = 0;
    std::size_t ended = 0;
    for (const Comparison::Trial& trial : comparison_.trials) {
      all += trial.run.seconds;
      ended += trial.run.ended() ? 1 : 0;
      if (trial.run.state == TrialState::finished) finished.push_back(trial.run.seconds);
    }
    if (ended == 0) return;
    std::string text = format("It took {} of computing", duration_in_words(all));
    if (!finished.empty()) {
      const double usual = median(finished);
      text += format(", {} for a finished trial (median, n = {})",
                     usual < 10 ? short_number(usual) + " s" : duration_in_words(usual), finished.size());
    }
    const double wall = wall_seconds();
    if (wall > 0 && ended > 1) text += format(", {:.3g} trials an hour", static_cast<double>(ended) * 3600 / wall);
    for (const TrialState state : {TrialState::pruned, TrialState::failed}) {
      const std::size_t count = comparison_.count(state);
      const double share = static_cast<double>(count) / static_cast<double>(ended);
      if (count > 0)
        text += format("; {} of {} {} ({})", count, ended, state == TrialState::pruned ? "were pruned" : "failed",
                       percent(share));
    }
    add("cost", text + ".");
  }

  void failures() {
    std::map<std::string, std::vector<std::size_t>> by_reason;
    for (std::size_t i = 0; i < comparison_.trials.size(); ++i) {
      const RunRecord& run = comparison_.trials[i].run;
      if (run.state != TrialState::failed) continue;
      by_reason[run.reason.empty() ? "no reason recorded" : run.reason].push_back(i);
    }
    std::vector<std::pair<std::string, std::vector<std::size_t>>> order(by_reason.begin(), by_reason.end());
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
    constexpr std::size_t most_reasons = 3;
    for (std::size_t i = 0; i < std::min(order.size(), most_reasons); ++i) {
      const auto& [reason, trials] = order[i];
      add("failure",
          trials.size() == 1 ? format("{} failed: {}.", name_of(comparison_.trials[trials.front()]), reason)
                             : format("{} failed, for instance {}: {}.", trials.size(),
                                      name_of(comparison_.trials[trials.front()]), reason),
          trials);
    }
    if (order.size() <= most_reasons) return;
    std::vector<std::size_t> rest;
    for (std::size_t i = most_reasons; i < order.size(); ++i)
      rest.insert(rest.end(), order[i].second.begin(), order[i].second.end());
    add("failure", format("{} more failed for other reasons: {}.", rest.size(), labels(comparison_, rest)), rest);
  }

  void other_data() {
    std::map<std::string, std::vector<std::size_t>> others;
    for (std::size_t i = 0; i < comparison_.trials.size(); ++i) {
      if (!comparison_.trials[i].comparable) others[measures_digest(comparison_.trials[i].run)].push_back(i);
    }
    for (const auto& [digest, trials] : others) {
      const std::string seen = digest.empty() ? std::string("do not say which data they saw")
                                              : format("measured on other data or in another way (digest {})", digest);
      const std::string ranked = comparison_.data.empty() ? std::string("those that are ranked do not say theirs")
                                                          : format("those that are ranked have {}", comparison_.data);
      add("caution",
          format("{} trial{} {} while {}: their measures do not compare and are not ranked ({}).", trials.size(),
                 trials.size() == 1 ? "" : "s", seen, ranked, labels(comparison_, trials)),
          trials);
    }
  }

  void constraints() {
    std::vector<std::size_t> missed;
    std::set<std::string> texts;
    std::size_t finished = 0;
    for (std::size_t i = 0; i < comparison_.trials.size(); ++i) {
      const Comparison::Trial& trial = comparison_.trials[i];
      if (trial.run.state != TrialState::finished) continue;
      ++finished;
      if (trial.feasible) continue;
      missed.push_back(i);
      for (const Constraint& constraint : comparison_.sources[trial.source].constraints) {
        if (!constraint.holds(trial.run.value(constraint.metric))) texts.insert(constraint.text);
      }
    }
    if (missed.empty()) return;
    std::string which;
    for (const std::string& text : texts) which += (which.empty() ? "" : ", ") + text;
    add("caution",
        format("{} of {} finished trials {} {} and cannot be best.", missed.size(), finished,
               missed.size() == 1 ? "misses" : "miss", which),
        missed);
  }

  void missing_objectives() {
    const std::size_t finished = comparison_.count(TrialState::finished);
    if (finished == 0) return;
    for (const Objective& objective : comparison_.objectives) {
      std::vector<std::size_t> without;
      std::set<std::string> recorded;
      for (std::size_t i = 0; i < comparison_.trials.size(); ++i) {
        const RunRecord& run = comparison_.trials[i].run;
        if (run.state != TrialState::finished) continue;
        if (!std::isfinite(run.value(objective.metric))) without.push_back(i);
        for (const auto& [metric, value] : run.values) recorded.insert(metric);
      }
      if (without.empty()) continue;
      if (without.size() < finished) {
        add("caution",
            format("{} of {} finished trials {} no number for {} and {} not ranked ({}).", without.size(), finished,
                   without.size() == 1 ? "has" : "have", objective.metric, without.size() == 1 ? "is" : "are",
                   labels(comparison_, without)),
            without);
        continue;
      }
      std::string names;
      for (const std::string& metric : recorded) names += (names.empty() ? "" : ", ") + metric;
      add("caution",
          format("No finished trial has a number for {}, though it is an objective (n = {}); {}.", objective.metric,
                 finished, names.empty() ? "nothing was recorded" : "recorded were " + names));
    }
  }

  /// Where the run's spec, or else the declaration, says that the mode begins.
  static double limit_of(const FailureMode& mode, const RunRecord& run) {
    const Value* given = mode.setting.empty() ? nullptr : setting(run, mode.setting);
    if (!given || !given->is_number()) return mode.limit;
    return mode.complement ? 1 - given->number() : given->number();
  }

  void failure_modes_of_most() {
    for (const Measure& measure : comparison_.measures.all()) {
      for (const FailureMode& mode : measure.failure_modes) {
        if (!mode.of_most.empty()) failure_mode_of_most(measure.name, mode);
      }
    }
  }

  void failure_mode_of_most(const std::string& metric, const FailureMode& mode) {
    std::vector<std::size_t> failing;
    std::size_t judged = 0;
    for (std::size_t i = 0; i < comparison_.trials.size(); ++i) {
      const RunRecord& run = comparison_.trials[i].run;
      const double value = run.value(metric);
      if (run.state != TrialState::finished || !std::isfinite(value)) continue;
      ++judged;
      if (mode.holds(value, limit_of(mode, run))) failing.push_back(i);
    }
    if (2 * failing.size() <= judged) return;
    add("caution", format("In {} of {} finished trials {}.", failing.size(), judged, mode.of_most), failing);
  }

  /// A measure that only tells how trials failed may rank no trial, and others call such a trial perfect.
  void failure_modes_of_best() {
    for (std::size_t i = 0; i < comparison_.trials.size(); ++i) {
      const Comparison::Trial& trial = comparison_.trials[i];
      if (!trial.best) continue;
      for (const Measure& measure : comparison_.measures.all()) {
        const double value = trial.run.value(measure.name);
        for (const FailureMode& mode : measure.failure_modes) {
          if (mode.of_best.empty() || !mode.holds(value, limit_of(mode, trial.run))) continue;
          const std::string measured = format("{} {}", measure.name, short_number(value));
          add("caution", format("{} {}.", name_of(trial), filled(mode.of_best, measured)), {i});
        }
      }
    }
  }

  void different_evaluations() {
    std::string keys;
    for (const Parameter& parameter : comparison_.parameters) {
      if (parameter.key.starts_with("evaluate.")) keys += (keys.empty() ? "" : ", ") + parameter.key;
    }
    if (!keys.empty())
      add("caution", format("{} differ between trials, so their eval.* measures are not of the same thing.", keys));
  }

  /// Objectives that prefer what the measure calls worse.
  void wrong_ways() {
    for (const Objective& objective : comparison_.objectives) {
      const Better known = comparison_.measures.of(objective.metric).better;
      if (known != (objective.maximize ? Better::lower : Better::higher)) continue;
      add("caution", format("{} is {} here, though of it {}.", objective.metric,
                            objective.maximize ? "maximized" : "minimized", in_words(known)));
    }
  }

  const Comparison& comparison_;
  const Evidence& evidence_;
  std::vector<const Replicates*> settings_;  ///< That hold their constraints, best first.
  std::size_t trials_ = 0;                   ///< That are ranked.
  std::vector<Finding> found_;
};

}  // namespace

Evidence evidence(const Comparison& comparison) { return {importance(comparison), replicates(comparison)}; }

std::vector<Finding> findings(const Comparison& comparison, const Evidence& evidence) {
  return Findings(comparison, evidence).all();
}

Json findings_json(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"text", finding.text}, {"kind", finding.kind}, {"trials", finding.trials}});
  }
  return list;
}

void add_statistics(Json& data, const Comparison& comparison) {
  const Evidence found = evidence(comparison);
  const std::vector<Finding> said = findings(comparison, found);
  data["summary"] = Json::array();
  for (const Finding& finding : said) data["summary"].push_back(finding.text);
  data["findings"] = findings_json(said);
  data["importance"] = importance_json(found.importance);
  data["intervals"] = intervals_json(found.settings);
  data["ranks"] = ranks_json(found.settings);
}

}  // namespace atelier
