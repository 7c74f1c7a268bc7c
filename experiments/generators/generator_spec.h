#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "experiments/networks/network_graph.h"
#include "framework/config/catalog.h"
#include "framework/config/fields.h"

namespace atelier {

/// The network that turns photographs into anime: the table `[generator]` of a spec.
struct GeneratorSpec {
  std::string kind = "residual";
  std::int64_t width = 64;  ///< Channels after the stem; twice and four times that inside.
  std::int64_t blocks = 8;
  std::string norm = "layer";
  std::string activation = "leaky-relu";
  std::string upsample = "transposed";
  std::string padding = "zero";
  std::string output = "linear";
};

void describe(Fields& fields, GeneratorSpec& spec);

struct GeneratorEntry {
  std::string_view name, summary;
  NetworkGraph (*graph)(const GeneratorSpec& spec);
};
const Catalog<GeneratorEntry>& generators();

/// From a photograph, 3 channels, to one output of the same shape. Throws `UsageError` for a kind that is not in the
/// catalog.
NetworkGraph generator_graph(const GeneratorSpec& spec);

}  // namespace atelier
