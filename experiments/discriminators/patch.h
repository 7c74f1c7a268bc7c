#pragma once

#include <string>

#include "experiments/discriminators/discriminator_spec.h"

namespace atelier {

/// The baseline's discriminator, after AnimeGAN: seven 3x3 convolutions, two of stride 2, a field of 37 pixels. Each
/// depth above 2 adds two convolutions at a quarter of the size, and so 16 pixels to the field. `block`: what the names
/// of its layers begin with, empty or ending in a dot. Returns the logits.
NetworkGraph::Node add_patch_discriminator(NetworkGraph& graph, NetworkGraph::Node picture, const std::string& block,
                                           const DiscriminatorSpec& spec);

}  // namespace atelier
