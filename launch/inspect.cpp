#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <vector>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/data/image_set.h"
#include "framework/data/set_folders.h"
#include "framework/images/contact_sheet.h"
#include "framework/images/image_file.h"
#include "framework/storage/digest.h"
#include "framework/storage/json_lines.h"
#include "launch/verbs.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

struct InspectArguments {
  fs::path path, sheet;
  bool json = false;
};

/// What a path holds: its manifest when it is a data set, and the images of each split or of the one shard.
struct Holding {
  fs::path path;
  Manifest manifest;
  std::vector<ImageSet> splits;
};

Holding open_set(const fs::path& folder) {
  Holding holding{folder, Manifest::read(folder), {}};
  for (const auto& [split, record] : holding.manifest.splits) holding.splits.push_back(ImageSet::open(folder, split));
  return holding;
}

Holding open_shard(const fs::path& file) {
  Holding holding{file, {}, {}};
  holding.splits.push_back(ImageSet::open_shard(file));
  return holding;
}

std::vector<Holding> open_all(const fs::path& path) {
  std::vector<Holding> all;
  if (fs::is_regular_file(path)) {
    all.push_back(open_shard(path));
  } else {
    for (const fs::path& folder : set_folders(path)) all.push_back(open_set(folder));
  }
  return all;
}

Json json_of(const Holding& holding) {
  const ImageSet& first = holding.splits.front();
  Json json{{"path", holding.path.string()},
            {"name", holding.manifest.name},
            {"height", first.height()},
            {"width", first.width()},
            {"encoding", name_of(first.layout().encoding)},
            {"smoothed", first.has(smoothed_column)},
            {"truth", first.has(truth_column)}};
  for (const Column& column : first.layout().columns) {
    json["columns"][column.name] = {{"height", column.height}, {"width", column.width}, {"channels", column.channels}};
  }
  for (const ImageSet& set : holding.splits) {
    json["splits"][set.split()] = {
        {"images", set.size()}, {"shards", set.shards().size()}, {"digest", hex(set.digest())}};
  }
  return json;
}

/// What a column adds to the images.
std::string beside(const Column& column) {
  if (column.name == images_column) return "";
  if (column.name == smoothed_column) return ", each with smoothed edges too";
  if (column.name == truth_column) return ", each with its true picture";
  return format(", each with its {}, {} x {}", column.name, column.width, column.height);
}

std::string text_of(const Holding& holding) {
  const ImageSet& first = holding.splits.front();
  std::string text = format("{}\n", holding.path.string());
  if (!holding.manifest.name.empty()) text += format("  packed as  {}\n", holding.manifest.name);
  text += format("  images     {} x {} RGB, {}", first.width(), first.height(), name_of(first.layout().encoding));
  for (const Column& column : first.layout().columns) text += beside(column);
  text += "\n";
  for (const ImageSet& set : holding.splits) {
    text += format("  {:<9}  {} images in {} shard{}, digest {}\n", set.split(), set.size(), set.shards().size(),
                   set.shards().size() == 1 ? "" : "s", hex(set.digest()));
    text += format("             from {} to {}\n", set.source(0), set.source(set.size() - 1));
  }
  return text;
}

/// Up to 64 images, evenly from all that there are.
Image sheet_of(const std::vector<Holding>& holdings) {
  constexpr std::int64_t most = 64;
  std::vector<std::pair<const ImageSet*, std::int64_t>> places;
  for (const Holding& holding : holdings) {
    for (const ImageSet& set : holding.splits) {
      for (std::int64_t i = 0; i < set.size(); ++i) places.emplace_back(&set, i);
    }
  }
  const auto count = std::min(most, static_cast<std::int64_t>(places.size()));
  std::vector<Image> images(count);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto [set, index] = places[i * places.size() / count];
    set->column().read(index, images[i]);
  }
  return contact_sheet(images, 8);
}

void run_inspect(const InspectArguments& arguments) {
  const std::vector<Holding> holdings = open_all(arguments.path);
  Json json = Json::array();
  for (const Holding& holding : holdings) {
    if (arguments.json) {
      json.push_back(json_of(holding));
    } else {
      std::cout << text_of(holding);
    }
  }
  if (arguments.json) {
    std::cout << (holdings.size() == 1 ? json[0] : json).dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  }
  if (!arguments.sheet.empty()) write_image(arguments.sheet, sheet_of(holdings));
}

}  // namespace

void add_inspect(CLI::App& program) {
  const auto arguments = std::make_shared<InspectArguments>();
  CLI::App* verb = program.add_subcommand("inspect", "Says what a packed data set or one of its shards holds");
  verb->add_option("PATH", arguments->path, "A data set, a folder of data sets, or a shard")->required();
  verb->add_flag("--json", arguments->json, "For programs");
  verb->add_option("--sheet", arguments->sheet, "Writes a contact sheet of up to 64 images here (.png or .jpg)");
  verb->footer("Example:\n  atelier inspect data/starter/photos --sheet photos.png");
  verb->callback([arguments] { run_inspect(*arguments); });
}

}  // namespace atelier
