#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "experiments/networks/network_graph.h"
#include "framework/config/catalog.h"
#include "framework/config/fields.h"

namespace atelier {

/// The network that tells anime from generated pictures: the table `[discriminator]` of a spec.
struct DiscriminatorSpec {
  std::string kind = "patch";
  std::int64_t width = 32;
  std::string norm = "layer";
  std::int64_t depth = 2;   ///< 2, 3 or 4; each judges larger patches.
  bool spectral = false;    ///< Weights divided by their largest singular value.
  std::int64_t scales = 2;  ///< Of "multi-scale": how many discriminators, each at half the size of the one before.
};

void describe(Fields& fields, DiscriminatorSpec& spec);

struct DiscriminatorEntry {
  std::string_view name, summary;
  NetworkGraph (*graph)(const DiscriminatorSpec& spec);
};
const Catalog<DiscriminatorEntry>& discriminators();

/// From a picture, 3 channels, to one output of one channel a scale. Throws `UsageError` for a kind that is not in the
/// catalog.
NetworkGraph discriminator_graph(const DiscriminatorSpec& spec);

/// The side in pixels of the patch that one logit of the first scale judges.
std::int64_t judged_patch(const DiscriminatorSpec& spec);

}  // namespace atelier
