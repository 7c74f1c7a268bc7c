#include "experiments/health/measures.h"

namespace atelier {

std::vector<Measure> health_measures(const HealthSpec& spec) {
  std::vector<Measure> measures{
      {.name = "health.discriminator_lead",
       .read_as = "patches told apart; 0.5 is guessing, near 1 it has won",
       .marks = {{0.5, "guessing"}},
       .failure_modes = {{.name = "won",
                          .above = true,
                          .limit = spec.lead,
                          .setting = "health.lead",
                          .reason = "the discriminator has won: it told more than {} of the patches apart",
                          .of_most = "the discriminator has won in the end: it tells nearly all patches apart, and the "
                                     "adversarial loss teaches the generator little"},
                         {.name = "lost",
                          .limit = 1 - spec.lead,
                          .setting = "health.lead",
                          .complement = true,
                          .reason = "the discriminator has lost: it told less than {} of the patches apart"}}},
      {.name = "health.output_change",
       .read_as = "pixels of photo and output; near 0 the photo is unchanged",
       .failure_modes = {{.name = "unchanged",
                          .limit = spec.change,
                          .setting = "health.change",
                          .reason = "the output is its input: their pixels differed by less than {}"}}},
      {.name = "health.output_spread",
       .read_as = "spread of outputs over that of photos; near 0 all are alike",
       .failure_modes = {{.name = "collapsed",
                          .limit = spec.spread,
                          .setting = "health.spread",
                          .reason = "the output ignores its input: outputs differed by less than {} of what their "
                                    "photos do"}}},
      {.name = "health.generator_gradient",
       .read_as = "norm of the gradient; jumps are a training about to diverge",
       .logarithmic = true},
      {.name = "health.discriminator_gradient",
       .read_as = "norm of the gradient; jumps are a training about to diverge",
       .logarithmic = true},
  };
  for (Measure& measure : measures) measure.better = Better::neither;
  measures.push_back({.name = "health.*"});
  for (Measure& measure : measures) measure.group = "health";
  return measures;
}

}  // namespace atelier
