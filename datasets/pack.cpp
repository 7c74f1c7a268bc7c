#include "datasets/pack.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <memory>

#include "datasets/cut.h"
#include "datasets/edge_smoothing.h"
#include "datasets/holdout.h"
#include "datasets/parallel.h"
#include "datasets/source_list.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/data/manifest.h"
#include "framework/data/shard.h"
#include "framework/data/shard_writer.h"
#include "framework/distributed/first_rank.h"
#include "framework/images/image_file.h"
#include "framework/images/resize.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/digest.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Says every few seconds how far the packing of a set is.
class Progress {
 public:
  Progress(std::string name, std::size_t total) : name_(std::move(name)), total_(total) {}

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  void add(std::size_t images) {
    constexpr double between = 5;
    const std::size_t done = done_ += images;
    double due = due_;
    const double now = seconds();
    if (now < due || !due_.compare_exchange_strong(due, now + between) || done == total_) return;
    const double rate = static_cast<double>(done) / now;
    log_info(format("{}: {} of {} images, {:.0f}/s, {:.0f} s left", name_, done, total_, rate,
                    static_cast<double>(total_ - done) / rate));
  }

 private:
  std::string name_;
  std::size_t total_;
  Clock::time_point start_ = Clock::now();
  std::atomic<std::size_t> done_{0};
  std::atomic<double> due_{5};
};

/// The images that one shard takes from one picture.
struct Portion {
  std::size_t source;
  std::int64_t first_box, boxes;
  std::int64_t first_image;  ///< In the shard.
};

struct PlannedShard {
  std::string split;
  std::int64_t number, shards, images;
  std::vector<Portion> portions;
};

/// Divides the images of one split, in order, into shards that differ by at most one image.
void plan_split(const std::string& split, const std::vector<std::size_t>& sources, std::int64_t per_source,
                std::int64_t shards, std::vector<PlannedShard>& plan) {
  const std::int64_t images = static_cast<std::int64_t>(sources.size()) * per_source;
  if (images == 0) return;
  shards = std::min(shards, images);
  for (std::int64_t number = 0; number < shards; ++number) {
    const std::int64_t begin = number * images / shards, end = (number + 1) * images / shards;
    PlannedShard shard{split, number, shards, end - begin, {}};
    for (std::int64_t image = begin; image < end;) {
      const std::int64_t box = image % per_source, boxes = std::min(per_source - box, end - image);
      shard.portions.push_back({sources[image / per_source], box, boxes, image - begin});
      image += boxes;
    }
    plan.push_back(std::move(shard));
  }
}

/// Makes one data set.
class SetPacker {
 public:
  SetPacker(const Recipe& recipe, const SetRecipe& set, fs::path folder, Communicator& communicator, unsigned threads)
      : recipe_(recipe),
        set_(set),
        layout_(set.layout()),
        pairs_(set.pairs()),
        folder_(std::move(folder)),
        communicator_(communicator),
        threads_(threads) {}

  void run() {
    together(communicator_, [&] { prepare(); });
    bool current = false;
    together(communicator_, [&] { current = communicator_.rank() == 0 && is_current(); });
    if (communicator_.any(current)) {
      log_info(format("{}: {} is up to date ({})", set_.name, folder_.string(), counts()));
      return;
    }
    const Progress progress(set_.name, 0);
    std::unique_ptr<FolderAside> aside;
    together(communicator_, [&] {
      if (communicator_.rank() == 0) aside = std::make_unique<FolderAside>(folder_);
    });
    const fs::path place = communicator_.broadcast(aside ? aside->path().string() : "", 0);
    together(communicator_, [&] { write_shards(place); });
    together(communicator_, [&] {
      if (!aside) return;
      write_file(place / Manifest::file_name, manifest(place).to_toml(recipe_.to_toml(set_, "recipe")));
      aside->commit();
    });
    log_info(format("{}: packed {} into {} in {:.1f} s, {:.0f} images/s", set_.name, counts(), folder_.string(),
                    progress.seconds(), static_cast<double>(images_of("")) / progress.seconds()));
  }

 private:
  void prepare() {
    sources_ = list_sources(recipe_, set_);
    std::vector<std::string> groups;
    for (const Source& source : sources_) groups.push_back(source.group);
    std::vector<bool> held;
    try {
      held = hold_out(groups, set_.val, static_cast<std::uint64_t>(recipe_.seed));
    } catch (const UsageError& problem) {
      throw UsageError(format("set.{}: {}", set_.name, problem.what()));
    }
    std::vector<std::size_t> train, val;
    for (std::size_t i = 0; i < sources_.size(); ++i) (held[i] ? val : train).push_back(i);
    plan_split("train", train, set_.images_per_source(), set_.shards, plan_);
    plan_split("val", val, set_.images_per_source(), 1, plan_);
    made_from_ = hex(digest(recipe_.to_toml(set_) + hex(sources_digest(sources_))));
  }

  /// Whether what lies in the folder is what we would make.
  bool is_current() const {
    if (!fs::exists(folder_) || fs::is_empty(folder_)) return false;
    if (!fs::exists(folder_ / Manifest::file_name)) {
      throw UsageError(format("{} exists and is not an Atelier data set: choose another --out", folder_.string()));
    }
    try {
      if (Manifest::read(folder_).made_from != made_from_) return false;
    } catch (const UsageError&) {
      return false;  // Damaged: made anew.
    }
    return std::all_of(plan_.begin(), plan_.end(), [&](const PlannedShard& shard) {
      return fs::exists(folder_ / shard_name(shard.split, shard.number, shard.shards));
    });
  }

  std::size_t images_of(const std::string& split) const {
    std::size_t images = 0;
    for (const PlannedShard& shard : plan_) images += split.empty() || shard.split == split ? shard.images : 0;
    return images;
  }

  std::string counts() const { return format("{} train and {} val images", images_of("train"), images_of("val")); }

  void write_shards(const fs::path& place) {
    const auto rank = static_cast<std::size_t>(communicator_.rank()),
               ranks = static_cast<std::size_t>(communicator_.size());
    std::size_t mine = 0;
    for (std::size_t i = rank; i < plan_.size(); i += ranks) mine += plan_[i].images;
    Progress progress(set_.name, mine);
    for (std::size_t i = rank; i < plan_.size(); i += ranks) write_shard(place, plan_[i], progress);
  }

  void write_shard(const fs::path& place, const PlannedShard& shard, Progress& progress) {
    ShardWriter writer(place / shard_name(shard.split, shard.number, shard.shards),
                       {layout_, shard.split, shard.number, shard.shards, shard.images});
    for_each_in_parallel(shard.portions.size(), threads_, [&](std::size_t i) {
      if (StopSignal::requested()) throw Interrupted(format("packing of {} stopped; nothing was written", set_.name));
      write_portion(shard.portions[i], writer);
      progress.add(static_cast<std::size_t>(shard.portions[i].boxes));
    });
    writer.commit();
  }

  void write_portion(const Portion& portion, ShardWriter& writer) const {
    const Source& source = sources_[portion.source];
    const Image picture = read_image(source.path);
    std::map<std::string_view, Image> pairs;
    for (std::size_t i = 0; i < pairs_.size(); ++i) pairs[pairs_[i].name] = read_pair(source, i, picture);
    const auto boxes =
        cut_boxes(set_, picture.height(), picture.width(), static_cast<std::uint64_t>(recipe_.seed), source.name);
    for (std::int64_t i = 0; i < portion.boxes; ++i) {
      const Box& box = boxes[portion.first_box + i];
      const Image image = resize(picture.cut(box), layout_.images().height, layout_.images().width);
      ShardWriter::Entry entry{format("{}#xywh={},{},{},{}", source.name, box.left, box.top, box.width, box.height),
                               {}};
      for (const Column& column : layout_.columns) {
        const auto pair = pairs.find(column.name);
        if (pair != pairs.end()) {
          const Box there = same_place(box, picture, pair->second);
          entry.pictures.push_back(encoded(resize(pair->second.cut(there), column.height, column.width)));
        } else {
          entry.pictures.push_back(encoded(column.name == smoothed_column ? smooth_edges(image) : image));
        }
      }
      writer.put(portion.first_image + i, std::move(entry));
    }
  }

  /// A picture of a paired column has the shape of its input, to a pixel. The true one has its size.
  Image read_pair(const Source& source, std::size_t number, const Image& picture) const {
    Image pair = read_image(source.pairs[number]);
    const PairedColumn& column = pairs_[number];
    const bool truth = column.name == truth_column;
    const auto side = [](int a, int b, int c) { return static_cast<double>(a) * b / c; };
    const bool fits = truth ? pair.height() == picture.height() && pair.width() == picture.width()
                            : std::abs(side(picture.width(), pair.height(), picture.height()) - pair.width()) <= 1;
    if (!fits) {
      throw Error(format("{}: is {} x {} pixels and {}, whose {} it is, {} x {}; they must be of one {}",
                         source.pairs[number].string(), pair.width(), pair.height(), source.name,
                         truth ? "true picture" : column.name, picture.width(), picture.height(),
                         truth ? "size" : "shape"));
    }
    if (set_.cut == "none" && (pair.height() != column.size || pair.width() != column.size)) {
      throw Error(format("{0}: is {1} x {2} pixels, and cut = \"none\" takes {3} x {3} alone for {4}",
                         source.pairs[number].string(), pair.width(), pair.height(), column.size, column.name));
    }
    return pair;
  }

  /// Where a box of the picture lies in a larger or smaller one that shows the same.
  static Box same_place(const Box& box, const Image& picture, const Image& other) {
    const auto scaled = [](int value, int to, int from) {
      return static_cast<int>(std::lround(static_cast<double>(value) * to / from));
    };
    const int top = scaled(box.top, other.height(), picture.height()),
              left = scaled(box.left, other.width(), picture.width());
    const int bottom = scaled(box.top + box.height, other.height(), picture.height());
    const int right = scaled(box.left + box.width, other.width(), picture.width());
    return {top, left, std::max(1, bottom - top), std::max(1, right - left)};
  }

  std::vector<std::uint8_t> encoded(const Image& image) const {
    return encode(image, layout_.encoding, static_cast<int>(set_.quality));
  }

  /// Reads the finished shards back, which also proves that they open.
  Manifest manifest(const fs::path& place) const {
    Manifest manifest;
    manifest.name = recipe_.name + "/" + set_.name;
    manifest.layout = layout_;
    manifest.made_from = made_from_;
    for (const std::string split : {"train", "val"}) {
      ColumnDigests digests(layout_.columns.size());
      for (const PlannedShard& planned : plan_) {
        if (planned.split != split) continue;
        const Shard shard(place / shard_name(split, planned.number, planned.shards));
        for (std::size_t column = 0; column < digests.size(); ++column) {
          const std::vector<std::uint64_t>& own = shard.part(column).digests;
          digests[column].insert(digests[column].end(), own.begin(), own.end());
        }
        manifest.splits[split].shards = planned.shards;
      }
      if (digests.front().empty()) continue;
      manifest.splits[split].images = static_cast<std::int64_t>(digests.front().size());
      manifest.splits[split].digest = hex(set_digest(digests));
    }
    return manifest;
  }

  const Recipe& recipe_;
  const SetRecipe& set_;
  SetLayout layout_;
  std::vector<PairedColumn> pairs_;
  fs::path folder_;
  Communicator& communicator_;
  unsigned threads_;
  std::vector<Source> sources_;
  std::vector<PlannedShard> plan_;
  std::string made_from_;
};

}  // namespace

void pack(const Recipe& recipe, const fs::path& out, Communicator& communicator, const PackOptions& options) {
  const unsigned threads = options.threads ? options.threads : static_cast<unsigned>(communicator.host_place().cores());
  for (const SetRecipe& set : recipe.sets) SetPacker(recipe, set, out / set.name, communicator, threads).run();
}

}  // namespace atelier
