#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>

#include "experiments/photo_to_anime_spec.h"

namespace atelier {

/// What a feature network says of pictures: layer to N x C x h x w.
using Features = std::map<std::string, at::Tensor>;

/// Gram matrices of pictures: layer to N x C x C.
using Grams = std::map<std::string, at::Tensor>;

/// The content term: distances of the features of output and photo, weighted and added over the term's layers.
at::Tensor content_distance(const LossSpec::Content& spec, const Features& output, const Features& photo);

/// The Gram matrices that the style term compares, of its layers alone and in its scaling. `features` may hold more.
Grams gram_matrices(const LossSpec::Style& spec, const Features& features);

/// The style term: distances of the Gram matrices of the output to `target`, which `gram_matrices` made of anime,
/// weighted and added over the term's layers.
at::Tensor style_distance(const LossSpec::Style& spec, const Features& output, const Grams& target);

}  // namespace atelier
