#include "framework/data/manifest.h"

#include "framework/config/fields.h"
#include "framework/core/format.h"
#include "framework/data/set_folders.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// The layout as the file says it. Columns of the images' size that sets have had since version 1 are a key each; any
/// other has a table with its size.
struct LayoutText {
  struct Side {
    std::int64_t height = 0, width = 0;
    bool operator==(const Side&) const = default;
  };
  std::string format = Manifest::format_name;
  std::int64_t version = Manifest::format_version;
  Side images;
  std::string encoding = "raw";
  bool smoothed = false, truth = false;
  std::map<std::string, Side> columns;
};

void describe(Fields& fields, LayoutText::Side& side) {
  fields.integer("height", side.height, {1, 1e6}, "pixels");
  fields.integer("width", side.width, {1, 1e6}, "pixels");
}

void describe(Fields& fields, LayoutText& text, Manifest& manifest) {
  fields.choice("format", text.format, {Manifest::format_name}, "what this file is");
  fields.integer("version", text.version, {Manifest::format_version, Manifest::format_version}, "of the format");
  fields.text("name", manifest.name, "the recipe's name and the set's");
  describe(fields, text.images);
  fields.choice("encoding", text.encoding, {std::begin(encoding_names), std::end(encoding_names)}, "of the pictures");
  fields.boolean(smoothed_column, text.smoothed, "whether each image is there with smoothed edges too");
  fields.boolean(truth_column, text.truth, "whether the true picture of each image is there too");
  fields.text("made_from", manifest.made_from, "digest of the recipe and of the list of source files");
  fields.begin("split");
  for (auto& [name, split] : manifest.splits) {
    fields.begin(name);
    fields.integer("images", split.images, {1, 1e15}, "how many");
    fields.integer("shards", split.shards, {1, 99999}, "files");
    fields.text("digest", split.digest, "of all pictures in order");
    fields.end();
  }
  fields.end();
  fields.begin("column");
  for (auto& [name, side] : text.columns) {
    fields.begin(name);
    describe(fields, side);
    fields.end();
  }
  fields.end();
}

SetLayout layout_of(const LayoutText& text) {
  SetLayout layout{encoding_named(text.encoding), {}};
  const auto add = [&](std::string_view name, const LayoutText::Side& side) {
    layout.add({std::string(name), static_cast<int>(side.height), static_cast<int>(side.width)});
  };
  add(images_column, text.images);
  if (text.smoothed) add(smoothed_column, text.images);
  if (text.truth) add(truth_column, text.images);
  for (const auto& [name, side] : text.columns) add(name, side);
  return layout;
}

LayoutText text_of(const SetLayout& layout) {
  LayoutText text;
  text.encoding = name_of(layout.encoding);
  text.images = {layout.images().height, layout.images().width};
  for (const Column& column : layout.columns) {
    const LayoutText::Side side{column.height, column.width};
    if (column.name == images_column) continue;
    if (column.name == smoothed_column && side == text.images) {
      text.smoothed = true;
    } else if (column.name == truth_column && side == text.images) {
      text.truth = true;
    } else {
      text.columns[column.name] = side;
    }
  }
  return text;
}

}  // namespace

Manifest Manifest::read(const fs::path& folder) {
  if (!fs::exists(folder)) {
    throw UsageError(format("{} does not exist; pack it first: atelier pack RECIPE.toml --out {}", folder.string(),
                            folder.has_parent_path() ? folder.parent_path().string() : "."));
  }
  const fs::path file = folder / file_name;
  if (!fs::exists(file)) {
    std::string inside;
    for (const fs::path& set : set_folders(folder)) {
      if (set != folder) inside += (inside.empty() ? "; did you mean " : " or ") + set.string();
    }
    throw UsageError(format("{} is not an Atelier data set: it has no {}{}", folder.string(), file_name, inside));
  }
  Document document = Document::from_file(file);
  document.take("recipe");
  Manifest manifest;
  LayoutText text;
  for (const Document::Entry& entry : document.entries()) {
    if (entry.path.size() != 3) continue;
    if (entry.path[0] == "split") manifest.splits[entry.path[1]];
    if (entry.path[0] == "column") text.columns[entry.path[1]];
  }
  Fields fields;
  describe(fields, text, manifest);
  fields.read(document);
  manifest.layout = layout_of(text);
  bool sized = !manifest.splits.empty();
  for (const Column& column : manifest.layout.columns) sized = sized && column.height > 0 && column.width > 0;
  if (!sized) throw UsageError(format("{}: names no images; pack the data set again", file.string()));
  return manifest;
}

std::string Manifest::to_toml(const std::string& recipe) const {
  Manifest copy = *this;
  LayoutText text = text_of(layout);
  Fields fields;
  describe(fields, text, copy);
  return fields.to_toml() + "\n" + recipe;
}

}  // namespace atelier
