#pragma once

#include <map>
#include <string>
#include <vector>

#include "experiments/features/layout.h"
#include "framework/config/fields.h"

namespace at {
class Tensor;
}

namespace atelier {

// A term of a network's loss is a struct of its own, in a file named after it, and a line of `losses.def`:
//
//     struct ColorLoss {
//       static constexpr Side side = Side::generator;
//       double weight = 0;
//       std::string space = "yuv";
//
//       void describe(Fields& fields);                       // its keys, inside its table
//       at::Tensor value(const LossContext& context) const;  // behind libtorch's boundary, in its .cpp
//     };
//
// Where it needs more than photo, anime and output, it says so with `LossNeeds needs() const`. Where single keys cannot
// say what is wrong, it has `void check(const NetworkLayout&, const Document&) const`, which throws `UsageError`.

/// What a feature network says of pictures: layer to N x C x h x w. Of Gram matrices: layer to N x C x C.
using Features = std::map<std::string, at::Tensor>;

struct LossContext;

/// Whose loss a term is part of.
enum class Side { generator, discriminator };

/// What a term needs in a step besides photo, anime and output.
struct LossNeeds {
  enum class Pictures { none, photo, anime };

  std::vector<std::string> layers;    ///< Of the output's features.
  std::string layers_key;             ///< The key that names them, for messages.
  Pictures targets = Pictures::none;  ///< Whose features at these layers the output's are held against.
  std::string targets_form;           ///< What is made of those features: targets of another form are others.
  bool another_output = false;        ///< Another pass of the generator.
  bool smoothed = false;              ///< Smoothed copies of the anime, and the discriminator's logits of them.
  bool mix = false;                   ///< A random point between each real and each generated picture.
};

/// Checks the layers of a term and their weights, one a layer where any are given. Throws `UsageError` with the place.
void check_layers(const NetworkLayout& layout, const std::vector<std::string>& layers, const std::string& layers_key,
                  const std::vector<double>& weights, const std::string& weights_key, const Document& document);

}  // namespace atelier
