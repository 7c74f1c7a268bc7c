// atelier-engine: the verbs that need libtorch. `atelier` starts it; users do not.
#include "launch/program.h"
#include "launch/verbs.h"

int main(int argc, char** argv) {
  return atelier::run_program(argc, argv, [](CLI::App& program) {
    const atelier::ExperimentPrograms programs = atelier::engine_programs();
    atelier::add_train(program, programs);
    atelier::add_sweep(program, programs);
  });
}
