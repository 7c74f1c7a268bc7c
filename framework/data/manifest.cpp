#include "framework/data/manifest.h"

#include "framework/config/fields.h"
#include "framework/core/format.h"
#include "framework/data/set_folders.h"
#include "framework/storage/digest.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

struct Header {
  std::string format = Manifest::format_name;
  std::int64_t version = Manifest::format_version;
};

void describe(Fields& fields, Header& header, Manifest& manifest) {
  fields.choice("format", header.format, {Manifest::format_name}, "what this file is");
  fields.integer("version", header.version, {Manifest::format_version, Manifest::format_version}, "of the format");
  fields.text("name", manifest.name, "the recipe's name and the set's");
  fields.integer("height", manifest.height, {1, 1e6}, "pixels");
  fields.integer("width", manifest.width, {1, 1e6}, "pixels");
  fields.choice("encoding", manifest.encoding, {std::begin(encoding_names), std::end(encoding_names)}, "of the images");
  fields.boolean("smoothed", manifest.smoothed, "whether each image is there with smoothed edges too");
  fields.boolean("truth", manifest.truth, "whether the true picture of each image is there too");
  fields.text("made_from", manifest.made_from, "digest of the recipe and of the list of source files");
  fields.begin("split");
  for (auto& [name, split] : manifest.splits) {
    fields.begin(name);
    fields.integer("images", split.images, {1, 1e15}, "how many");
    fields.integer("shards", split.shards, {1, 99999}, "files");
    fields.text("digest", split.digest, "of all images in order");
    fields.end();
  }
  fields.end();
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
  Manifest manifest;
  for (const Document::Entry& entry : document.take("recipe")) {
    manifest.recipe += format("{} = {}\n", toml_key(entry.key()), atelier::to_toml(entry.value));
  }
  for (const Document::Entry& entry : document.entries()) {
    if (entry.path.size() == 3 && entry.path[0] == "split") manifest.splits[entry.path[1]];
  }
  Header header;
  Fields fields;
  describe(fields, header, manifest);
  fields.read(document);
  if (manifest.splits.empty() || manifest.height < 1 || manifest.width < 1) {
    throw UsageError(format("{}: names no images; pack the data set again", file.string()));
  }
  return manifest;
}

std::string Manifest::to_toml() const {
  Manifest copy = *this;
  Header header;
  Fields fields;
  describe(fields, header, copy);
  return fields.to_toml() + "\n[recipe]\n" + recipe;
}

std::uint64_t set_digest(const PictureDigests& digests) {
  std::vector<std::uint64_t> all;
  for (const Picture picture : all_pictures) all.insert(all.end(), digests[picture].begin(), digests[picture].end());
  return digest({reinterpret_cast<const std::uint8_t*>(all.data()), all.size() * sizeof all[0]});
}

}  // namespace atelier
