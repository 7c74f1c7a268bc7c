// atelier-engine with one more kind of experiment: what a kind adds to the two tables, and nothing else.
#include "launch/program.h"
#include "launch/verbs.h"
#include "tests/experiments/pair_translation/spec.h"
#include "tests/experiments/pair_translation/training.h"

int main(int argc, char** argv) {
  using namespace atelier;
  std::vector<Kind> kinds(known_kinds().entries().begin(), known_kinds().entries().end());
  kinds.push_back({"pair-translation", "pictures become their targets", make_kind_spec<PairTranslationSpec>, nullptr});
  std::vector<TrainingKind> trainings = known_training_kinds();
  trainings.push_back({"pair-translation", open_pair_translation});
  return run_program(argc, argv, [&](CLI::App& program) {
    const Experiments experiments{.kinds = Kinds(known_kinds().sort(), kinds), .train = train_with(trainings)};
    add_train(program, experiments);
    add_sweep(program, experiments);
  });
}
