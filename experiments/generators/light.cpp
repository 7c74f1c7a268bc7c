#include "experiments/generators/two_stage.h"

namespace atelier {

/// Light as Chen et al.'s AnimeGANv2 (2020) is: full convolutions where the size changes, inverted residuals between.
NetworkGraph light_generator(const GeneratorSpec& spec) {
  return two_stage_generator(spec, &GeneratorBlocks::inverted_residual_block);
}

}  // namespace atelier
