#pragma once

#include "experiments/generators/blocks.h"

namespace atelier {

/// A stem, two strided stages, `spec.blocks` blocks at a quarter of the size, two growing stages, the head; channels
/// w, 2w, 4w, 2w, w. `block` keeps its input's shape.
///
/// After Johnson et al., "Perceptual losses for real-time style transfer and super-resolution", ECCV 2016.
inline NetworkGraph two_stage_generator(const GeneratorSpec& spec,
                                        NetworkGraph::Node (GeneratorBlocks::*block)(NetworkGraph::Node,
                                                                                     const std::string&)) {
  GeneratorBlocks blocks(spec);
  const std::int64_t w = spec.width;
  NetworkGraph::Node x = blocks.strided_stage(blocks.stem(), "down1", 2 * w);
  x = blocks.strided_stage(x, "down2", 4 * w);
  for (std::int64_t i = 1; i <= spec.blocks; ++i) x = (blocks.*block)(x, "block" + std::to_string(i));
  x = blocks.growing_stage(x, "up1", 2 * w);
  x = blocks.growing_stage(x, "up2", w);
  return blocks.head(x);
}

}  // namespace atelier
