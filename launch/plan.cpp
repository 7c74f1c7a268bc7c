#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "experiments/catalog.h"
#include "experiments/features/layout.h"
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

void list_names(const char* title, const std::vector<std::string_view>& names,
                std::string_view (*summary)(std::string_view)) {
  std::cout << title << "\n";
  for (const std::string_view name : names) std::cout << format("  {:<17} {}\n", name, summary(name));
}

/// The keys with named values that no catalog describes.
void list_other_choices() {
  ExperimentSpec spec;
  const Fields fields = spec.fields();
  std::cout << "other keys with named values\n";
  for (const Field& field : fields.all()) {
    const bool listed = field.key == "generator.kind" || field.key == "generator.activation" ||
                        field.key.ends_with(".norm") || field.key == "discriminator.kind" ||
                        field.key == "loss.adversarial.kind" || field.key == "features.network";
    if (field.allowed.empty() || listed) continue;
    std::string names;
    for (const std::string_view name : field.allowed) names += (names.empty() ? "" : ", ") + std::string(name);
    std::cout << format("  {:<31} {}\n", field.key, names);
  }
}

void run_plan(const PlanArguments& arguments) {
  if (arguments.list) {
    list_names("generator.kind", generator_names(), generator_summary);
    list_names("generator.activation", activation_names(), activation_summary);
    list_names("generator.norm, discriminator.norm", norm_names(), norm_summary);
    list_names("discriminator.kind", discriminator_names(), discriminator_summary);
    list_names("loss.adversarial.kind", adversarial_names(), adversarial_summary);
    list_names("features.network", network_names(), network_summary);
    list_other_choices();
    list_names("sampler", sampler_names(), sampler_summary);
    list_names("prune.kind", pruner_names(), pruner_summary);
    return;
  }
  ExperimentSpec spec;
  if (!arguments.spec.empty()) {
    Document document = Document::from_file(arguments.spec);
    for (const std::string& assignment : arguments.set) document.set(assignment);
    spec = ExperimentSpec::from(document);
  } else if (!arguments.show) {
    throw UsageError("name an experiment's spec, or ask for --show or --list; see atelier plan --help");
  }
  std::cout << spec.fields().to_toml({.help = true});
}

}  // namespace

void add_plan(CLI::App& program) {
  const auto arguments = std::make_shared<PlanArguments>();
  CLI::App* verb = program.add_subcommand("plan", "Checks a spec and shows all its keys, with what each means");
  verb->add_option("SPEC.toml", arguments->spec, "An experiment");
  verb->add_option("--set", arguments->set, "Changes one key; may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  verb->add_flag("--show", arguments->show, "All keys with their defaults");
  verb->add_flag("--list", arguments->list, "All architectures, losses, choices, samplers and pruners by name");
  verb->footer("Example:\n  atelier plan experiments/quick.toml --set generator.width=32\n  atelier plan --show");
  verb->callback([arguments] { run_plan(*arguments); });
}

}  // namespace atelier
