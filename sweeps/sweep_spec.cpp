#include "sweeps/sweep_spec.h"

#include "framework/core/duration.h"
#include "framework/core/format.h"
#include "sweeps/objectives.h"
#include "sweeps/pruner.h"
#include "sweeps/sampler.h"

namespace atelier {

Fields SweepSpec::fields() {
  Fields fields;
  fields.text("name", name, "what the sweep is called");
  fields.path("experiment", experiment, "the experiment that all trials start from");
  fields.texts("command", command, "or a program and its arguments, with {placeholders}");
  fields.integer("trials", trials, {0, 10'000'000}, "how many; 0: all of a grid");
  fields.choice("sampler", sampler, sampler_names(), "how parameters are chosen");
  fields.integer("seed", seed, Range::at_least(0), "of the sampler");
  fields.integer("grid_points", grid_points, {1, 1'000'000}, "values that a grid takes of a continuous range");
  fields.integer("population", population, {0, 100'000}, "of cma-es, nsga2 and pbt; 0: their own choice");
  fields.texts("minimize", minimize, "measures that should be small, the most important first");
  fields.texts("maximize", maximize, "measures that should be large");
  fields.texts("constraints", constraints, "what must hold, for instance \"eval.ssim >= 0.4\"");
  fields.begin("objective");
  fields.choice("value", objective.value, {"last", "best", "mean"}, "which of a trial's records counts");
  fields.integer("last", objective.last, {1, 1'000'000}, "records that \"mean\" is taken over");
  fields.end();
  fields.begin("prune");
  fields.choices("kind", prune.kind, pruner_names(), "what ends trials early; empty: nothing");
  fields.choice("resource", prune.resource, {"step", "epoch", "time"},
                "what min and max count in the records; time in seconds");
  fields.real("min", prune.min, Range::at_least(0), "before which no trial ends");
  fields.real("max", prune.max, Range::at_least(0), "of a complete trial; 0: not known");
  fields.integer("factor", prune.factor, {2, 1000}, "one in so many goes on (asha, hyperband)");
  fields.integer("startup", prune.startup, {1, 1'000'000}, "trials that came as far before any is ended (median)");
  fields.integer("patience", prune.patience, {1, 1'000'000}, "records without a better one, or sick ones in a row");
  fields.real("limit", prune.limit, {},
              "what a measure must not pass (divergence, collapse, discriminator-won); 0: the pruner's own");
  fields.end();
  fields.begin("trial");
  fields.integer("ranks", trial.ranks, {1, 1'000'000}, "ranks that work on one trial together");
  fields.integer("seeds", trial.seeds, {1, 10'000}, "runs of each setting, with different seeds");
  fields.integer("retries", trial.retries, {0, 1000}, "how often a trial that failed is run again");
  fields.text("timeout", trial.timeout, "after which a trial fails, for instance \"6h\"");
  fields.text("grace", trial.grace, "what a command gets to end by itself before it is killed");
  fields.end();
  return fields;
}

double SweepSpec::timeout_seconds() const {
  return trial.timeout.empty() ? 0 : parse_duration(trial.timeout).value_or(0);
}
double SweepSpec::grace_seconds() const { return parse_duration(trial.grace).value_or(10); }

SweepSpec SweepSpec::from(const Document& document) {
  SweepSpec spec;
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
        "nothing says which trial is better; set minimize or maximize, for instance minimize = [\"eval.style\"]");
  }
  if (spec.trials == 0 && spec.sampler != "grid")
    throw complain("trials", format("trials is missing: the sampler {} has no end", spec.sampler));
  for (const auto& [key, text] :
       {std::pair("trial.timeout", &spec.trial.timeout), std::pair("trial.grace", &spec.trial.grace)}) {
    if (!text->empty() && !parse_duration(*text)) {
      throw complain(key,
                     format("{} = \"{}\": expected a duration, for instance \"90s\", \"15m\", \"6h\"", key, *text));
    }
  }
  for (const std::string& text : spec.constraints) {
    if (!Constraint::parse(text)) {
      throw complain("constraints",
                     format("constraints: \"{}\": expected MEASURE >= NUMBER or MEASURE <= NUMBER", text));
    }
  }
  if (spec.prune.max > 0 && spec.prune.max <= spec.prune.min)
    throw complain("prune.max", format("prune.max = {} is not above prune.min = {}", spec.prune.max, spec.prune.min));
  if (spec.population > 0 && spec.population < 2) throw complain("population", "population = 1: expected at least 2");
  return spec;
}

}  // namespace atelier
