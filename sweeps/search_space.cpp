#include "sweeps/search_space.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "framework/core/format.h"
#include "framework/core/suggestion.h"

namespace atelier {
namespace {

constexpr std::string_view kinds[] = {"uniform", "log", "int", "choice", "constant", "step", "when"};

const char* kind_name(Dimension::Kind kind) {
  switch (kind) {
    case Dimension::Kind::uniform:
      return "uniform";
    case Dimension::Kind::log:
      return "log";
    case Dimension::Kind::integer:
      return "int";
    case Dimension::Kind::choice:
      return "choice";
  }
  return "";
}

void set_range(Dimension& dimension, const Document::Entry& entry) {
  const auto refuse = [&](const std::string& why) {
    return spec_error(entry.where,
                      format("{}: {} = {}: {}", dimension.key, entry.path.back(), to_toml(entry.value), why));
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

/// Takes one entry of a dimension's table: its range, or the step of that.
void read_range(Dimension& dimension, const Document::Entry& entry) {
  const std::string& what = entry.path.back();
  if (what == "step") {
    if (!entry.value.is_number() || entry.value.number() <= 0) {
      throw spec_error(entry.where,
                       format("{}: step = {}: expected a number above 0", dimension.key, to_toml(entry.value)));
    }
    dimension.step = entry.value.number();
    return;
  }
  const auto kind = std::find(std::begin(kinds), std::end(kinds), what);
  if (kind == std::end(kinds) || what == "when") {
    const std::string_view near = nearest(what, kinds);
    throw spec_error(entry.where, what == "when" ? format("{}: expected when = {{ \"KEY\" = VALUE }}", dimension.key)
                                                 : format("{}: there is no range \"{}\"; {}", dimension.key, what,
                                                          near.empty() ? "there are " + quoted_list(kinds)
                                                                       : format("did you mean \"{}\"?", near)));
  }
  if (dimension.low != dimension.high || !dimension.choices.empty()) {
    throw spec_error(entry.where, format("{} has two ranges; give one", dimension.key));
  }
  dimension.kind = what == "uniform" ? Dimension::Kind::uniform
                   : what == "log"   ? Dimension::Kind::log
                   : what == "int"   ? Dimension::Kind::integer
                                     : Dimension::Kind::choice;
  if (what == "constant") {
    dimension.choices = {entry.value};
  } else if (what == "choice") {
    if (!entry.value.is_list() || entry.value.list().empty()) {
      throw spec_error(entry.where,
                       format("{}: choice = {}: expected a list of values", dimension.key, to_toml(entry.value)));
    }
    dimension.choices = entry.value.list();
  } else {
    set_range(dimension, entry);
  }
}

std::string joined(std::vector<std::string>::const_iterator begin, std::vector<std::string>::const_iterator end) {
  std::string text;
  for (auto word = begin; word != end; ++word) text += (text.empty() ? "" : ".") + *word;
  return text;
}

}  // namespace

bool Condition::holds(const Value& value) const {
  return std::any_of(values.begin(), values.end(), [&](const Value& wanted) {
    return wanted.is_number() && value.is_number() ? wanted.number() == value.number() : wanted == value;
  });
}

std::int64_t Dimension::cells() const {
  if (kind == Kind::choice) return static_cast<std::int64_t>(choices.size());
  if (kind == Kind::integer || step > 0)
    return static_cast<std::int64_t>(std::floor((high - low) / (step > 0 ? step : 1) + 1e-9)) + 1;
  return real ? 0 : static_cast<std::int64_t>(std::floor(high) - std::ceil(low)) + 1;
}

double Dimension::position(const Value& value) const {
  if (kind == Kind::choice) {
    const Condition same{.key = {}, .values = {value}, .where = {}};
    const auto found = std::find_if(choices.begin(), choices.end(), [&](const Value& v) { return same.holds(v); });
    if (found == choices.end()) return std::numeric_limits<double>::quiet_NaN();
    return (static_cast<double>(found - choices.begin()) + 0.5) / static_cast<double>(choices.size());
  }
  if (!value.is_number()) return std::numeric_limits<double>::quiet_NaN();
  const double number = std::clamp(value.number(), low, high);
  if (kind == Kind::integer || step > 0) {
    const auto count = static_cast<double>(cells());
    return (std::min(count - 1, std::round((number - low) / (step > 0 ? step : 1))) + 0.5) / count;
  }
  if (kind == Kind::log) {
    // Whole numbers have cells that reach half a number to each side.
    const double half = real ? 0 : 0.5;
    return (std::log(number) - std::log(low - half)) / (std::log(high + half) - std::log(low - half));
  }
  return (number - low) / (high - low);
}

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
  if (kind == Kind::log) {
    const double half = real ? 0 : 0.5;
    return as_value(std::exp(std::log(low - half) + u * (std::log(high + half) - std::log(low - half))));
  }
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

/// What a space may name: the keys of an experiment with what they take, or bare names.
struct SearchSpace::Keys {
  const Fields* fields = nullptr;
  const std::vector<std::string>* placeholders = nullptr;

  /// Throws `UsageError` for a name that is not there.
  void require(const Location& where, const std::string& key) const {
    if (fields) {
      if (!fields->find(key)) throw fields->unknown_key(where, key);
      return;
    }
    const auto names_it = [&](std::string_view name) {
      return std::find(placeholders->begin(), placeholders->end(), name) != placeholders->end();
    };
    // A command that is given the file with all parameters takes any.
    if (names_it(key) || names_it("parameters") || key == "trial.ranks") return;
    const std::vector<std::string_view> names(placeholders->begin(), placeholders->end());
    const std::string_view near = nearest(key, names);
    throw spec_error(where,
                     format("the command has no {{{}}}; {}", key,
                            !near.empty()   ? format("did you mean {{{}}}?", near)
                            : names.empty() ? std::string("it has no placeholders: it may read the file that "
                                                          "ATELIER_PARAMETERS names; then write {parameters} in it")
                                            : "it uses " + quoted_list(names)));
  }

  bool whole(const std::string& key) const {
    return key == "trial.ranks" || (fields && std::holds_alternative<std::int64_t*>(fields->find(key)->target));
  }

  /// The experiment must take every value that can be drawn. What it holds does not matter to the caller.
  void check(Dimension& dimension) const {
    if (!fields) return;
    const Field& field = *fields->find(dimension.key);
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
};

SearchSpace SearchSpace::from(const std::vector<Document::Entry>& entries, const Fields& experiment) {
  return read(entries, {.fields = &experiment});
}

SearchSpace SearchSpace::from(const std::vector<Document::Entry>& entries,
                              const std::vector<std::string>& placeholders) {
  return read(entries, {.placeholders = &placeholders});
}

SearchSpace SearchSpace::read(const std::vector<Document::Entry>& entries, const Keys& keys) {
  SearchSpace space;
  for (const Document::Entry& entry : entries) {
    // The key may be quoted ("loss.tv.weight" = {...}) or spelled as tables: all before the kind of range is the key.
    const auto when = std::find(entry.path.begin(), entry.path.end(), "when");
    const bool conditional = when != entry.path.end() && when != entry.path.begin() && when + 1 != entry.path.end();
    const auto end = conditional ? when : entry.path.end() - 1;
    if (end == entry.path.begin()) {
      throw spec_error(
          entry.where,
          format("{}: expected a range, for instance {{ log = [0.1, 10] }} or {{ choice = [1, 2] }}", entry.key()));
    }
    const std::string key = joined(entry.path.begin(), end);
    keys.require(entry.where, key);
    auto found = std::find_if(space.dimensions_.begin(), space.dimensions_.end(),
                              [&](const Dimension& d) { return d.key == key; });
    if (found == space.dimensions_.end()) {
      Dimension fresh;
      fresh.key = key;
      fresh.real = !keys.whole(key);
      fresh.where = entry.where;
      found = space.dimensions_.insert(space.dimensions_.end(), std::move(fresh));
    }
    if (conditional) {
      found->when.push_back({.key = joined(when + 1, entry.path.end()),
                             .values = entry.value.is_list() ? entry.value.list() : std::vector<Value>{entry.value},
                             .where = entry.where});
      continue;
    }
    read_range(*found, entry);
  }
  for (Dimension& dimension : space.dimensions_) {
    if (dimension.choices.empty() && dimension.low == dimension.high) {
      throw spec_error(dimension.where,
                       format("{} has a {} but no range", dimension.key, dimension.step > 0 ? "step" : "condition"));
    }
    if (dimension.step > 0 && (dimension.kind == Dimension::Kind::log || dimension.kind == Dimension::Kind::choice)) {
      throw spec_error(dimension.where, format("{}: step goes with uniform and int, not with {}", dimension.key,
                                               kind_name(dimension.kind)));
    }
    // Only whole numbers are asked of a key that takes no others.
    if (!dimension.real && dimension.kind == Dimension::Kind::uniform && dimension.step == 0)
      dimension.kind = Dimension::Kind::integer;
    if (dimension.kind == Dimension::Kind::integer) dimension.real = false;
    if (dimension.step > 0 && dimension.low + dimension.step > dimension.high) {
      throw spec_error(dimension.where,
                       format("{}: step = {} is larger than the range", dimension.key, dimension.step));
    }
    keys.check(dimension);
  }
  space.order_by_conditions();
  return space;
}

void SearchSpace::order_by_conditions() {
  for (const Dimension& dimension : dimensions_) {
    for (const Condition& condition : dimension.when) {
      const auto other = std::find_if(dimensions_.begin(), dimensions_.end(),
                                      [&](const Dimension& d) { return d.key == condition.key; });
      if (other == dimensions_.end()) {
        std::vector<std::string_view> names;
        for (const Dimension& d : dimensions_) names.push_back(d.key);
        const std::string_view near = nearest(condition.key, names);
        throw spec_error(condition.where,
                         format("{}: when {}: [space] does not vary that{}", dimension.key, condition.key,
                                near.empty() ? std::string() : format("; did you mean \"{}\"?", near)));
      }
      if (other->kind != Dimension::Kind::choice) continue;
      for (const Value& value : condition.values) {
        const Condition one{.key = condition.key, .values = {value}, .where = condition.where};
        if (std::any_of(other->choices.begin(), other->choices.end(), [&](const Value& v) { return one.holds(v); }))
          continue;
        throw spec_error(condition.where,
                         format("{}: when {} = {}: that is never chosen; its values are {}", dimension.key,
                                condition.key, atelier::to_toml(value), atelier::to_toml(Value(other->choices))));
      }
    }
  }
  std::vector<Dimension> ordered, left = std::move(dimensions_);
  while (!left.empty()) {
    const auto ready = std::find_if(left.begin(), left.end(), [&](const Dimension& d) {
      return std::all_of(d.when.begin(), d.when.end(), [&](const Condition& c) {
        return std::any_of(ordered.begin(), ordered.end(), [&](const Dimension& o) { return o.key == c.key; });
      });
    });
    if (ready == left.end()) {
      throw spec_error(left.front().when.front().where,
                       format("the conditions of {} go in a circle", left.front().key));
    }
    ordered.push_back(std::move(*ready));
    left.erase(ready);
  }
  dimensions_ = std::move(ordered);
}

bool SearchSpace::conditional() const {
  return std::any_of(dimensions_.begin(), dimensions_.end(), [](const Dimension& d) { return !d.when.empty(); });
}

bool SearchSpace::active(const Dimension& dimension, const Parameters& parameters) const {
  return std::all_of(dimension.when.begin(), dimension.when.end(), [&](const Condition& condition) {
    const Value* value = find(parameters, condition.key);
    return value && condition.holds(*value);
  });
}

Parameters SearchSpace::at(std::span<const double> point) const {
  Parameters parameters;
  for (std::size_t i = 0; i < dimensions_.size(); ++i) {
    if (active(dimensions_[i], parameters)) parameters.emplace_back(dimensions_[i].key, dimensions_[i].at(point[i]));
  }
  return parameters;
}

namespace {

constexpr std::int64_t too_many = std::int64_t{1} << 62;

/// The trials of a grid as a tree, one level a dimension, without making it: how many leaves are below a node depends
/// only on the values that later conditions ask for.
class GridTree {
 public:
  GridTree(const SearchSpace& space, std::int64_t points) : space_(space) {
    for (const Dimension& dimension : space.dimensions()) values_.push_back(dimension.grid(points));
  }

  std::int64_t count(std::size_t level, Parameters& parameters) {
    if (level == values_.size()) return 1;
    const Dimension& dimension = space_.dimensions()[level];
    if (!space_.active(dimension, parameters)) return count(level + 1, parameters);
    const auto found = counts_.find(key(level, parameters));
    if (found != counts_.end()) return found->second;
    std::int64_t sum = 0;
    if (asked_later(level)) {
      for (const Value& value : values_[level]) {
        parameters.emplace_back(dimension.key, value);
        sum = std::min(too_many, sum + count(level + 1, parameters));
        parameters.pop_back();
      }
    } else {
      // The same number below every value.
      const std::int64_t each = count(level + 1, parameters);
      const auto size = static_cast<std::int64_t>(values_[level].size());
      sum = each > too_many / size ? too_many : each * size;
    }
    return counts_[key(level, parameters)] = sum;
  }

  Parameters at(std::int64_t index) {
    Parameters parameters;
    for (std::size_t level = 0; level < values_.size(); ++level) {
      const Dimension& dimension = space_.dimensions()[level];
      if (!space_.active(dimension, parameters)) continue;
      for (const Value& value : values_[level]) {
        parameters.emplace_back(dimension.key, value);
        const std::int64_t below = count(level + 1, parameters);
        if (index < below) break;
        index -= below;
        parameters.pop_back();
      }
    }
    return parameters;
  }

 private:
  bool asked_later(std::size_t level) const {
    const std::string& name = space_.dimensions()[level].key;
    for (std::size_t i = level + 1; i < values_.size(); ++i) {
      for (const Condition& condition : space_.dimensions()[i].when) {
        if (condition.key == name) return true;
      }
    }
    return false;
  }

  /// Names a node by what matters below it.
  std::string key(std::size_t level, const Parameters& parameters) const {
    std::string text = std::to_string(level);
    for (std::size_t i = level; i < values_.size(); ++i) {
      for (const Condition& condition : space_.dimensions()[i].when) {
        const Value* value = find(parameters, condition.key);
        text += value ? condition.holds(*value) ? "+" : "-" : ".";
      }
    }
    return text;
  }

  const SearchSpace& space_;
  std::vector<std::vector<Value>> values_;
  std::map<std::string, std::int64_t> counts_;
};

}  // namespace

std::int64_t SearchSpace::grid_size(std::int64_t points) const {
  Parameters none;
  return GridTree(*this, points).count(0, none);
}

Parameters SearchSpace::grid_at(std::int64_t index, std::int64_t points) const {
  return GridTree(*this, points).at(index);
}

std::int64_t SearchSpace::size() const {
  for (const Dimension& dimension : dimensions_) {
    if (dimension.cells() == 0) return 0;
  }
  const std::int64_t size = grid_size(1);
  return size == too_many ? 0 : size;
}

std::string SearchSpace::to_toml() const {
  std::string text;
  for (const Dimension& d : dimensions_) {
    const std::string range = d.kind == Dimension::Kind::choice
                                  ? atelier::to_toml(Value(d.choices))
                                  : atelier::to_toml(Value(std::vector<Value>{d.low, d.high}));
    std::string when;
    for (const Condition& condition : d.when) {
      when += format("{}{} = {}", when.empty() ? ", when = { " : ", ", toml_key(condition.key),
                     atelier::to_toml(Value(condition.values)));
    }
    text += format("{} = {{ {} = {}{}{} }}\n", toml_key(d.key), kind_name(d.kind), range,
                   d.step > 0 ? ", step = " + atelier::to_toml(Value(d.step)) : "", when.empty() ? "" : when + " }");
  }
  return text;
}

}  // namespace atelier
