#include "sweeps/sweep_spec.h"

#include "framework/core/format.h"
#include "sweeps/sampler.h"

namespace atelier {

Fields SweepSpec::fields() {
  Fields fields;
  fields.text("name", name, "what the sweep is called");
  fields.path("experiment", experiment, "the experiment that all trials start from");
  fields.integer("trials", trials, {0, 10'000'000}, "how many; 0: all of a grid");
  fields.choice("sampler", sampler, sampler_names(), "how parameters are chosen");
  fields.integer("seed", seed, Range::at_least(0), "of the sampler");
  fields.integer("grid_points", grid_points, {1, 1'000'000}, "values that a grid takes of a continuous range");
  fields.texts("minimize", minimize, "measures that should be small, the most important first");
  fields.texts("maximize", maximize, "measures that should be large");
  fields.begin("trial");
  fields.integer("ranks", trial.ranks, {1, 1'000'000}, "ranks that work on one trial together");
  fields.end();
  return fields;
}

SweepSpec SweepSpec::from(const Document& document) {
  SweepSpec spec;
  spec.fields().read(document);
  const auto complain = [&](const char* key, const std::string& message) {
    const Document::Entry* entry = document.find(key);
    return spec_error(entry ? entry->where : Location{document.name(), {}}, message);
  };
  check_folder_name(document, "name", spec.name);
  if (spec.experiment.empty()) throw complain("experiment", "experiment is missing: the spec that all trials start from");
  if (spec.minimize.empty() && spec.maximize.empty()) {
    throw complain("minimize", "nothing says which trial is better; set minimize or maximize, for instance minimize = [\"eval.style\"]");
  }
  if (spec.trials == 0 && spec.sampler != "grid") throw complain("trials", format("trials is missing: the sampler {} has no end", spec.sampler));
  return spec;
}

}  // namespace atelier
