#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "framework/config/value.h"
#include "framework/core/error.h"

namespace atelier {

/// Where a value was written: `quick.toml:12`, or `--set loss.content.weight=3`.
struct Location {
  std::string text;
  std::filesystem::path folder;  ///< What relative paths in the value are relative to.
};

/// A TOML file as a flat list of its values, each with its place, in the order of the file.
class Document {
 public:
  struct Entry {
    std::vector<std::string>
        path;  ///< The names of the tables around it and its own, for instance {"loss", "tv", "weight"}.
    Value value;
    Location where;
    std::string key() const;  ///< The path joined by dots.
  };

  /// Throws `UsageError` when the file cannot be read or is not TOML (one line, with file and line).
  static Document from_file(const std::filesystem::path& file);
  /// `name` stands for the file in messages; relative paths are relative to `folder`.
  static Document from_text(std::string_view text, const std::string& name, const std::filesystem::path& folder);

  /// Replaces or adds one value, as the command line does. `assignment` is KEY=VALUE with a TOML value; a bare word is
  /// a string. Relative paths are relative to the working folder. Throws `UsageError`.
  void set(std::string_view assignment);
  void set(const std::string& key, Value value, Location where);

  /// Removes and returns the entries below a table, the table's own name no longer in their paths.
  std::vector<Entry> take(std::string_view table);

  const std::vector<Entry>& entries() const { return entries_; }
  const Entry* find(std::string_view key) const;
  /// Where a key is set; the whole file for one that is not.
  Location place_of(std::string_view key) const;
  const std::string& name() const { return name_; }  ///< The file, as the user named it.

 private:
  std::string name_;
  std::vector<Entry> entries_;
};

/// "WHERE: MESSAGE", the one form of all complaints about specs.
UsageError spec_error(const Location& where, const std::string& message);

}  // namespace atelier
