#include "datasets/pack.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

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

unsigned threads_of_this_rank(Communicator& communicator) {
  char host[65] = "host";
  gethostname(host, sizeof host - 1);
  const auto hosts = communicator.gather(host);
  const auto here = static_cast<unsigned>(std::count(hosts.begin(), hosts.end(), std::string(host)));
  return std::max(1u, std::thread::hardware_concurrency() / std::max(1u, here));
}

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
      : recipe_(recipe), set_(set), folder_(std::move(folder)), communicator_(communicator), threads_(threads) {}

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
      write_file(place / Manifest::file_name, manifest(place).to_toml());
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

  ShardLayout layout(const PlannedShard& shard) const {
    const int size = static_cast<int>(set_.size);
    return {shard.split,
            encoding_named(set_.encoding),
            shard.number,
            shard.shards,
            shard.images,
            size,
            size,
            set_.smooth,
            !set_.truth.empty()};
  }

  void write_shard(const fs::path& place, const PlannedShard& shard, Progress& progress) {
    ShardWriter writer(place / shard_name(shard.split, shard.number, shard.shards), layout(shard));
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
    const Image truth = source.truth.empty() ? Image() : read_truth(source, picture);
    const auto boxes =
        cut_boxes(set_, picture.height(), picture.width(), static_cast<std::uint64_t>(recipe_.seed), source.name);
    const int size = static_cast<int>(set_.size);
    for (std::int64_t i = 0; i < portion.boxes; ++i) {
      const Box& box = boxes[portion.first_box + i];
      const Image image = resize(picture.cut(box), size, size);
      ShardWriter::Entry entry;
      entry.bytes = encoded(image);
      if (set_.smooth) entry.smoothed = encoded(smooth_edges(image));
      if (!truth.empty()) entry.truth = encoded(resize(truth.cut(box), size, size));
      entry.source = format("{}#xywh={},{},{},{}", source.name, box.left, box.top, box.width, box.height);
      writer.put(portion.first_image + i, std::move(entry));
    }
  }

  static Image read_truth(const Source& source, const Image& picture) {
    Image truth = read_image(source.truth);
    if (truth.height() != picture.height() || truth.width() != picture.width()) {
      throw Error(format("{}: is {} x {} pixels and {}, whose true picture it is, {} x {}; they must be of one size",
                         source.truth.string(), truth.width(), truth.height(), source.name, picture.width(),
                         picture.height()));
    }
    return truth;
  }

  std::vector<std::uint8_t> encoded(const Image& image) const {
    return encode(image, encoding_named(set_.encoding), static_cast<int>(set_.quality));
  }

  /// Reads the finished shards back, which also proves that they open.
  Manifest manifest(const fs::path& place) const {
    Manifest manifest;
    manifest.name = recipe_.name + "/" + set_.name;
    manifest.height = manifest.width = set_.size;
    manifest.encoding = set_.encoding;
    manifest.smoothed = set_.smooth;
    manifest.truth = !set_.truth.empty();
    manifest.made_from = made_from_;
    manifest.recipe = recipe_.to_toml(set_);
    for (const std::string split : {"train", "val"}) {
      PictureDigests digests;
      for (const PlannedShard& planned : plan_) {
        if (planned.split != split) continue;
        const Shard shard(place / shard_name(split, planned.number, planned.shards));
        for (const Picture picture : all_pictures) {
          const std::vector<std::uint64_t>& own = shard.part(picture).digests;
          digests[picture].insert(digests[picture].end(), own.begin(), own.end());
        }
        manifest.splits[split].shards = planned.shards;
      }
      if (digests[Picture::plain].empty()) continue;
      manifest.splits[split].images = static_cast<std::int64_t>(digests[Picture::plain].size());
      manifest.splits[split].digest = hex(set_digest(digests));
    }
    return manifest;
  }

  const Recipe& recipe_;
  const SetRecipe& set_;
  fs::path folder_;
  Communicator& communicator_;
  unsigned threads_;
  std::vector<Source> sources_;
  std::vector<PlannedShard> plan_;
  std::string made_from_;
};

}  // namespace

void pack(const Recipe& recipe, const fs::path& out, Communicator& communicator, const PackOptions& options) {
  const unsigned shared = threads_of_this_rank(communicator);
  const unsigned threads = options.threads ? options.threads : shared;
  for (const SetRecipe& set : recipe.sets) SetPacker(recipe, set, out / set.name, communicator, threads).run();
}

}  // namespace atelier
