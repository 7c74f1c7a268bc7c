#include <map>
#include <memory>

#include "experiments/run_photo_to_anime.h"
#include "launch/experiment_programs.h"

namespace atelier {
namespace {

/// Opened data sets by what names them: the trials of a sweep share one.
class OpenData {
 public:
  const PhotoToAnimeData& of(const ExperimentSpec& spec) {
    const DataSpec& data = spec.photo_to_anime.data;
    const std::string key = data.photos.string() + "\n" + data.anime.string();
    auto found = sets_.find(key);
    if (found == sets_.end()) found = sets_.emplace(key, PhotoToAnimeData::open(data)).first;
    found->second.check(data, spec.photo_to_anime.loss);
    return found->second;
  }

 private:
  std::map<std::string, PhotoToAnimeData> sets_;
};

}  // namespace

ExperimentPrograms engine_programs() {
  const auto data = std::make_shared<OpenData>();
  return {
      .check = [data](const ExperimentSpec& spec,
                      const Communicator& ranks) { check_photo_to_anime(spec.photo_to_anime, data->of(spec), ranks); },
      .run =
          [data](const ExperimentSpec& spec, const RunFolder& folder, const RunContext& context, Communicator& ranks) {
            share_processors(ranks);
            return run_photo_to_anime(spec, data->of(spec), folder, context, ranks);
          },
      .data_digest = [data](const ExperimentSpec& spec) { return data->of(spec).digest(); }};
}

}  // namespace atelier
