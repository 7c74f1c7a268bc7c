// atelier-engine: the verbs that need libtorch. `atelier` starts it; users do not.
#include "experiments/training_kind.h"
#include "launch/program.h"
#include "launch/verbs.h"

int main(int argc, char** argv) {
  return atelier::run_program(argc, argv, [](CLI::App& program) {
    const atelier::Experiments experiments{.train = atelier::train_with(atelier::known_training_kinds())};
    atelier::add_train(program, experiments);
    atelier::add_sweep(program, experiments);
  });
}
