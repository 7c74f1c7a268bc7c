#include "experiments/generators/blocks.h"

namespace atelier {

/// Three strided stages, residual blocks at an eighth of the size, three growing stages; what went into a strided stage
/// joins the growing one of its size, so that edges need not pass through the bottom. Channels: w, 2w, 4w, 4w.
///
/// Source: Ronneberger et al., "U-Net: Convolutional networks for biomedical image segmentation", MICCAI 2015.
NetworkGraph unet_generator(const GeneratorSpec& spec) {
  GeneratorBlocks blocks(spec);
  const std::int64_t w = spec.width;
  const NetworkGraph::Node whole = blocks.stem(), half = blocks.strided_stage(whole, "down1", 2 * w),
                           quarter = blocks.strided_stage(half, "down2", 4 * w);
  NetworkGraph::Node x = blocks.strided_stage(quarter, "down3", 4 * w);
  for (std::int64_t i = 1; i <= spec.blocks; ++i) x = blocks.residual_block(x, "block" + std::to_string(i));
  x = blocks.growing_stage(x, "up1", 4 * w, quarter);
  x = blocks.growing_stage(x, "up2", 2 * w, half);
  x = blocks.growing_stage(x, "up3", w, whole);
  return blocks.head(x);
}

}  // namespace atelier
