#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "experiments/discriminators/discriminator_spec.h"
#include "experiments/features/layout.h"
#include "experiments/generators/generator_spec.h"
#include "experiments/losses/loss_spec.h"
#include "experiments/spec.h"
#include "framework/core/format.h"
#include "launch/verbs.h"
#include "sweeps/pruner.h"
#include "sweeps/sampler.h"

namespace atelier {
namespace {

struct PlanArguments {
  std::filesystem::path spec;
  std::vector<std::string> set;
  bool show = false, list = false;
};

void list_name(std::string_view name, std::string_view summary) { std::cout << format("  {:<17} {}\n", name, summary); }

template <class Entry>
void list_names(const char* title, const Catalog<Entry>& catalog) {
  std::cout << title << "\n";
  for (const Entry& entry : catalog.entries()) list_name(entry.name, entry.summary);
}

/// The keys with named values that no catalog describes.
void list_other_choices() {
  ExperimentSpec spec;
  const Fields fields = spec.fields();
  std::cout << "other keys with named values\n";
  for (const Field& field : fields.all()) {
    const bool listed = field.key == "kind" || field.key == "generator.kind" || field.key == "generator.activation" ||
                        field.key.ends_with(".norm") || field.key == "discriminator.kind" ||
                        field.key == "loss.adversarial.kind" || field.key == "features.network";
    if (field.allowed.empty() || listed) continue;
    std::string names;
    for (const std::string_view name : field.allowed) names += (names.empty() ? "" : ", ") + std::string(name);
    std::cout << format("  {:<31} {}\n", field.key, names);
  }
}

void list_everything() {
  list_names("kind", known_kinds());
  list_names("generator.kind", generators());
  list_names("generator.activation", activations());
  list_names("generator.norm, discriminator.norm", norms());
  list_names("discriminator.kind", discriminators());
  list_names("loss.adversarial.kind", adversarial_kinds());
  list_names("features.network", feature_networks());
  list_other_choices();
  list_names("sampler", samplers());
  list_names("prune.kind", Catalog<PrunerEntry>("pruner", pruners(pruner_presets())));
}

void run_plan(const PlanArguments& arguments) {
  if (arguments.list) return list_everything();
  ExperimentSpec spec;
  if (!arguments.spec.empty()) {
    Document document = Document::from_file(arguments.spec);
    for (const std::string& assignment : arguments.set) document.set(assignment);
    spec = ExperimentSpec::from(document);
  } else if (!arguments.show) {
    throw UsageError("name an experiment's spec, or ask for --show or --list; see atelier plan --help");
  }
  if (arguments.show) {
    std::cout << spec.fields().to_toml({.help = true});
    return;
  }
  const std::string costs = spec.own->costs();
  std::cout << (costs.empty() ? format("kind = \"{}\" has no networks; --show shows all keys\n", spec.kind) : costs);
}

}  // namespace

void add_plan(CLI::App& program) {
  const auto arguments = std::make_shared<PlanArguments>();
  CLI::App* verb = program.add_subcommand("plan", "Checks a spec and counts what its networks and its steps take");
  verb->add_option("SPEC.toml", arguments->spec, "An experiment");
  verb->add_option("--set", arguments->set, "Changes one key; may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  verb->add_flag("--show", arguments->show, "All keys with their values and what each means; without a spec, defaults");
  verb->add_flag("--list", arguments->list, "All architectures, losses, choices, samplers and pruners by name");
  verb->footer("Example:\n  atelier plan experiments/quick.toml --set generator.width=32\n  atelier plan --show");
  verb->callback([arguments] { run_plan(*arguments); });
}

}  // namespace atelier
