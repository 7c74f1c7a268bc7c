#include "sweeps/sweep_spec.h"

#include "framework/core/duration.h"
#include "framework/core/format.h"
#include "sweeps/objectives.h"

namespace atelier {

SweepSpec::SweepSpec(std::span<const PrunerPreset> presets)
    : samplers("sampler", {atelier::samplers().entries().begin(), atelier::samplers().entries().end()}),
      prune{.kind = {}, .pruners = OptionsByName<PrunerEntry>("pruner", pruners(presets))} {}

Fields SweepSpec::fields() {
  constexpr Role free = Role::bookkeeping;  // changes no trial that has ended
  Fields fields;
  fields.text("name", name, "what the sweep is called").role = free;
  fields.path("experiment", experiment, "the experiment that all trials start from");
  fields.texts("command", command, "or a program and its arguments, with {placeholders}");
  fields.integer("trials", trials, {0, 10'000'000}, "how many; 0: all of a grid").role = Role::length;
  fields.choice("sampler", sampler, samplers.catalog().names(), "how parameters are chosen").role = free;
  fields.integer("seed", seed, Range::at_least(0), "of the sampler").role = free;
  samplers.describe(fields, free);
  fields.texts("minimize", minimize, "measures that should be small, the most important first");
  fields.texts("maximize", maximize, "measures that should be large");
  fields.texts("constraints", constraints, "what must hold, for instance \"eval.ssim >= 0.4\"");
  fields.begin("objective");
  fields.choice("value", objective.value, {"last", "best", "mean"}, "which of a trial's records counts");
  fields.integer("last", objective.last, {1, 1'000'000}, "records that \"mean\" is taken over");
  fields.end();
  fields.begin("prune");
  fields.choices("kind", prune.kind, prune.pruners.catalog().names(), "what ends trials early; empty: nothing").role =
      free;
  fields
      .choice("resource", prune.resource, {resource_words.begin(), resource_words.end()},
              "what min and max count in the records; time in seconds")
      .role = free;
  prune.pruners.describe(fields, free);
  fields.end();
  fields.begin("trial");
  fields.integer("ranks", trial.ranks, {1, 1'000'000}, "ranks that work on one trial together").role = free;
  fields.integer("seeds", trial.seeds, {1, 10'000}, "runs of each setting, with different seeds");
  fields.integer("retries", trial.retries, {0, 1000}, "how often a trial that failed is run again").role = free;
  fields.text("timeout", trial.timeout, "after which a trial fails, for instance \"6h\"").role = free;
  fields.text("grace", trial.grace, "what a command gets to end by itself before it is killed").role = free;
  fields.end();
  return fields;
}

double SweepSpec::timeout_seconds() const {
  return trial.timeout.empty() ? 0 : parse_duration(trial.timeout).value_or(0);
}
double SweepSpec::grace_seconds() const { return parse_duration(trial.grace).value_or(10); }

std::unique_ptr<Sampler> SweepSpec::make_sampler(const SearchSpace& space) const {
  return samplers.at(sampler).make(
      space,
      {.seed = seed, .trials = trials, .objectives = static_cast<std::int64_t>(minimize.size() + maximize.size())});
}

std::unique_ptr<Pruner> SweepSpec::make_pruner() const { return make_pruners(prune.kind, prune.pruners); }

SweepSpec SweepSpec::from(const Document& document, std::span<const PrunerPreset> presets) {
  SweepSpec spec(presets);
  spec.fields().read(document);
  const auto complain = [&](const char* key, const std::string& message) {
    const Document::Entry* entry = document.find(key);
    return spec_error(entry ? entry->where : Location{document.name(), {}}, message);
  };
  check_folder_name(document, "name", spec.name);
  if (spec.experiment.empty() && spec.command.empty()) {
    throw complain("experiment",
                   "experiment is missing: the spec that all trials start from (or command, a program of your own)");
  }
  if (!spec.experiment.empty() && !spec.command.empty())
    throw complain("command", "experiment and command exclude each other; give one");
  if (spec.minimize.empty() && spec.maximize.empty()) {
    throw complain(
        "minimize",
        "nothing says which trial is better; set minimize or maximize, for instance minimize = [\"eval.fid\"]");
  }
  if (spec.trials == 0 && !spec.samplers.at(spec.sampler).has_end())
    throw complain("trials", format("trials is missing: the sampler {} has no end", spec.sampler));
  for (const auto& [key, text] :
       {std::pair("trial.timeout", &spec.trial.timeout), std::pair("trial.grace", &spec.trial.grace)}) {
    if (!text->empty() && !parse_duration(*text)) {
      throw complain(key,
                     format("{} = \"{}\": expected a duration, for instance \"90s\", \"15m\", \"6h\"", key, *text));
    }
  }
  for (const std::string& text : spec.constraints) {
    if (!Constraint::from(text)) {
      throw complain("constraints",
                     format("constraints: \"{}\": expected MEASURE, one of >=, <=, > and <, and a number", text));
    }
  }
  return spec;
}

}  // namespace atelier
