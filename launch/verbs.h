#pragma once

#include "experiments/kind.h"

namespace CLI {
class App;
}

namespace atelier {

// The verbs, one file each. Each adds its subcommand, whose callback does the work and throws `Error`.

void add_pack(CLI::App& program);
void add_inspect(CLI::App& program);
void add_verify(CLI::App& program);
void add_status(CLI::App& program);
void add_report(CLI::App& program);
void add_plan(CLI::App& program);

// These hand over to `atelier-engine` for what `experiments` cannot run, after checking what was asked for.
void add_train(CLI::App& program, const Experiments& experiments);
void add_sweep(CLI::App& program, const Experiments& experiments);

}  // namespace atelier
