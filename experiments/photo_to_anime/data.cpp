#include "experiments/photo_to_anime/data.h"

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/storage/digest.h"

namespace atelier {

PhotoToAnimeData PhotoToAnimeData::open(const DataSpec& spec) {
  return {ImageSet::open(spec.photos, "train"), ImageSet::open(spec.photos, "val"), ImageSet::open(spec.anime, "train"),
          ImageSet::open(spec.anime, "val")};
}

void PhotoToAnimeData::check(const DataSpec& spec, const LossSpec& loss) const {
  for (const ImageSet* set : {&photos, &photos_val, &anime, &anime_val}) {
    if (spec.crop <= set->height() && spec.crop <= set->width()) continue;
    const bool of_photos = set == &photos || set == &photos_val;
    throw UsageError(format("data.crop = {} is larger than the images of {}, which are {}x{}; lower it to {}",
                            spec.crop, (of_photos ? spec.photos : spec.anime).string(), set->width(), set->height(),
                            std::min(set->width(), set->height()) / 8 * 8));
  }
  const std::string_view term = term_that_needs_smoothed(loss);
  if (!term.empty() && !anime.has(smoothed_column)) {
    throw UsageError(format("{} has no smoothed copies, which loss.{} needs; pack it with smooth = true",
                            spec.anime.string(), term));
  }
}

std::string PhotoToAnimeData::digest() const {
  std::string all;
  for (const ImageSet* set : {&photos, &photos_val, &anime, &anime_val}) all += hex(set->digest());
  return hex(atelier::digest(all));
}

}  // namespace atelier
