#include <fstream>
#include <sstream>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include "framework/config/document.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + part;
  return text;
}

/// One file being read: walks the tables and collects the values.
class Flattener {
 public:
  Flattener(const std::string& name, const std::filesystem::path& folder, std::vector<Document::Entry>& entries)
      : name_(name), folder_(folder), entries_(entries) {}

  void walk(const toml::table& table, std::vector<std::string>& path) {
    // toml++ sorts a table's keys; a reader wants the file's order.
    std::vector<std::pair<const toml::key*, const toml::node*>> items;
    for (auto&& [key, node] : table) items.emplace_back(&key, &node);
    std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first->source().begin.line, a.first->source().begin.column) <
             std::pair(b.first->source().begin.line, b.first->source().begin.column);
    });
    for (const auto& [key, node] : items) {
      path.emplace_back(key->str());
      if (const toml::table* inner = node->as_table()) {
        walk(*inner, path);
      } else {
        entries_.push_back({path, value_of(*node, path), place(node->source())});
      }
      path.pop_back();
    }
  }

  Location place(const toml::source_region& source) const {
    return {source.begin.line ? format("{}:{}", name_, source.begin.line) : name_, folder_};
  }

 private:
  Value value_of(const toml::node& node, const std::vector<std::string>& path) const {
    if (const auto* b = node.as_boolean()) return b->get();
    if (const auto* i = node.as_integer()) return std::int64_t{i->get()};
    if (const auto* d = node.as_floating_point()) return d->get();
    if (const auto* s = node.as_string()) return s->get();
    if (const auto* list = node.as_array()) {
      std::vector<Value> items;
      for (const toml::node& item : *list) items.push_back(value_of(item, path));
      return items;
    }
    throw spec_error(place(node.source()), format("{}: dates and lists of tables are not used here", join(path)));
  }

  const std::string& name_;
  const std::filesystem::path& folder_;
  std::vector<Document::Entry>& entries_;
};

}  // namespace

std::string Document::Entry::key() const { return join(path); }

UsageError spec_error(const Location& where, const std::string& message) {
  return UsageError(where.text + ": " + message);
}

Document Document::from_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) {
    throw UsageError(format("{}: cannot be read ({})", file.string(),
                            std::filesystem::is_directory(file) ? "it is a folder" : system_message(errno)));
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return from_text(text.str(), file.string(),
                   std::filesystem::weakly_canonical(std::filesystem::absolute(file)).parent_path());
}

Document Document::from_text(std::string_view text, const std::string& name, const std::filesystem::path& folder) {
  Document document;
  document.name_ = name;
  try {
    const toml::table table = toml::parse(text, name);
    std::vector<std::string> path;
    Flattener(name, folder, document.entries_).walk(table, path);
  } catch (const toml::parse_error& problem) {
    std::string what(problem.description());
    for (char& c : what) c = c == '\n' ? ' ' : c;
    throw UsageError(format("{}:{}: not TOML: {}", name, problem.source().begin.line, what));
  }
  return document;
}

void Document::set(std::string_view assignment) {
  const std::string label = "--set " + std::string(assignment);
  const std::size_t equals = assignment.find('=');
  const auto trim = [](std::string_view text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
    return text;
  };
  const std::string key(trim(assignment.substr(0, equals)));
  if (equals == std::string_view::npos || key.empty()) {
    throw UsageError(label + ": expected KEY=VALUE, for instance --set loss.content.weight=3");
  }
  const std::string value(trim(assignment.substr(equals + 1)));
  const Location where{label, std::filesystem::current_path()};
  try {
    const toml::table table = toml::parse("value = " + value);
    Document parsed;
    std::vector<std::string> path;
    Flattener(label, where.folder, parsed.entries_).walk(table, path);
    if (parsed.entries_.size() == 1 && parsed.entries_[0].path.size() == 1) {
      return set(key, parsed.entries_[0].value, where);
    }
  } catch (const toml::parse_error&) {
    const bool meant_as_toml = value.empty() || value.front() == '"' || value.front() == '[' || value.front() == '{';
    if (meant_as_toml) throw UsageError(label + ": the value is not TOML");
    return set(key, Value(value), where);
  }
  throw UsageError(label + ": set single keys, not tables");
}

void Document::set(const std::string& key, Value value, Location where) {
  for (Entry& entry : entries_) {
    if (entry.key() == key) {
      entry.value = std::move(value);
      entry.where = std::move(where);
      return;
    }
  }
  std::vector<std::string> path;
  std::istringstream parts(key);
  for (std::string part; std::getline(parts, part, '.');) path.push_back(part);
  entries_.push_back({std::move(path), std::move(value), std::move(where)});
}

std::vector<Document::Entry> Document::take(std::string_view table) {
  std::vector<Entry> taken, kept;
  for (Entry& entry : entries_) {
    if (entry.path.size() > 1 && entry.path.front() == table) {
      entry.path.erase(entry.path.begin());
      taken.push_back(std::move(entry));
    } else {
      kept.push_back(std::move(entry));
    }
  }
  entries_ = std::move(kept);
  return taken;
}

const Document::Entry* Document::find(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.key() == key) return &entry;
  }
  return nullptr;
}

Location Document::place_of(std::string_view key) const {
  const Entry* entry = find(key);
  return entry ? entry->where : Location{name_, {}};
}

}  // namespace atelier
