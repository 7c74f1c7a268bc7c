#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace atelier {

/// One value of a spec: what a TOML key can hold, without tables.
struct Value {
  std::variant<bool, std::int64_t, double, std::string, std::vector<Value>> data;

  Value() : data(false) {}
  Value(bool value) : data(value) {}
  Value(std::int64_t value) : data(value) {}
  Value(int value) : data(std::int64_t{value}) {}
  Value(double value) : data(value) {}
  Value(std::string value) : data(std::move(value)) {}
  Value(const char* value) : data(std::string(value)) {}
  Value(std::vector<Value> value) : data(std::move(value)) {}

  bool operator==(const Value&) const = default;

  bool is_text() const { return std::holds_alternative<std::string>(data); }
  bool is_list() const { return std::holds_alternative<std::vector<Value>>(data); }
  bool is_number() const { return std::holds_alternative<double>(data) || std::holds_alternative<std::int64_t>(data); }
  const std::string& text() const { return std::get<std::string>(data); }
  const std::vector<Value>& list() const { return std::get<std::vector<Value>>(data); }
  double number() const;  ///< Of a whole or real number; throws `std::bad_variant_access` otherwise.
};

/// As TOML writes it, in the one form we write: strings in double quotes, the shortest digits that read back exactly.
std::string to_toml(const Value& value);

/// As a person reads it in a table or message: like TOML, strings without quotes.
std::string to_text(const Value& value);

/// A key as TOML writes it: bare where it may be.
std::string toml_key(std::string_view key);

}  // namespace atelier
