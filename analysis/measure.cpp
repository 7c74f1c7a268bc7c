#include "analysis/measure.h"

#include <utility>

namespace atelier {
namespace {

struct Known {
  std::string_view metric;
  Better better;
  std::string_view read_as;
};

/// docs/files.md says the same at more length.
constexpr Known known_measures[] = {
    {"eval.content", Better::lower, "features of photo and output; 0 is the photograph itself"},
    {"eval.style", Better::lower, "textures of output and anime; 0 is the film's"},
    {"eval.kid", Better::lower, "outputs against anime; scatters around 0 where they are alike"},
    {"eval.fid", Better::lower, "outputs against anime; too high for few images"},
    {"eval.truth", Better::lower, "pixels of output and true picture; 0 is the true picture"},
    {"eval.ssim", Better::higher, "structure of photo and output; 1 is the photograph's"},
    {"eval.identity", Better::neither, "pixels of photo and output; near 0 the photo is unchanged"},
    {"eval.kid_photo", Better::neither, "outputs against photos; near 0 they still are photographs"},
    {"eval.fid_photo", Better::neither, "outputs against photos; near 0 they still are photographs"},
    {"health.discriminator_lead", Better::neither, "patches told apart; 0.5 is guessing, near 1 it has won"},
    {"health.output_change", Better::neither, "pixels of photo and output; near 0 the photo is unchanged"},
    {"health.output_spread", Better::neither, "spread of outputs over that of photos; near 0 all are alike"},
    {"health.generator_gradient", Better::neither, "norm of the gradient; jumps are a training about to diverge"},
    {"health.discriminator_gradient", Better::neither, "norm of the gradient; jumps are a training about to diverge"},
    {"memory.peak_mb", Better::lower, "largest memory of rank 0 so far, in 1e6 bytes"},
    {"speed.images_per_second", Better::higher, "photos of all ranks, evaluations and samples not counted"},
    {"speed.step_seconds", Better::lower, "mean of a step"},
};

constexpr std::pair<std::string_view, std::string_view> group_of_prefix[] = {
    {"generator.", "losses"}, {"discriminator.", "losses"}, {"eval.", "evaluation"}, {"health.", "health"},
    {"lr.", "rates"},         {"speed.", "machine"},        {"memory.", "machine"},
};

}  // namespace

const std::vector<MeasureGroup>& measure_groups() {
  static const std::vector<MeasureGroup> groups{
      {"losses", "Losses"}, {"evaluation", "Evaluation"}, {"other", "Measures"},
      {"health", "Health"}, {"rates", "Learning rates"},  {"machine", "Speed and memory"},
  };
  return groups;
}

Measure measure(std::string_view metric) {
  Measure result{"other", Better::unknown, ""};
  for (const auto& [prefix, group] : group_of_prefix) {
    if (metric.starts_with(prefix)) result.group = group;
  }
  for (const Known& known : known_measures) {
    if (known.metric != metric) continue;
    result.better = known.better;
    result.read_as = known.read_as;
  }
  return result;
}

std::string_view in_words(Better better) {
  switch (better) {
    case Better::lower:
      return "lower is better";
    case Better::higher:
      return "higher is better";
    case Better::neither:
      return "neither is better";
    case Better::unknown:
      break;
  }
  return "";
}

}  // namespace atelier
