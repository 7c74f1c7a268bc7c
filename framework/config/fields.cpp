#include "framework/config/fields.h"

#include <algorithm>
#include <cmath>

#include "framework/core/format.h"
#include "framework/core/suggestion.h"

namespace atelier {
namespace {

std::string limits(const Range& range) {
  const bool has_min = std::isfinite(range.min), has_max = std::isfinite(range.max);
  if (range.above && has_max) return format(" above {} and up to {}", range.min, range.max);
  if (range.above) return format(" above {}", range.min);
  if (has_min && has_max) return format(" from {} to {}", range.min, range.max);
  if (has_min) return format(" of at least {}", range.min);
  if (has_max) return format(" of at most {}", range.max);
  return "";
}

bool is_allowed(const std::vector<std::string_view>& allowed, const std::string& text) {
  return allowed.empty() || std::find(allowed.begin(), allowed.end(), text) != allowed.end();
}

}  // namespace

Value Field::value() const {
  return std::visit(
      [this](auto held) -> Value {
        using T = std::remove_pointer_t<decltype(held)>;
        if constexpr (std::is_same_v<T, Enumerator>) {
          return std::string(allowed.at(held.get(held.target)));
        } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
          return held->string();
        } else if constexpr (std::is_same_v<T, std::vector<double>> || std::is_same_v<T, std::vector<std::string>>) {
          return std::vector<Value>(held->begin(), held->end());
        } else {
          return *held;
        }
      },
      target);
}

std::string Field::expectation() const {
  if (std::holds_alternative<bool*>(target)) return "true or false";
  if (std::holds_alternative<std::int64_t*>(target)) return "a whole number" + limits(range);
  if (std::holds_alternative<double*>(target)) return "a number" + limits(range);
  if (std::holds_alternative<std::vector<double>*>(target)) {
    return (length ? format("a list of {} numbers", length) : "a list of numbers") + limits(range);
  }
  if (std::holds_alternative<std::vector<std::string>*>(target)) {
    return allowed.empty() ? "a list of strings" : "a list of " + quoted_list(allowed);
  }
  if (std::holds_alternative<std::filesystem::path*>(target)) return "a path";
  return allowed.empty() ? "a string" : quoted_list(allowed);
}

void Field::assign(const Value& value, const Location& where) const {
  for (const Target& other : others) {
    Field same = *this;
    same.target = other;
    same.others.clear();
    same.assign(value, where);
  }
  const auto refuse = [&](const std::string& more = "") -> UsageError {
    return spec_error(where, format("{} = {}: expected {}{}", key, atelier::to_toml(value), expectation(), more));
  };
  const auto check_text = [&](const std::string& text) {
    if (is_allowed(allowed, text)) return;
    const std::string_view near = nearest(text, allowed);
    throw refuse(near.empty() ? "" : format("; did you mean \"{}\"?", near));
  };
  const auto real_of = [&](const Value& item) {
    if (!item.is_number() || !std::isfinite(item.number()) || !range.contains(item.number())) throw refuse();
    return item.number();
  };
  if (auto* b = std::get_if<bool*>(&target)) {
    if (!std::holds_alternative<bool>(value.data)) throw refuse();
    **b = std::get<bool>(value.data);
  } else if (auto* i = std::get_if<std::int64_t*>(&target)) {
    const auto* whole = std::get_if<std::int64_t>(&value.data);
    if (!whole || !range.contains(static_cast<double>(*whole))) throw refuse();
    **i = *whole;
  } else if (auto* d = std::get_if<double*>(&target)) {
    **d = real_of(value);
  } else if (auto* list = std::get_if<std::vector<double>*>(&target)) {
    if (!value.is_list() || (length && value.list().size() != length)) throw refuse();
    std::vector<double> numbers;
    for (const Value& item : value.list()) numbers.push_back(real_of(item));
    **list = std::move(numbers);
  } else if (auto* texts = std::get_if<std::vector<std::string>*>(&target)) {
    // One string stands for a list of one.
    if (!value.is_list() && !value.is_text()) throw refuse();
    std::vector<std::string> items;
    for (const Value& item : value.is_text() ? std::vector<Value>{value} : value.list()) {
      if (!item.is_text()) throw refuse();
      check_text(item.text());
      items.push_back(item.text());
    }
    **texts = std::move(items);
  } else {
    if (!value.is_text()) throw refuse();
    if (auto* p = std::get_if<std::filesystem::path*>(&target)) {
      const std::filesystem::path given = value.text();
      **p = given.empty() || given.is_absolute() ? given : (where.folder / given).lexically_normal();
    } else {
      check_text(value.text());
      if (const auto* enumerator = std::get_if<Enumerator>(&target)) {
        const auto chosen = std::find(allowed.begin(), allowed.end(), value.text());
        enumerator->set(enumerator->target, static_cast<std::size_t>(chosen - allowed.begin()));
      } else {
        *std::get<std::string*>(target) = value.text();
      }
    }
  }
}

void Fields::begin(std::string_view table) { tables_.emplace_back(table); }

void Fields::end() { tables_.pop_back(); }

std::string Fields::dotted(std::string_view key) const {
  std::string dotted;
  for (const std::string& table : tables_) dotted += table + ".";
  return dotted.append(key);
}

void Fields::retired(std::string_view key) { retired_.push_back(dotted(key)); }

Field& Fields::add(std::string_view key, Field::Target target, std::string_view help) {
  all_.push_back({.key = dotted(key), .target = target, .help = std::string(help), .range = {}, .allowed = {}});
  return all_.back();
}

Field& Fields::boolean(std::string_view key, bool& value, std::string_view help) { return add(key, &value, help); }

Field& Fields::integer(std::string_view key, std::int64_t& value, Range range, std::string_view help) {
  Field& field = add(key, &value, help);
  field.range = range;
  return field;
}

Field& Fields::real(std::string_view key, double& value, Range range, std::string_view help) {
  Field& field = add(key, &value, help);
  field.range = range;
  return field;
}

Field& Fields::text(std::string_view key, std::string& value, std::string_view help) { return add(key, &value, help); }

Field& Fields::choice(std::string_view key, std::string& value, std::vector<std::string_view> allowed,
                      std::string_view help) {
  Field& field = add(key, &value, help);
  field.allowed = std::move(allowed);
  return field;
}

Field& Fields::path(std::string_view key, std::filesystem::path& value, std::string_view help) {
  return add(key, &value, help);
}

Field& Fields::reals(std::string_view key, std::vector<double>& value, std::size_t length, Range range,
                     std::string_view help) {
  Field& field = add(key, &value, help);
  field.length = length;
  field.range = range;
  return field;
}

Field& Fields::choices(std::string_view key, std::vector<std::string>& value, std::vector<std::string_view> allowed,
                       std::string_view help) {
  Field& field = add(key, &value, help);
  field.allowed = std::move(allowed);
  return field;
}

Field& Fields::texts(std::string_view key, std::vector<std::string>& value, std::string_view help) {
  return add(key, &value, help);
}

void Fields::share(std::string_view reader, const Fields& own, Role role) {
  for (const Field& field : own.all_) {
    Field& added = add(field.key, field.target, format("{} ({})", field.help, reader));
    added.range = field.range;
    added.allowed = field.allowed;
    added.length = field.length;
    added.role = role;
    const auto same = std::find_if(all_.begin(), all_.end() - 1, [&](const Field& f) { return f.key == added.key; });
    if (same == all_.end() - 1) continue;
    if (same->target.index() != added.target.index() || !(same->value() == added.value()) ||
        !(same->range == added.range) || same->allowed != added.allowed) {
      throw Error(format("{} is described in two ways, the second by {}", added.key, reader));
    }
    same->others.push_back(added.target);
    const std::size_t said = same->help.find(field.help + " (");
    if (said == std::string::npos) {
      same->help += "; " + added.help;
    } else {
      same->help.insert(same->help.find(')', said + field.help.size()), format(", {}", reader));
    }
    all_.pop_back();
  }
}

const Field* Fields::find(std::string_view key) const {
  for (const Field& field : all_) {
    if (field.key == key) return &field;
  }
  return nullptr;
}

UsageError Fields::unknown_key(const Location& where, std::string_view key) const {
  std::vector<std::string_view> keys;
  for (const Field& field : all_) keys.push_back(field.key);
  if (const std::string_view near = nearest(key, keys); !near.empty()) {
    return spec_error(where, format("unknown key \"{}\"; did you mean \"{}\"?", key, near));
  }
  // Nothing near: the keys of the same table say more than a bad guess.
  const std::string_view table = key.substr(0, key.find('.'));
  std::vector<std::string_view> siblings, tables;
  for (std::string_view known : keys) {
    if (known.substr(0, known.find('.')) == table) siblings.push_back(known);
    const std::string_view top = known.substr(0, known.find('.'));
    if (std::find(tables.begin(), tables.end(), top) == tables.end()) tables.push_back(top);
  }
  if (!siblings.empty()) {
    return spec_error(where, format("unknown key \"{}\"; [{}] has {}", key, table, quoted_list(siblings)));
  }
  return spec_error(where, format("unknown key \"{}\"; there are {}", key, quoted_list(tables)));
}

void Fields::require_paths(const Document& document) const {
  for (const Field& field : all_) {
    const auto* path = std::get_if<std::filesystem::path*>(&field.target);
    if (!path || (*path)->empty() || std::filesystem::exists(**path)) continue;
    if (!field.no_file.empty() && (*path)->filename() == field.no_file) continue;
    throw spec_error(document.place_of(field.key),
                     format("{}: {} does not exist ({})", field.key, (*path)->string(), field.help));
  }
}

void check_folder_name(const Location& where, std::string_view what, const std::string& name) {
  const bool plain =
      !name.empty() && name.front() != '.' && name.size() <= 200 && std::all_of(name.begin(), name.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' || c == '+' || c == ' ';
      });
  if (plain) return;
  throw spec_error(where, format("{} = {}: expected letters, digits, spaces and . _ + - (a folder is named after it)",
                                 what, atelier::to_toml(Value(name))));
}

void check_folder_name(const Document& document, std::string_view key, const std::string& name) {
  check_folder_name(document.place_of(key), key, name);
}

void Fields::fix(std::string_view key_or_table, const std::string& why) {
  for (Field& field : all_) {
    if (field.key == key_or_table || field.key.starts_with(std::string(key_or_table) + ".")) field.fixed = why;
  }
}

void Fields::read(const Document& document) const {
  for (const Document::Entry& entry : document.entries()) {
    const Field* field = find(entry.key());
    if (!field && std::ranges::count(retired_, entry.key()) > 0) continue;
    if (!field) throw unknown_key(entry.where, entry.key());
    field->assign(entry.value, entry.where);
  }
}

}  // namespace atelier
