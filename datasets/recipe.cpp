#include "datasets/recipe.h"

#include <algorithm>
#include <iterator>

#include "framework/config/fields.h"
#include "framework/core/format.h"
#include "framework/data/encoding.h"

namespace atelier {
namespace {

/// `reads`: for reading it, with every key.
void describe(Fields& fields, SetRecipe& set, bool reads) {
  const Range side{16, 8192};
  fields.texts("inputs", set.inputs, "folders or files, relative to the recipe");
  fields.integer("size", set.size, side, "side of the images, pixels");
  fields.choice("cut", set.cut, {"none", "center", "random", "areas"}, "how squares are cut from pictures");
  fields.integer("per_image", set.per_image, {1, 10000}, "random boxes a picture");
  fields.real("scale", set.scale, {0, 100, true}, "of pictures before boxes are cut");
  // Not written where it is not used, so that sets packed before there was such a key stay up to date.
  if (reads || !set.truth.empty())
    fields.text("truth", set.truth, "folder with the true pictures, of the inputs' names");
  fields.boolean("smooth", set.smooth, "pack a copy with smoothed edges too");
  fields.real("val", set.val, {0, 0.9}, "share held out for validation");
  fields.choice("group", set.group, {"file", "name"}, "which pictures stay in one split");
  fields.choice("encoding", set.encoding, {std::begin(encoding_names), std::end(encoding_names)},
                "of the packed images");
  fields.integer("quality", set.quality, {1, 100}, "of JPEG");
  fields.integer("shards", set.shards, {1, 99999}, "files for training");
  fields.begin("column");
  for (PairedColumn& column : set.columns) {
    fields.begin(column.name);
    fields.text("folder", column.folder, "with a picture for each input, of the inputs' names");
    fields.integer("size", column.size, side, "side of its pictures, pixels; by default that of the images");
    fields.end();
  }
  fields.end();
}

void describe(Fields& fields, Recipe& recipe) {
  fields.text("name", recipe.name, "of the folder that is written");
  fields.integer("seed", recipe.seed, {0, 9e15}, "of random boxes and of the validation split");
}

/// Names that HDF5 files of a set and recipes give to something else.
bool is_free_column_name(std::string_view name) {
  const std::string_view taken[] = {images_column, smoothed_column, truth_column, "bytes",
                                    "offsets",     "shapes",        "digests",    "sources"};
  return toml_key(name) == name && std::find(std::begin(taken), std::end(taken), name) == std::end(taken);
}

void collect_column(const Document::Entry& entry, SetRecipe& set) {
  const std::string& name = entry.path[3];
  if (!is_free_column_name(name)) {
    throw spec_error(entry.where,
                     format("{}: a column cannot be called \"{}\"; choose another name of letters, digits, _ and -",
                            entry.key(), name));
  }
  const auto place = std::find_if(set.columns.begin(), set.columns.end(),
                                  [&](const PairedColumn& column) { return column.name >= name; });
  if (place == set.columns.end() || place->name != name) set.columns.insert(place, {name, "", 0});
}

void collect_sets(const Document& document, Recipe& recipe) {
  for (const Document::Entry& entry : document.entries()) {
    if (entry.path.front() != "set") continue;
    if (entry.path.size() < 3) {
      throw spec_error(entry.where,
                       format("{}: belongs into the table of a data set, such as [set.photos]", entry.key()));
    }
    const std::string& name = entry.path[1];
    check_folder_name(entry.where, "the name of the data set", name);
    const auto same = [&](const SetRecipe& set) { return set.name == name; };
    auto set = std::find_if(recipe.sets.begin(), recipe.sets.end(), same);
    if (set == recipe.sets.end()) {
      set = recipe.sets.emplace(set);
      set->name = name;
    }
    if (entry.path.size() == 5 && entry.path[2] == "column") collect_column(entry, *set);
  }
}

/// A key that only some ways of cutting read, given with another.
void refuse_unread(const Document& document, const SetRecipe& set, const std::string& key, bool is_read,
                   const std::string& read_by) {
  const Document::Entry* entry = document.find(format("set.{}.{}", set.name, key));
  if (entry && !is_read) {
    throw spec_error(entry->where, format("{} has no effect here: it goes with {}", entry->key(), read_by));
  }
}

void check_folder(const Document& document, const Recipe& recipe, const std::string& key, const std::string& folder) {
  const Document::Entry* entry = document.find(key);
  const Location where = entry ? entry->where : Location{document.name(), {}};
  if (folder.empty()) throw spec_error(where, format("{} is missing: name a folder with pictures", key));
  const std::filesystem::path path = recipe.folder / folder;
  if (std::filesystem::is_directory(path)) return;
  throw spec_error(where, format("{}: {} {}", key, path.string(),
                                 std::filesystem::exists(path) ? "is not a folder" : "does not exist"));
}

void check(const Document& document, const Recipe& recipe, const SetRecipe& set) {
  const Document::Entry* inputs = document.find(format("set.{}.inputs", set.name));
  if (set.inputs.empty()) {
    throw spec_error(inputs ? inputs->where : Location{document.name(), {}},
                     format("set.{}.inputs is missing: name folders or files with pictures", set.name));
  }
  for (const std::string& input : set.inputs) {
    const std::filesystem::path path = recipe.folder / input;
    if (!std::filesystem::exists(path)) {
      throw spec_error(inputs->where, format("set.{}.inputs: {} does not exist", set.name, path.string()));
    }
  }
  if (!set.truth.empty()) check_folder(document, recipe, format("set.{}.truth", set.name), set.truth);
  for (const PairedColumn& column : set.columns) {
    check_folder(document, recipe, format("set.{}.column.{}.folder", set.name, column.name), column.folder);
  }
  const bool random = set.cut == "random";
  refuse_unread(document, set, "per_image", random, "cut = \"random\"");
  refuse_unread(document, set, "scale", random || set.cut == "areas", "cut = \"random\" or \"areas\"");
  refuse_unread(document, set, "quality", set.encoding == "jpeg", "encoding = \"jpeg\"");
}

}  // namespace

Recipe Recipe::from(Document document) {
  Recipe recipe;
  collect_sets(document, recipe);
  Fields fields;
  describe(fields, recipe);
  for (SetRecipe& set : recipe.sets) {
    fields.begin("set");
    fields.begin(set.name);
    describe(fields, set, /*reads=*/true);
    fields.end();
    fields.end();
  }
  fields.read(document);
  if (recipe.sets.empty()) {
    throw UsageError(
        format("{}: names no data set; add a table such as [set.photos] with inputs = [...]", document.name()));
  }
  recipe.folder = document.entries().front().where.folder;
  if (recipe.name.empty()) recipe.name = std::filesystem::path(document.name()).stem().string();
  check_folder_name(document, "name", recipe.name);
  for (SetRecipe& set : recipe.sets) {
    check(document, recipe, set);
    for (PairedColumn& column : set.columns) column.size = column.size ? column.size : set.size;
  }
  return recipe;
}

std::vector<PairedColumn> SetRecipe::pairs() const {
  std::vector<PairedColumn> all = columns;
  if (!truth.empty()) all.push_back({std::string(truth_column), truth, size});
  return all;
}

SetLayout SetRecipe::layout() const {
  SetLayout layout{encoding_named(encoding), {}};
  const auto add = [&](std::string_view column, std::int64_t side) {
    layout.add({std::string(column), static_cast<int>(side), static_cast<int>(side)});
  };
  add(images_column, size);
  if (smooth) add(smoothed_column, size);
  for (const PairedColumn& column : pairs()) add(column.name, column.size);
  return layout;
}

std::string Recipe::to_toml(const SetRecipe& set, std::string_view table) const {
  Recipe recipe = *this;
  SetRecipe copy = set;
  Fields fields;
  if (!table.empty()) fields.begin(table);
  describe(fields, recipe);
  describe(fields, copy, /*reads=*/false);
  return fields.to_toml();
}

}  // namespace atelier
