#include "datasets/pack.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "launch/verbs.h"

namespace atelier {
namespace {

struct PackArguments {
  std::filesystem::path recipe, out;
  unsigned threads = 0;
};

void run_pack(const PackArguments& arguments) {
  const StopSignal stop;
  const auto communicator = make_world_communicator();
  set_log_rank(communicator->rank());
  const Recipe recipe = Recipe::from(Document::from_file(arguments.recipe));
  const std::filesystem::path out = arguments.out.empty() ? std::filesystem::path("data") / recipe.name : arguments.out;
  pack(recipe, out, *communicator, {.threads = arguments.threads});
}

}  // namespace

void add_pack(CLI::App& program) {
  const auto arguments = std::make_shared<PackArguments>();
  CLI::App* verb = program.add_subcommand("pack", "Makes packed data sets from folders of pictures");
  verb->add_option("RECIPE.toml", arguments->recipe, "What to pack, and how")->required();
  verb->add_option("--out", arguments->out, "Where to: a folder with one folder a data set (default: data/NAME)");
  verb->add_option("--threads", arguments->threads, "Of each rank (default: all cores)");
  verb->footer(
      "Packing again does nothing while the recipe and the pictures are the same.\n"
      "Example:\n  atelier pack datasets/starter.toml\n  mpirun -n 4 atelier pack datasets/starter.toml --out "
      "data/starter");
  verb->callback([arguments] { run_pack(*arguments); });
}

}  // namespace atelier
