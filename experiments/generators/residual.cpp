#include "experiments/generators/two_stage.h"

namespace atelier {

/// The baseline.
std::shared_ptr<Generator> make_residual_generator(const GeneratorSpec& spec, const NetworkContext& context) {
  return std::make_shared<TwoStageGenerator<ResidualBlock>>(spec, context);
}

}  // namespace atelier
