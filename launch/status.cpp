#include "analysis/status.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "experiments/spec.h"
#include "framework/core/stop_signal.h"
#include "launch/verbs.h"

namespace atelier {
namespace {

struct StatusOptions {
  std::vector<std::filesystem::path> folders;
  bool json = false;
  bool watch = false;
  bool all = false;
};

void print_status(const StatusOptions& options) {
  const Comparison comparison = compare(options.folders, known_measures(), Detail::status);
  if (options.watch && isatty(STDOUT_FILENO)) std::cout << "\033[H\033[2J";
  if (options.json) {
    std::cout << status_json(comparison).dump(options.watch ? -1 : 2, ' ', false, Json::error_handler_t::replace)
              << std::endl;
  } else {
    std::cout << (options.all ? status_table(comparison, comparison.trials.size()) : status_table(comparison))
              << std::flush;
  }
}

void run_status(const StatusOptions& options) {
  const StopSignal stop;
  print_status(options);
  while (options.watch && !StopSignal::requested()) {
    sleep(2);  // A signal ends it early.
    if (!StopSignal::requested()) print_status(options);
  }
}

}  // namespace

void add_status(CLI::App& program) {
  const auto options = std::make_shared<StatusOptions>();
  CLI::App* verb = program.add_subcommand("status", "Says where runs and sweeps stand, and why a trial failed");
  verb->add_option("PATH", options->folders, "Sweep and run folders")->required();
  verb->add_flag("--watch", options->watch, "Again every two seconds, until Ctrl-C");
  verb->add_flag("--all", options->all, "Every trial, also of thousands");
  verb->add_flag("--json", options->json, "For programs: name, counts, best, trials");
  verb->footer("Example:\n  atelier status out/loss-weights\n  atelier status out/loss-weights --json | jq .counts");
  verb->callback([options] { run_status(*options); });
}

}  // namespace atelier
