#include "framework/records/measure.h"

#include <algorithm>
#include <array>

#include "framework/config/fields.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

constexpr MeasureGroup groups[] = {
    {"losses", "Losses"}, {"evaluation", "Evaluation"}, {"other", "Measures"},
    {"health", "Health"}, {"rates", "Learning rates"},  {"machine", "Speed and memory"},
};

Fields fields_of(Measure& measure) {
  std::vector<std::string_view> names;
  for (const MeasureGroup& group : groups) names.push_back(group.name);
  Fields fields;
  fields.choice("group", measure.group, names, "the heading it stands under");
  fields.choice("better", measure.better, {"lower", "higher", "neither", "unknown"}, "which values are good");
  fields.text("read_as", measure.read_as, "how to read it");
  fields.text("weight", measure.weight, "key of the spec by which a loss counts");
  fields.boolean("ranks", measure.ranks, "runs are ranked by it where no sweep says by what");
  fields.boolean("shown_first", measure.shown_first, "among the curves that a report opens with");
  fields.boolean("exact", measure.exact, "its curve is not smoothed");
  fields.boolean("logarithmic", measure.logarithmic, "it runs over powers of ten");
  return fields;
}

Fields fields_of(FailureMode& mode) {
  Fields fields;
  fields.boolean("above", mode.above, "shown above the limit, otherwise below");
  fields.real("limit", mode.limit, {}, "usual, or of this run's spec");
  fields.text("setting", mode.setting, "key of a spec that sets the limit");
  fields.boolean("complement", mode.complement, "the limit is 1 minus the setting");
  fields.text("reason", mode.reason, "why a run with it ends");
  fields.text("of_most", mode.of_most, "said where most trials have it");
  fields.text("of_best", mode.of_best, "said of a best trial");
  return fields;
}

/// The keys that say something else than the defaults do.
template <class T>
std::string text_of(T values) {
  T usual;
  const Fields fields = fields_of(values), defaults = fields_of(usual);
  std::string text;
  for (std::size_t i = 0; i < fields.all().size(); ++i) {
    const Value value = fields.all()[i].value();
    if (!(value == defaults.all()[i].value())) text += format("{} = {}\n", fields.all()[i].key, to_toml(value));
  }
  return text;
}

/// What later versions know besides is no mistake of the file.
void assign(const Fields& fields, const std::string& key, const Document::Entry& entry) {
  if (const Field* field = fields.find(key)) field->assign(entry.value, entry.where);
}

void read_entry(Measure& measure, const Document::Entry& entry) {
  const std::string& key = entry.path[1];
  if (entry.path.size() == 2) {
    assign(fields_of(measure), key, entry);
  } else if (entry.path.size() == 3 && key == "marks" && entry.value.is_number()) {
    measure.marks.push_back({entry.value.number(), entry.path[2]});
  } else if (entry.path.size() == 4 && key == "failure_modes") {
    if (measure.failure_modes.empty() || measure.failure_modes.back().name != entry.path[2]) {
      measure.failure_modes.push_back({.name = entry.path[2]});
    }
    assign(fields_of(measure.failure_modes.back()), entry.path[3], entry);
  }
}

}  // namespace

std::string_view in_words(Better better) {
  constexpr std::array<std::string_view, 4> words{"lower is better", "higher is better", "neither is better", ""};
  return words[static_cast<std::size_t>(better)];
}

std::string filled(std::string text, std::string_view what) {
  const std::size_t place = text.find("{}");
  return place == std::string::npos ? text : text.replace(place, 2, what);
}

std::span<const MeasureGroup> measure_groups() { return groups; }

Measures::Measures(std::initializer_list<std::vector<Measure>> lists) {
  for (const std::vector<Measure>& list : lists) add(list);
}

void Measures::add(const std::vector<Measure>& others) {
  for (const Measure& other : others) {
    const auto same = std::ranges::find(all_, other.name, &Measure::name);
    if (same == all_.end()) {
      all_.push_back(other);
    } else {
      *same = other;
    }
  }
}

Measure Measures::of(std::string_view metric) const {
  const Measure* found = nullptr;
  for (const Measure& known : all_) {
    if (known.name == metric) {
      found = &known;
      break;
    }
    const std::string_view family = std::string_view(known.name).substr(0, known.name.size() - 1);
    const bool belongs = known.name.ends_with(".*") && metric.starts_with(family);
    if (belongs && (!found || found->name.size() < known.name.size())) found = &known;
  }
  Measure result = found ? *found : Measure{};
  result.name = metric;
  if (const std::size_t star = result.weight.find('*'); star != std::string::npos) {
    result.weight.replace(star, 1, metric.substr(metric.rfind('.') + 1));
  }
  return result;
}

std::vector<std::string_view> Measures::results() const {
  std::vector<std::string_view> names;
  for (const Measure& known : all_) {
    const bool result = known.group == "evaluation" || known.group == "other";
    if (result && !known.name.ends_with('*')) names.push_back(known.name);
  }
  return names;
}

std::string Measures::to_toml() const {
  std::string text;
  for (const Measure& known : all_) {
    const std::string table = toml_key(known.name);
    text += format("{}[{}]\n{}", text.empty() ? "" : "\n", table, text_of(known));
    if (!known.marks.empty()) text += format("[{}.marks]\n", table);
    for (const Mark& mark : known.marks) text += format("{} = {}\n", toml_key(mark.label), atelier::to_toml(mark.at));
    for (const FailureMode& mode : known.failure_modes) {
      text += format("[{}.failure_modes.{}]\n{}", table, toml_key(mode.name), text_of(mode));
    }
  }
  return text;
}

Measures Measures::from(const Document& document) {
  Measures measures;
  for (const Document::Entry& entry : document.entries()) {
    if (entry.path.size() < 2) continue;
    if (measures.all_.empty() || measures.all_.back().name != entry.path[0]) {
      measures.all_.push_back({.name = entry.path[0]});
    }
    read_entry(measures.all_.back(), entry);
  }
  return measures;
}

}  // namespace atelier
