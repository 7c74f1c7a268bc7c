#include "experiments/generators/blocks.h"
#include "experiments/generators/generator.h"
#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

/// Three strided stages, residual blocks at an eighth of the size, three growing stages; what went into a strided stage
/// joins the growing one of its size, so that edges need not pass through the bottom. Channels: w, 2w, 4w, 4w.
///
/// Source: Ronneberger et al., "U-Net: Convolutional networks for biomedical image segmentation", MICCAI 2015.
class UnetGenerator : public Generator {
 public:
  UnetGenerator(const GeneratorSpec& spec, const NetworkContext& context)
      : activation_(activation_from(spec.activation)) {
    const std::int64_t w = spec.width, channels[] = {w, 2 * w, 4 * w, 4 * w};
    stem_ = register_module("stem", make_stem(spec, context));
    stem_norm_ = register_module("stem_norm", make_norm(spec.norm, w, context));
    const auto stage = [&](const char* name, int number, const Stage::Options& options) {
      return register_module(name + std::to_string(number), std::make_shared<Stage>(options, spec, context));
    };
    for (int i = 0; i < 3; ++i) down_[i] = stage("down", i + 1, {.in = channels[i], .out = channels[i + 1]});
    for (std::int64_t i = 0; i < spec.blocks; ++i) {
      blocks_.push_back(register_module("block" + std::to_string(i + 1),
                                        std::make_shared<ResidualBlock>(channels[3], spec, context)));
    }
    for (int i = 0; i < 3; ++i) {
      const std::int64_t out = channels[2 - i];
      up_[i] = stage("up", i + 1, {.in = channels[3 - i], .out = out, .grow = true, .skip = out});
    }
    head_ = register_module("head", std::make_shared<Head>(w, spec, context));
  }

  at::Tensor forward(const at::Tensor& photo) override {
    if (photo.size(2) % 8 != 0 || photo.size(3) % 8 != 0) {
      throw Error(format("a picture of {} x {} pixels cannot pass through the generator unet: it takes multiples of 8",
                         photo.size(3), photo.size(2)));
    }
    at::Tensor x = stem_norm_->forward(activate_in_place(stem_->forward(photo), activation_), activation_);
    at::Tensor skips[3];
    for (int i = 0; i < 3; ++i) {
      skips[i] = x;
      x = down_[i]->forward(x);
    }
    for (const auto& block : blocks_) x = block->forward(x);
    for (int i = 0; i < 3; ++i) x = up_[i]->forward(x, skips[2 - i]);
    return head_->forward(x, photo);
  }

 private:
  Activation activation_;
  std::shared_ptr<Convolution> stem_;
  std::shared_ptr<Norm> stem_norm_;
  std::shared_ptr<Stage> down_[3], up_[3];
  std::vector<std::shared_ptr<ResidualBlock>> blocks_;
  std::shared_ptr<Head> head_;
};

}  // namespace

std::shared_ptr<Generator> make_unet_generator(const GeneratorSpec& spec, const NetworkContext& context) {
  return std::make_shared<UnetGenerator>(spec, context);
}

}  // namespace atelier
