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
#include "framework/storage/digest.h"
#include "launch/verbs.h"

namespace atelier {
namespace {

std::string where(const ImageColumn& column) {
  if (column.name() == images_column) return "";
  if (column.name() == smoothed_column) return " in its smoothed copy";
  if (column.name() == truth_column) return " in its true picture";
  return format(" in its {}", column.name());
}

/// Names every image of the split whose bytes are not those that were packed; returns how many.
std::int64_t report_damage(const ImageSet& set) {
  const std::vector<ImageColumn> columns = set.columns();
  std::int64_t damaged = 0;
  for (std::int64_t i = 0; i < set.size(); ++i) {
    const auto first = std::find_if(columns.begin(), columns.end(), [&](const ImageColumn& column) {
      return digest(column.stored(i)) != column.stored_digest(i);
    });
    if (first == columns.end()) continue;
    ++damaged;
    std::cout << format("{} image {} ({}) is damaged{}\n", set.split(), i, set.source(i), where(*first));
  }
  return damaged;
}

void verify(const std::filesystem::path& folder) {
  const Manifest manifest = Manifest::read(folder);
  std::int64_t images = 0, damaged = 0;
  for (const auto& [split, record] : manifest.splits) {
    const ImageSet set = ImageSet::open(folder, split);
    images += set.size();
    damaged += report_damage(set);
    if (hex(set.digest()) != record.digest) {
      throw Error(format("{}: the digests of {} are not those in {}: a shard was exchanged or damaged", folder.string(),
                         split, Manifest::file_name));
    }
  }
  if (damaged > 0)
    throw Error(format("{}: {} of {} images are damaged; pack it again", folder.string(), damaged, images));
  std::cout << format("{}: all {} images are as they were packed\n", folder.string(), images);
}

}  // namespace

void add_verify(CLI::App& program) {
  const auto folders = std::make_shared<std::vector<std::filesystem::path>>();
  CLI::App* verb = program.add_subcommand("verify", "Checks every image of packed data sets against its digest");
  verb->add_option("DATASET", *folders, "Folders of packed data sets, or of several")->required();
  verb->footer("Exit status 1 names the damaged images.\nExample:\n  atelier verify data/starter/photos");
  verb->callback([folders] {
    for (const auto& folder : *folders) {
      for (const auto& set : set_folders(folder)) verify(set);
    }
  });
}

}  // namespace atelier
