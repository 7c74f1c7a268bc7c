#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "framework/config/document.h"
#include "framework/config/value.h"

namespace atelier {

/// The limits of a number, both inclusive unless `above` is set, which excludes `min` itself.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above = false;

  static Range at_least(double min) { return {.min = min}; }
  static Range positive() { return {.min = 0, .above = true}; }
  bool operator==(const Range&) const = default;
  bool contains(double value) const { return (above ? value > min : value >= min) && value <= max; }
};

/// What a key decides.
enum class Role {
  result,       ///< What comes out: part of a trial's identity.
  bookkeeping,  ///< What is written how often, and speed with the same bits: no part of it.
  length,       ///< How long it goes on: part of the identity, but a run with a larger value continues the same run.
  place,        ///< Where something lies that a digest in the provenance tells apart: the digest counts, not the place.
};

/// A choice that is kept as an enumerator: its value is the place of the chosen name among the allowed ones.
struct Enumerator {
  void* target;
  std::size_t (*get)(const void* target);
  void (*set)(void* target, std::size_t value);
};

/// One key of a spec: where its value lives, what is allowed and what it means.
struct Field {
  using Target = std::variant<bool*, std::int64_t*, double*, std::string*, std::filesystem::path*, std::vector<double>*,
                              std::vector<std::string>*, Enumerator>;
  std::string key;  ///< Dotted, for instance "loss.content.weight".
  Target target;
  std::vector<Target> others{};  ///< More places that hold the same value, see `Fields::share`.
  std::string help;
  Range range;
  std::vector<std::string_view> allowed;  ///< Empty: any text.
  std::size_t length = 0;                 ///< Of a list of numbers; 0: any.
  Role role = Role::result;
  std::string_view digest;   ///< Of a place: the key of a run's provenance that tells apart what lies there.
  std::string_view no_file;  ///< Of a path: a name that stands for none, for instance "random".
  std::string fixed;         ///< Why a sweep cannot vary it, to follow on the key in a message; empty: it can.

  Value value() const;              ///< What the target holds now.
  std::string expectation() const;  ///< "a whole number from 1 to 64", `"layer" or "none"`.
  /// Checks and stores. `where` gives the place for messages and the folder for paths. Throws `UsageError`.
  void assign(const Value& value, const Location& where) const;

  /// Says that it is a place, and by which digest a run's provenance knows what lies there.
  Field& lies_at(std::string_view provenance_key) {
    role = Role::place;
    digest = provenance_key;
    return *this;
  }
};

/// The keys of a spec, in the order in which they are shown. A spec struct describes itself to it once; reading,
/// writing, listing, overriding and checking of search spaces all follow from that description.
///
///     void describe(Fields& fields, GeneratorSpec& spec) {
///       fields.begin("generator");
///       fields.integer("width", spec.width, {1, 1024}, "channels after the stem");
///       fields.end();
///     }
class Fields {
 public:
  void begin(std::string_view table);  ///< Following keys are inside this table.
  void end();

  Field& boolean(std::string_view key, bool& value, std::string_view help);
  Field& integer(std::string_view key, std::int64_t& value, Range range, std::string_view help);
  Field& real(std::string_view key, double& value, Range range, std::string_view help);
  Field& text(std::string_view key, std::string& value, std::string_view help);
  Field& choice(std::string_view key, std::string& value, std::vector<std::string_view> allowed, std::string_view help);
  /// The same for an enumeration whose values are 0, 1, ... in the order of `allowed`.
  template <class Enum>
  requires std::is_enum_v<Enum> Field& choice(std::string_view key, Enum& value, std::vector<std::string_view> allowed,
                                              std::string_view help) {
    Field& field =
        add(key,
            Enumerator{&value, [](const void* target) { return std::size_t(*static_cast<const Enum*>(target)); },
                       [](void* target, std::size_t chosen) { *static_cast<Enum*>(target) = Enum(chosen); }},
            help);
    field.allowed = std::move(allowed);
    return field;
  }
  Field& path(std::string_view key, std::filesystem::path& value, std::string_view help);
  Field& reals(std::string_view key, std::vector<double>& value, std::size_t length, Range range,
               std::string_view help);
  Field& texts(std::string_view key, std::vector<std::string>& value, std::string_view help);

  /// A list of which each is one of `allowed`.
  Field& choices(std::string_view key, std::vector<std::string>& value, std::vector<std::string_view> allowed,
                 std::string_view help);

  /// A key of an earlier version that decides nothing any more: it is read and left out.
  void retired(std::string_view key);

  /// Says why a sweep cannot vary a key, or any key of a table: see `Field::fixed`.
  void fix(std::string_view key_or_table, const std::string& why);

  /// Adds the keys that one of several describes, below the present table; `reader` is its name. A key that another has
  /// described before becomes one with it: a value goes to both. The help says who reads a key. All get the same role.
  /// Throws `Error` where the two differ in what they allow.
  void share(std::string_view reader, const Fields& own, Role role);

  const std::vector<Field>& all() const { return all_; }
  const Field* find(std::string_view key) const;

  /// Stores every entry of the document in its field. Throws `UsageError` at the first unknown key or bad value.
  void read(const Document& document) const;

  /// Throws `UsageError`, with the place where the document says it, for the first path that is given and does not
  /// exist.
  void require_paths(const Document& document) const;

  /// The complaint about a key that does not exist, with the nearest one that does.
  UsageError unknown_key(const Location& where, std::string_view key) const;

  struct WriteOptions {
    bool help = false;           ///< A comment behind each key with its meaning and limits.
    bool identity_only = false;  ///< Without bookkeeping, which cannot change a result.
  };
  /// The whole spec as TOML, every key, tables in order.
  std::string to_toml(const WriteOptions& options) const;
  std::string to_toml() const { return to_toml(WriteOptions{}); }

 private:
  Field& add(std::string_view key, Field::Target target, std::string_view help);
  std::string dotted(std::string_view key) const;
  std::vector<Field> all_;
  std::vector<std::string> tables_;
  std::vector<std::string> retired_;
};

/// A name that becomes a folder: letters, digits, spaces and . _ + -, not beginning with a dot, so that it cannot lead
/// elsewhere. Throws `UsageError` with the place and what is called so.
void check_folder_name(const Location& where, std::string_view what, const std::string& name);
/// The same of the value of a key.
void check_folder_name(const Document& document, std::string_view key, const std::string& name);

}  // namespace atelier
