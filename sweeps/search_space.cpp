#include "sweeps/search_space.h"

#include <algorithm>
#include <cmath>

#include "framework/core/format.h"
#include "framework/core/suggestion.h"

namespace atelier {
namespace {

constexpr std::string_view kinds[] = {"uniform", "log", "int", "choice", "step"};

const char* kind_name(Dimension::Kind kind) {
  switch (kind) {
    case Dimension::Kind::uniform: return "uniform";
    case Dimension::Kind::log: return "log";
    case Dimension::Kind::integer: return "int";
    case Dimension::Kind::choice: return "choice";
  }
  return "";
}

void set_range(Dimension& dimension, const Document::Entry& entry) {
  const auto refuse = [&](const std::string& why) {
    return spec_error(entry.where, format("{}: {} = {}: {}", dimension.key, entry.path.back(), to_toml(entry.value), why));
  };
  if (!entry.value.is_list() || entry.value.list().size() != 2 || !entry.value.list()[0].is_number() ||
      !entry.value.list()[1].is_number()) {
    throw refuse("expected [LOW, HIGH]");
  }
  dimension.low = entry.value.list()[0].number();
  dimension.high = entry.value.list()[1].number();
  if (!std::isfinite(dimension.low) || !std::isfinite(dimension.high)) throw refuse("the limits must be finite");
  if (dimension.low > dimension.high) throw refuse("the range is inverted");
  if (dimension.low == dimension.high) throw refuse("the range is empty");
  if (dimension.kind == Dimension::Kind::log && dimension.low <= 0) throw refuse("a logarithmic range must be above 0");
}

/// The experiment must take every value that can be drawn.
void check_values(Dimension& dimension, const Field& field) {
  if (dimension.kind == Dimension::Kind::choice) {
    for (Value& value : dimension.choices) {
      field.assign(value, dimension.where);
      // Paths are relative to the sweep's file, and trials are made elsewhere.
      if (std::holds_alternative<std::filesystem::path*>(field.target)) value = field.value();
    }
  } else {
    field.assign(dimension.at(0), dimension.where);
    field.assign(dimension.at(std::nextafter(1.0, 0.0)), dimension.where);
  }
}

}  // namespace

Value Dimension::as_value(double number) const {
  number = std::clamp(number, low, high);
  return real ? Value(number) : Value(static_cast<std::int64_t>(std::llround(number)));
}

Value Dimension::at(double u) const {
  if (kind == Kind::choice) {
    const auto count = static_cast<double>(choices.size());
    return choices[static_cast<std::size_t>(std::min(count - 1, u * count))];
  }
  if (kind == Kind::integer || step > 0) {
    const double distance = step > 0 ? step : 1;
    const double count = std::floor((high - low) / distance + 1e-9) + 1;
    return as_value(low + distance * std::min(count - 1, std::floor(u * count)));
  }
  if (kind == Kind::log) return as_value(std::exp(std::log(low) + u * (std::log(high) - std::log(low))));
  return as_value(low + u * (high - low));
}

std::vector<Value> Dimension::grid(std::int64_t points) const {
  if (kind == Kind::choice) return choices;
  std::vector<Value> values;
  if (kind == Kind::integer || step > 0) {
    const double distance = step > 0 ? step : 1;
    for (double value = low; value <= high + 1e-9 * distance; value += distance) values.push_back(as_value(value));
    return values;
  }
  for (std::int64_t i = 0; i < points; ++i) {
    if (points > 1 && (i == 0 || i + 1 == points)) {
      values.push_back(as_value(i == 0 ? low : high));  // both ends belong to the grid, exactly
    } else {
      values.push_back(at(points == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(points - 1)));
    }
  }
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

SearchSpace SearchSpace::from(const std::vector<Document::Entry>& entries, const Fields& experiment) {
  SearchSpace space;
  for (const Document::Entry& entry : entries) {
    // The key may be quoted ("loss.tv.weight" = {...}) or spelled as tables: all but the last part is the key.
    if (entry.path.size() < 2) {
      throw spec_error(entry.where, format("{}: expected a range, for instance {{ log = [0.1, 10] }} or {{ choice = [1, 2] }}",
                                           entry.key()));
    }
    std::string key = entry.path.front();
    for (std::size_t i = 1; i + 1 < entry.path.size(); ++i) key += "." + entry.path[i];
    const Field* field = experiment.find(key);
    if (!field) throw experiment.unknown_key(entry.where, key);

    auto found = std::find_if(space.dimensions_.begin(), space.dimensions_.end(), [&](const Dimension& d) { return d.key == key; });
    if (found == space.dimensions_.end()) {
      Dimension fresh;
      fresh.key = key;
      fresh.real = !std::holds_alternative<std::int64_t*>(field->target);
      fresh.where = entry.where;
      found = space.dimensions_.insert(space.dimensions_.end(), std::move(fresh));
    }
    const std::string& what = entry.path.back();
    if (what == "step") {
      if (!entry.value.is_number() || entry.value.number() <= 0) {
        throw spec_error(entry.where, format("{}: step = {}: expected a number above 0", key, atelier::to_toml(entry.value)));
      }
      found->step = entry.value.number();
      continue;
    }
    const auto kind = std::find(std::begin(kinds), std::end(kinds), what);
    if (kind == std::end(kinds)) {
      const std::string_view near = nearest(what, kinds);
      throw spec_error(entry.where, format("{}: there is no range \"{}\"; {}", key, what,
                                           near.empty() ? "there are " + quoted_list(kinds) : format("did you mean \"{}\"?", near)));
    }
    if (found->low != found->high || !found->choices.empty()) {
      throw spec_error(entry.where, format("{} has two ranges; give one", key));
    }
    found->kind = what == "uniform" ? Dimension::Kind::uniform
                  : what == "log"   ? Dimension::Kind::log
                  : what == "int"   ? Dimension::Kind::integer
                                    : Dimension::Kind::choice;
    if (found->kind == Dimension::Kind::choice) {
      if (!entry.value.is_list() || entry.value.list().empty()) {
        throw spec_error(entry.where, format("{}: choice = {}: expected a list of values", key, atelier::to_toml(entry.value)));
      }
      found->choices = entry.value.list();
    } else {
      set_range(*found, entry);
    }
  }
  // Fields are only asked here; their targets belong to the caller, who draws them anew for each trial.
  for (Dimension& dimension : space.dimensions_) {
    if (dimension.choices.empty() && dimension.low == dimension.high) {
      throw spec_error(dimension.where, format("{} has a step but no range", dimension.key));
    }
    if (dimension.step > 0 && (dimension.kind == Dimension::Kind::log || dimension.kind == Dimension::Kind::choice)) {
      throw spec_error(dimension.where, format("{}: step goes with uniform and int, not with {}", dimension.key, kind_name(dimension.kind)));
    }
    check_values(dimension, *experiment.find(dimension.key));
  }
  return space;
}

std::string SearchSpace::to_toml() const {
  std::string text;
  for (const Dimension& d : dimensions_) {
    const std::string range = d.kind == Dimension::Kind::choice
                                  ? atelier::to_toml(Value(d.choices))
                                  : atelier::to_toml(Value(std::vector<Value>{d.low, d.high}));
    text += format("{} = {{ {} = {}{} }}\n", toml_key(d.key), kind_name(d.kind), range,
                   d.step > 0 ? ", step = " + atelier::to_toml(Value(d.step)) : "");
  }
  return text;
}

}  // namespace atelier
