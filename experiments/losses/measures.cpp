#include "experiments/losses/measures.h"

namespace atelier {

std::vector<Measure> loss_measures() {
  std::vector<Measure> measures;
  for (const char* name :
       {"generator.adversarial", "generator.content", "generator.style", "discriminator.total", "generator.total"}) {
    measures.push_back({.name = name, .shown_first = true});
  }
  for (const char* name : {"generator.*", "discriminator.*"}) measures.push_back({.name = name});
  for (Measure& measure : measures) {
    measure.group = "losses";
    measure.weight = "loss.*.weight";
  }
  return measures;
}

}  // namespace atelier
