#include "experiments/losses/perceptual.h"

#include "framework/core/error.h"

namespace atelier {

at::Tensor distance(const std::string& kind, const at::Tensor& a, const at::Tensor& b) {
  if (kind == "l1") return (a - b).abs().mean();
  if (kind == "l2") return (a - b).square().mean();
  throw Error("there is no distance " + kind);
}

at::Tensor gram_matrix(const at::Tensor& features, const std::string& scaling) {
  const std::int64_t pixels = features.size(2) * features.size(3);
  std::int64_t divisor = 0;
  if (scaling == "hwc") divisor = pixels * features.size(1);
  if (scaling == "hw") divisor = pixels;
  if (divisor == 0) throw Error("there is no scaling of Gram matrices " + scaling);
  const at::Tensor flat = features.flatten(2);
  return at::bmm(flat, flat.transpose(1, 2)) / static_cast<double>(divisor);
}

at::Tensor distance(const std::string& kind, const std::vector<std::string>& layers, const std::vector<double>& weights,
                    const Features& a, const Features& b) {
  if (layers.empty()) throw Error("a distance of features needs a layer");
  at::Tensor sum;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const double weight = weights.empty() ? 1 : weights.at(i);
    const at::Tensor term = weight * distance(kind, a.at(layers[i]), b.at(layers[i]));
    sum = sum.defined() ? sum + term : term;
  }
  return sum;
}

}  // namespace atelier
