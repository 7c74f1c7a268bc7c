#include "experiments/features/features_spec.h"

#include "experiments/features/layout.h"

namespace atelier {

void describe(Fields& fields, FeaturesSpec& spec) {
  fields.begin("features");
  fields.choice("network", spec.network, feature_networks().names(), "frozen network of content and style");
  fields.path("weights", spec.weights, "safetensors with torchvision's names, Keras' .h5, or \"random\"")
      .lies_at("weights_digest")
      .no_file = "random";
  fields.choice("preprocess", spec.preprocess, {"imagenet", "none", "swapped"},
                "swapped: red and blue exchanged, as the baseline did");
  fields.choice("cache", spec.cache, {"auto", "off"}, "features of photos and Gram matrices of anime are kept on disk")
      .role = Role::bookkeeping;
  fields.choice("cache_precision", spec.cache_precision, {"fp32", "fp16"},
                "fp16 halves the cache and rounds the targets");
  fields.real("cache_gb", spec.cache_gb, Range::at_least(0), "disk the cache may take, in GB").role = Role::bookkeeping;
  fields.end();
}

}  // namespace atelier
