// atelier: everything that needs no libtorch, in milliseconds; the rest is handed over to atelier-engine.
#include "launch/program.h"
#include "launch/verbs.h"

int main(int argc, char** argv) {
  return atelier::run_program(argc, argv, [](CLI::App& program) {
    atelier::add_pack(program);
    atelier::add_inspect(program);
    atelier::add_verify(program);
    atelier::add_train(program, {});
    atelier::add_sweep(program, {});
    atelier::add_status(program);
    atelier::add_report(program);
    atelier::add_plan(program);
  });
}
