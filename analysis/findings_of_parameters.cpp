#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/findings.h"
#include "analysis/statistics/correlation.h"
#include "analysis/statistics/rank_sum.h"
#include "analysis/wording.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

constexpr double worth_saying = 0.1;       ///< Share of the variance below which a parameter is not talked about.
constexpr double edge = 0.05;              ///< Of a range, on its scale, that counts as its end.
constexpr std::size_t least_a_choice = 3;  ///< Settings of a choice that is compared with others.

std::string percent_range(const ParameterImportance& parameter) {
  return format("{:.0f} % (between {:.0f} and {:.0f} % over bootstrap draws)", 100 * parameter.share,
                100 * parameter.low, 100 * parameter.high);
}

class ParameterFindings {
 public:
  ParameterFindings(const Comparison& comparison, const Evidence& evidence)
      : comparison_(comparison), evidence_(evidence) {}

  std::vector<Finding> all() {
    if (evidence_.settings.size() < 2 || comparison_.parameters.empty()) return {};
    for (std::size_t i = 0; i < evidence_.importance.size(); ++i) {
      what_matters(evidence_.importance[i]);
      if (evidence_.importance[i].enough) directions(evidence_.importance[i], comparison_.objectives[i]);
      if (evidence_.importance[i].unpredicted && !learned()) correlations(comparison_.objectives[i]);
    }
    if (learned()) {
      for (const Parameter& parameter : comparison_.parameters) uneven_choices(parameter);
      return std::move(found_);
    }
    for (std::size_t i = 0; i < comparison_.objectives.size(); ++i) {
      for (const Parameter& parameter : comparison_.parameters) {
        if (!parameter.numeric) choices(parameter, comparison_.objectives[i]);
      }
    }
    return std::move(found_);
  }

 private:
  void add(std::string text, std::vector<std::size_t> trials = {}) {
    found_.push_back({std::move(text), "importance", std::move(trials)});
  }

  const Parameter& parameter(const std::string& key) const {
    return *std::find_if(comparison_.parameters.begin(), comparison_.parameters.end(),
                         [&](const Parameter& p) { return p.key == key; });
  }
  /// Whether a ranked trial was chosen by what others had measured. Such trials are no random draw: a choice that was
  /// lucky at first gets the good places of all other parameters as well.
  bool learned() const {
    return std::any_of(evidence_.settings.begin(), evidence_.settings.end(), [&](const Replicates& setting) {
      return comparison_.sources[comparison_.trials[setting.trials.front()].source].learned;
    });
  }

  const std::string& label(const std::string& key) const { return parameter(key).label; }

  void what_matters(const Importance& importance) {
    if (!importance.enough) {
      add(format("Not enough to say which parameter matters for {} (n = {}): {}.", importance.objective, importance.n,
                 importance.not_enough));
      return;
    }
    const ParameterImportance& first = importance.parameters.front();
    std::string text = format("For {} ", importance.objective);
    const ParameterImportance* second = importance.parameters.size() > 1 ? &importance.parameters[1] : nullptr;
    if (!second) {
      // All that is explained goes with it, so its share says nothing; how much that is does.
      add(format("{} explains about {:.0f} % of {} (n = {}; as predicted for trials left out).", label(first.key),
                 100 * importance.explained, importance.objective, importance.n) +
          doubt());
      return;
    }
    if (second->high >= first.low && second->share >= worth_saying) {
      text += format(
          "{} and {} matter most, with {} and {} of what the parameters explain; which of them more cannot be said",
          label(first.key), label(second->key), percent_range(first), percent_range(*second));
    } else {
      text += format("{} matters most, with {} of what the parameters explain", label(first.key), percent_range(first));
      if (second->share >= 0.01) text += format("; next is {} with {}", label(second->key), percent_range(*second));
      if (second->share < 0.01) text += "; the others have next to none";
    }
    text += format(" (n = {}; the parameters predict {:.0f} % of trials left out).", importance.n,
                   100 * importance.explained);
    if (!importance.interactions.empty() && importance.interactions.front().share >= worth_saying) {
      const Interaction& pair = importance.interactions.front();
      text += format(" {} and {} act together: {:.0f} % beyond what each does alone.", label(pair.first),
                     label(pair.second), 100 * pair.share);
    }
    add(text + doubt());
  }

  /// Of a sweep that learned.
  std::string doubt() const {
    return learned() ? " The sampler tried little where it had seen bad results, so this holds near the good ones; "
                       "sample with random or "
                       "sobol to be sure."
                     : "";
  }

  /// Where the forest sees nothing, whether an objective goes up or down with one parameter alone: that needs fewer
  /// trials.
  void correlations(const Objective& objective) {
    const std::vector<MeasuredSetting> settings = measured_settings(comparison_, objective.metric);
    std::vector<const Parameter*> tested;
    for (const Parameter& each : comparison_.parameters) {
      if (each.numeric && each.key != "seed") tested.push_back(&each);
    }
    for (const Parameter* each : tested) {
      std::vector<double> x, y;
      for (const MeasuredSetting& setting : settings) {
        const Value* value = setting_of(comparison_.trials[setting.trials.front()].run, *each);
        if (!value || !std::isfinite(value->number())) continue;
        x.push_back(value->number());
        y.push_back(setting.value);
      }
      // One of many parameters correlates by chance, so each is held to its part of the error allowed (Bonferroni).
      const Interval r = rank_correlation(x, y, 1 - (1 - confidence) / static_cast<double>(tested.size()));
      if (!r.known() || r.holds(0)) continue;
      add(format("Higher {} goes with {} {} (rank correlation {:.2f}, {:.2f} to {:.2f}; n = {}).", each->label,
                 r.middle < 0 ? "lower" : "higher", objective.metric, r.middle, r.low, r.high, r.n));
    }
  }

  /// Said instead of which choice is better.
  void uneven_choices(const Parameter& known) {
    if (known.numeric) return;
    std::map<std::string, std::size_t> counts;
    for (const Replicates& setting : evidence_.settings) {
      const Value* value = setting_of(comparison_.trials[setting.trials.front()].run, known);
      if (value) ++counts[to_text(*value)];
    }
    if (counts.size() < 2) return;
    std::string n;
    for (auto each = counts.begin(); each != counts.end(); ++each) {
      n += format("{}{}", n.empty() ? "" : std::next(each) == counts.end() ? " and " : ", ", each->second);
    }
    add(
        format("The sampler tried the choices of {} by what it had learned (n = {}), so the trials cannot show which "
               "is better; sample "
               "with random or sobol.",
               known.label, n));
  }

  /// The mean of what is expected over some of a parameter's cells, and its error.
  struct Part {
    double expected = 0, error = 0;
  };
  static Part part(const std::vector<ParameterImportance::Effect>& effects, double from, double to) {
    const auto first = static_cast<std::size_t>(from * static_cast<double>(effects.size()));
    const std::size_t last = std::max(first + 1, static_cast<std::size_t>(to * static_cast<double>(effects.size())));
    Part result;
    for (std::size_t i = first; i < last; ++i) {
      result.expected += effects[i].expected / static_cast<double>(last - first);
      result.error += effects[i].error / static_cast<double>(last - first);
    }
    return result;
  }

  /// Whether a is better than b by more than twice the error.
  static bool surely_better(const Part& a, const Part& b, const Objective& objective) {
    return objective.better(a.expected, b.expected) &&
           std::abs(a.expected - b.expected) > 2 * std::hypot(a.error, b.error);
  }

  void directions(const Importance& importance, const Objective& objective) {
    for (const ParameterImportance& each : importance.parameters) {
      const Parameter& known = parameter(each.key);
      if (each.share < worth_saying || each.low <= 0 || !known.numeric || each.effects.size() < 3) continue;
      const Part low = part(each.effects, 0, 0.25), high = part(each.effects, 0.75, 1),
                 inside = part(each.effects, 0.25, 0.75);
      const auto best = std::min_element(each.effects.begin(), each.effects.end(), [&](const auto& a, const auto& b) {
        return objective.better(a.expected, b.expected);
      });
      std::string text;
      if (surely_better(inside, low, objective) && surely_better(inside, high, objective)) {
        text = format("{} is best in the middle of {}, around {}", objective.metric, known.label,
                      short_number(best->at.number()));
      } else if (surely_better(low, high, objective)) {
        text = format("Lower {} is better for {}", known.label, objective.metric);
      } else if (surely_better(high, low, objective)) {
        text = format("Higher {} is better for {}", known.label, objective.metric);
      } else {
        continue;
      }
      text += format(": {} is to be expected at its low end, {} in the middle, {} at its high end (n = {}).",
                     short_number(low.expected), short_number(inside.expected), short_number(high.expected), each.n);
      add(text + where_the_best_lies(known, objective));
    }
  }

  /// Whether the range ends where the best is.
  std::string where_the_best_lies(const Parameter& known, const Objective& objective) const {
    const Replicates* best = nullptr;
    for (const Replicates& setting : evidence_.settings) {
      if (!setting.feasible) continue;
      if (!best ||
          objective.better(setting.measured.at(objective.metric).middle, best->measured.at(objective.metric).middle)) {
        best = &setting;
      }
    }
    if (!best || !known.range) return "";
    const Comparison::Trial& trial = comparison_.trials[best->trials.front()];
    const Value* value = setting_of(trial.run, known);
    if (!value || !value->is_number()) return "";
    const auto [low, high] = *known.range;
    const bool logarithmic = known.logarithmic && low > 0 && value->number() > 0;
    const auto scaled = [&](double number) { return logarithmic ? std::log(number) : number; };
    const double place = (scaled(value->number()) - scaled(low)) / (scaled(high) - scaled(low));
    const std::string range = format("{} to {}", short_number(low), short_number(high));
    if (place <= edge || place >= 1 - edge) {
      return format(" The best, {}, has {}, at the {} end of the range {}: widen it.", trial.label,
                    short_number(value->number()), place <= edge ? "low" : "high", range);
    }
    return format(" The best, {}, has {}, inside the range {}.", trial.label, short_number(value->number()), range);
  }

  /// The best choice against all others together.
  void choices(const Parameter& known, const Objective& objective) {
    std::map<std::string, std::vector<double>> groups;
    std::size_t n = 0;
    for (const MeasuredSetting& setting : measured_settings(comparison_, objective.metric)) {
      const Value* value = setting_of(comparison_.trials[setting.trials.front()].run, known);
      if (!value) continue;
      groups[to_text(*value)].push_back(setting.value);
      ++n;
    }
    if (groups.size() < 2) return;
    const auto best = std::min_element(groups.begin(), groups.end(), [&](const auto& a, const auto& b) {
      // Choices that were hardly tried come last.
      const bool few_a = a.second.size() < least_a_choice, few_b = b.second.size() < least_a_choice;
      return few_a != few_b ? few_b : objective.better(median(a.second), median(b.second));
    });
    std::vector<double> others;
    for (const auto& [choice, values] : groups) {
      if (choice != best->first) others.insert(others.end(), values.begin(), values.end());
    }
    if (best->second.size() < least_a_choice || others.size() < least_a_choice) {
      add(format("Not enough trials to say which {} is better for {} (n = {}; at least {} of two choices are needed).",
                 known.label, objective.metric, n, least_a_choice));
      return;
    }
    const RankSumTest test = rank_sum_test(best->second, others);
    // The best of several choices was picked for being best, so its p counts for each that could have been.
    const double p = std::min(1.0, test.p * (groups.size() > 2 ? static_cast<double>(groups.size()) : 1.0));
    const bool sure =
        test.shift.known() && p < 1 - confidence && objective.better(test.shift.middle, 0) && !test.shift.holds(0);
    const std::string rest = groups.size() == 2 ? "" : " of the others together";
    std::string numbers = format("p = {:.2g}{}, n = {} and {}{}", p, test.exact && groups.size() == 2 ? " exactly" : "",
                                 best->second.size(), others.size(), rest);
    if (sure) {
      add(format("{} {} is better for {}: typically {} {} ({} to {}; {}).", known.label, best->first, objective.metric,
                 short_number(std::abs(test.shift.middle)), objective.maximize ? "higher" : "lower",
                 short_number(std::min(std::abs(test.shift.low), std::abs(test.shift.high))),
                 short_number(std::max(std::abs(test.shift.low), std::abs(test.shift.high))), numbers));
    } else {
      add(format("No {} is better for {} beyond chance; ahead is {} ({}).", known.label, objective.metric, best->first,
                 numbers));
    }
  }

  const Comparison& comparison_;
  const Evidence& evidence_;
  std::vector<Finding> found_;
};

}  // namespace

std::vector<Finding> findings_of_parameters(const Comparison& comparison, const Evidence& evidence) {
  return ParameterFindings(comparison, evidence).all();
}

}  // namespace atelier
