#include <charconv>
#include <cmath>
#include <map>

#include "framework/config/fields.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\t':
        result += "\\t";
        break;
      case '\r':
        result += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          result += format("\\u{:04X}", static_cast<unsigned>(c));
        } else {
          result += c;
        }
    }
  }
  return result + '"';
}

std::string shortest(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  std::string text(digits, end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

double Value::number() const {
  if (const auto* whole = std::get_if<std::int64_t>(&data)) return static_cast<double>(*whole);
  return std::get<double>(data);
}

std::string to_toml(const Value& value) {
  if (const auto* b = std::get_if<bool>(&value.data)) return *b ? "true" : "false";
  if (const auto* i = std::get_if<std::int64_t>(&value.data)) return std::to_string(*i);
  if (const auto* d = std::get_if<double>(&value.data)) return shortest(*d);
  if (const auto* s = std::get_if<std::string>(&value.data)) return quoted(*s);
  std::string text = "[";
  for (const Value& item : value.list()) text += (text.size() > 1 ? ", " : "") + to_toml(item);
  return text + "]";
}

std::string to_text(const Value& value) { return value.is_text() ? value.text() : to_toml(value); }

std::string toml_key(std::string_view key) {
  const bool bare = !key.empty() && key.find_first_not_of(
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789_-") == std::string_view::npos;
  return bare ? std::string(key) : quoted(std::string(key));
}

std::string Fields::to_toml(const WriteOptions& options) const {
  // Tables in the order of their first key; the keys without a table first, as TOML demands.
  std::vector<std::string> order{""};
  std::map<std::string, std::string> bodies;
  for (const Field& field : all_) {
    if (options.identity_only && field.role == Role::bookkeeping) continue;
    const std::size_t dot = field.key.rfind('.');
    const std::string table = dot == std::string::npos ? "" : field.key.substr(0, dot);
    const std::string name = dot == std::string::npos ? field.key : field.key.substr(dot + 1);
    if (!bodies.count(table) && !table.empty()) order.push_back(table);
    std::string line = name + " = " + atelier::to_toml(field.value());
    if (options.help) {
      const bool free_text = std::holds_alternative<std::string*>(field.target) && field.allowed.empty();
      if (line.size() < 38) line.resize(38, ' ');
      line += "  # " + field.help;
      if (!free_text && !std::holds_alternative<std::filesystem::path*>(field.target))
        line += " (" + field.expectation() + ")";
    }
    bodies[table] += line + "\n";
  }
  std::string text;
  for (const std::string& table : order) {
    if (!bodies.count(table)) continue;
    if (!table.empty()) text += (text.empty() ? "" : "\n") + std::string("[") + table + "]\n";
    text += bodies[table];
  }
  return text;
}

}  // namespace atelier
