#pragma once

#include <vector>

#include "experiments/generators/blocks.h"
#include "experiments/generators/generator.h"

namespace atelier {

/// A stem, two strided stages, `spec.blocks` blocks at a quarter of the size, two growing stages, the head; channels
/// w, 2w, 4w, 2w, w. `Block` is made with (channels, spec, context) and keeps its input's shape.
///
/// After Johnson et al., "Perceptual losses for real-time style transfer and super-resolution", ECCV 2016.
template <class Block>
class TwoStageGenerator : public Generator {
 public:
  TwoStageGenerator(const GeneratorSpec& spec, const NetworkContext& context)
      : activation_(activation_from(spec.activation)) {
    const std::int64_t w = spec.width;
    stem_ = register_module("stem", make_stem(spec, context));
    stem_norm_ = register_module("stem_norm", make_norm(spec.norm, w, context));
    const auto stage = [&](const char* name, const Stage::Options& options) {
      return register_module(name, std::make_shared<Stage>(options, spec, context));
    };
    down_[0] = stage("down1", {.in = w, .out = 2 * w});
    down_[1] = stage("down2", {.in = 2 * w, .out = 4 * w});
    for (std::int64_t i = 0; i < spec.blocks; ++i) {
      blocks_.push_back(
          register_module("block" + std::to_string(i + 1), std::make_shared<Block>(4 * w, spec, context)));
    }
    up_[0] = stage("up1", {.in = 4 * w, .out = 2 * w, .grow = true});
    up_[1] = stage("up2", {.in = 2 * w, .out = w, .grow = true});
    head_ = register_module("head", std::make_shared<Head>(w, spec, context));
  }

  at::Tensor forward(const at::Tensor& photo) override {
    // Before and after the stem's norm: so the baseline does it.
    at::Tensor x = stem_norm_->forward(activate_in_place(stem_->forward(photo), activation_), activation_);
    for (const auto& stage : down_) x = stage->forward(x);
    for (const auto& block : blocks_) x = block->forward(x);
    for (const auto& stage : up_) x = stage->forward(x);
    return head_->forward(x, photo);
  }

 private:
  Activation activation_;
  std::shared_ptr<Convolution> stem_;
  std::shared_ptr<Norm> stem_norm_;
  std::shared_ptr<Stage> down_[2], up_[2];
  std::vector<std::shared_ptr<Block>> blocks_;
  std::shared_ptr<Head> head_;
};

}  // namespace atelier
