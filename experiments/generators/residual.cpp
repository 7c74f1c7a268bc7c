#include "experiments/generators/two_stage.h"

namespace atelier {

/// The baseline.
NetworkGraph residual_generator(const GeneratorSpec& spec) {
  return two_stage_generator(spec, &GeneratorBlocks::residual_block);
}

}  // namespace atelier
