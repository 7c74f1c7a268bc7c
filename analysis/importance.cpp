#include "analysis/importance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "analysis/replicates.h"
#include "analysis/statistics/functional_anova.h"
#include "framework/core/format.h"
#include "framework/storage/value_json.h"

namespace atelier {
namespace {

constexpr std::size_t least_trials = 20, trials_a_parameter = 2, range_cells = 32, most_choices = 64;
constexpr double least_explained = 0.15;

/// One parameter of the trials as cells, and which value each cell stands for.
struct Column {
  Axis axis;
  std::vector<std::uint8_t> cells;
  std::vector<Value> values;
};

/// A cell for each different value; the rarest of too many choices share the last.
Column different_values(const std::vector<const Value*>& given, bool numeric) {
  std::map<std::string, std::size_t> counts;
  std::map<std::string, Value> by_text;
  for (const Value* value : given) {
    if (!value) continue;
    const std::string text = numeric ? format("{}", value->number()) : to_toml(*value);
    ++counts[text];
    by_text.try_emplace(text, *value);
  }
  std::vector<std::pair<std::string, Value>> order(by_text.begin(), by_text.end());
  std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return numeric ? a.second.number() < b.second.number() : counts[a.first] > counts[b.first];
  });
  Column column;
  std::map<std::string, std::uint8_t> places;
  for (std::size_t i = 0; i < order.size(); ++i) {
    places[order[i].first] = static_cast<std::uint8_t>(std::min(i, most_choices - 1));
    if (i < most_choices) column.values.push_back(order[i].second);
  }
  column.axis = {column.values.size(), numeric};
  for (const Value* value : given) {
    column.cells.push_back(value ? places.at(numeric ? format("{}", value->number()) : to_toml(*value))
                                 : CellTable::absent);
  }
  return column;
}

/// Stretches of equal width from one end of the range to the other, on its scale.
Column stretches(const Parameter& parameter, const std::vector<const Value*>& given) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Value* value : given) {
    if (!value) continue;
    low = std::min(low, value->number());
    high = std::max(high, value->number());
  }
  if (parameter.range) {
    low = std::min(low, parameter.range->first);
    high = std::max(high, parameter.range->second);
  }
  const bool logarithmic = parameter.logarithmic && low > 0;
  const auto scaled = [&](double number) { return logarithmic ? std::log(number) : number; };
  const double from = scaled(low), width = scaled(high) - from;
  Column column;
  column.axis = {range_cells, true};
  for (std::size_t cell = 0; cell < range_cells; ++cell) {
    const double middle = from + width * (static_cast<double>(cell) + 0.5) / range_cells;
    column.values.emplace_back(logarithmic ? std::exp(middle) : middle);
  }
  for (const Value* value : given) {
    const double place = value ? (scaled(value->number()) - from) / width * range_cells : 0;
    column.cells.push_back(value ? static_cast<std::uint8_t>(std::clamp(place, 0.0, range_cells - 1.0))
                                 : CellTable::absent);
  }
  return column;
}

/// None where the parameter does not vary among these trials, or one of its numbers is none.
std::optional<Column> column_of(const Parameter& parameter, const std::vector<const Value*>& given) {
  std::set<std::string> different;
  std::size_t n = 0;
  bool finite = true;
  for (const Value* value : given) {
    if (!value) continue;
    ++n;
    different.insert(to_toml(*value));
    finite = finite && (!parameter.numeric || std::isfinite(value->number()));
  }
  if (different.size() < 2 || !finite) return std::nullopt;
  if (!parameter.numeric || (different.size() <= 16 && 2 * different.size() <= n)) {
    return different_values(given, parameter.numeric);
  }
  return stretches(parameter, given);
}

struct Table {
  CellTable cells;
  std::vector<const Parameter*> parameters;
  std::vector<Column> columns;
  std::vector<std::size_t> present;  ///< Settings that have each.
  bool repeated = false;             ///< Some setting has several seeds.
};

bool is_parent(const Parameter& child, const std::string& key) {
  return std::find(child.parents.begin(), child.parents.end(), key) != child.parents.end();
}

/// The cells of a parent with which every trial has the child and no other has; none where that is not so.
std::optional<std::uint64_t> open_cells(const Column& parent, const Column& child) {
  std::uint64_t with = 0, without = 0;
  for (std::size_t row = 0; row < child.cells.size(); ++row) {
    const bool has = child.cells[row] != CellTable::absent;
    if (parent.cells[row] == CellTable::absent) {
      if (has) return std::nullopt;
    } else {
      (has ? with : without) |= std::uint64_t{1} << parent.cells[row];
    }
  }
  return with & without ? std::nullopt : std::optional(with);
}

void find_gates(Table& table) {
  for (std::size_t child = 0; child < table.columns.size(); ++child) {
    if (table.present[child] == table.cells.values.size()) continue;
    for (std::size_t parent = 0; parent < table.columns.size(); ++parent) {
      if (!is_parent(*table.parameters[child], table.parameters[parent]->key)) continue;
      if (const auto open = open_cells(table.columns[parent], table.columns[child]))
        table.cells.gates[child] = {parent, *open};
    }
  }
}

Table table_of(const Comparison& comparison, std::size_t objective) {
  Table table;
  std::vector<const RunRecord*> runs;
  // By one measure alone: an objective that is missing does not take the others with it.
  for (const MeasuredSetting& setting : measured_settings(comparison, comparison.objectives[objective].metric)) {
    runs.push_back(&comparison.trials[setting.trials.front()].run);
    table.cells.values.push_back(setting.value);
    table.repeated = table.repeated || setting.trials.size() > 1;
  }
  for (const Parameter& parameter : comparison.parameters) {
    if (parameter.key == "seed") continue;
    std::vector<const Value*> given;
    for (const RunRecord* run : runs) given.push_back(setting_of(*run, parameter));
    std::optional<Column> column = column_of(parameter, given);
    if (!column) continue;
    table.cells.axes.push_back(column->axis);
    table.cells.cells.push_back(column->cells);
    table.parameters.push_back(&parameter);
    table.present.push_back(given.size() - static_cast<std::size_t>(std::count(given.begin(), given.end(), nullptr)));
    table.columns.push_back(*std::move(column));
  }
  find_gates(table);
  return table;
}

void fill(Importance& result, const Table& table, const FunctionalAnova& anova) {
  for (std::size_t i = 0; i < table.parameters.size(); ++i) {
    const FunctionalAnova::Input& input = anova.inputs[i];
    ParameterImportance parameter{table.parameters[i]->key, input.total, input.low, input.high, input.alone,
                                  table.present[i],         {}};
    for (std::size_t cell = 0; cell < input.effect.size(); ++cell) {
      parameter.effects.push_back({table.columns[i].values[cell], input.effect[cell], input.spread[cell]});
    }
    result.parameters.push_back(std::move(parameter));
  }
  std::stable_sort(result.parameters.begin(), result.parameters.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  for (const FunctionalAnova::Pair& pair : anova.pairs) {
    const Parameter &first = *table.parameters[pair.first], &second = *table.parameters[pair.second];
    // That a parameter matters only where its condition holds is no discovery.
    if (is_parent(first, second.key) || is_parent(second, first.key)) continue;
    result.interactions.push_back({first.key, second.key, pair.share});
  }
}

Importance importance_of(const Comparison& comparison, std::size_t objective) {
  const Table table = table_of(comparison, objective);
  Importance result;
  result.objective = comparison.objectives[objective].metric;
  result.n = table.cells.values.size();
  result.method =
      "fANOVA: variance of a random forest over the search space (Hutter, Hoos and Leyton-Brown 2014), "
      "total Sobol indices (Jansen 1999), intervals by bootstrap";
  const std::size_t parameters = table.parameters.size();
  const auto [lowest, highest] = std::minmax_element(table.cells.values.begin(), table.cells.values.end());
  if (result.n == 0) {
    result.not_enough = "no finished trial has it";
  } else if (parameters == 0) {
    result.not_enough = "no parameter varies among the trials that have it";
  } else if (result.n < least_trials || result.n < trials_a_parameter * parameters) {
    result.not_enough =
        format("{} {} have it; {} would be enough for {} parameter{}", result.n, table.repeated ? "settings" : "trials",
               std::max(least_trials, trials_a_parameter * parameters), parameters, parameters == 1 ? "" : "s");
  } else if (*lowest == *highest) {
    result.not_enough = "it is the same in all trials";
  }
  if (!result.not_enough.empty()) return result;
  const FunctionalAnova anova = functional_anova(table.cells);
  result.explained = anova.explained;
  if (!(anova.explained >= least_explained)) {
    result.not_enough = "the forest does not predict it in trials that were left out";
    result.unpredicted = true;
    return result;
  }
  result.enough = true;
  fill(result, table, anova);
  return result;
}

/// As a page needs it: no more digits than mean something.
Json digits(double value) { return std::isfinite(value) ? Json(std::stod(format("{:.4g}", value))) : Json(nullptr); }

}  // namespace

std::vector<Importance> importance(const Comparison& comparison) {
  std::vector<Importance> result;
  for (std::size_t i = 0; i < comparison.objectives.size(); ++i) result.push_back(importance_of(comparison, i));
  return result;
}

Json importance_json(const std::vector<Importance>& importance) {
  Json list = Json::array();
  for (const Importance& each : importance) {
    Json parameters = Json::array(), interactions = Json::array();
    for (const ParameterImportance& parameter : each.parameters) {
      Json effects = Json::array();
      for (const ParameterImportance::Effect& effect : parameter.effects) {
        effects.push_back(
            {{"at", to_json(effect.at)}, {"expected", digits(effect.expected)}, {"error", digits(effect.error)}});
      }
      parameters.push_back({{"key", parameter.key},
                            {"share", digits(parameter.share)},
                            {"low", digits(parameter.low)},
                            {"high", digits(parameter.high)},
                            {"alone", digits(parameter.alone)},
                            {"n", parameter.n},
                            {"effects", effects}});
    }
    for (const Interaction& pair : each.interactions) {
      interactions.push_back({{"keys", {pair.first, pair.second}}, {"share", digits(pair.share)}});
    }
    list.push_back({{"objective", each.objective},
                    {"n", each.n},
                    {"enough", each.enough},
                    {"why", each.not_enough},
                    {"method", each.method},
                    {"explained", digits(each.explained)},
                    {"parameters", parameters},
                    {"interactions", interactions}});
  }
  return list;
}

}  // namespace atelier
