#include "experiments/generators/generator.h"
#include "experiments/layers/convolution.h"
#include "experiments/layers/normalization.h"

namespace atelier {
namespace {

/// Two convolutions and the way around them.
class ResidualBlock : public torch::nn::Module {
 public:
  ResidualBlock(std::int64_t channels, const GeneratorSpec& spec, Padding padding, const NetworkContext& context)
      : activation_(activation_from(spec.activation)) {
    for (int i = 0; i < 2; ++i) {
      convolutions_[i] = register_module(
          "conv" + std::to_string(i + 1),
          std::make_shared<Convolution>(Convolution::Options{.in = channels, .out = channels, .padding = padding}, context));
      norms_[i] = register_module("norm" + std::to_string(i + 1), make_norm(spec.norm, channels, context));
    }
  }
  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor inner = norms_[0]->forward(convolutions_[0]->forward(x), activation_);
    return norms_[1]->forward(convolutions_[1]->forward(inner), activation_, x);
  }

 private:
  Activation activation_;
  std::shared_ptr<Convolution> convolutions_[2];
  std::shared_ptr<Norm> norms_[2];
};

/// Half or twice the size, a convolution, the norm. There is no activation between the two convolutions.
class Stage : public torch::nn::Module {
 public:
  Stage(std::int64_t in, std::int64_t out, bool grow, const GeneratorSpec& spec, Padding padding, const NetworkContext& context)
      : resize_(grow ? spec.upsample : "strided"), activation_(activation_from(spec.activation)) {
    const auto convolution = [&](std::int64_t from, std::int64_t stride) {
      return std::make_shared<Convolution>(
          Convolution::Options{.in = from, .out = out, .stride = stride, .padding = padding}, context);
    };
    if (resize_ == "transposed") {
      transposed_ = register_module("resize", std::make_shared<TransposedConvolution>(in, out, context));
    } else {
      first_ = register_module("resize", convolution(in, grow ? 1 : 2));
    }
    second_ = register_module("conv", convolution(out, 1));
    norm_ = register_module("norm", make_norm(spec.norm, out, context));
  }
  at::Tensor forward(at::Tensor x) {
    if (resize_ == "nearest") x = at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
    if (resize_ == "bilinear") x = at::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, /*align_corners=*/false);
    x = transposed_ ? transposed_->forward(x) : first_->forward(x);
    return norm_->forward(second_->forward(x), activation_);
  }

 private:
  std::string resize_;  // "strided", "transposed", "nearest" or "bilinear"
  Activation activation_;
  std::shared_ptr<TransposedConvolution> transposed_;
  std::shared_ptr<Convolution> first_, second_;
  std::shared_ptr<Norm> norm_;
};

/// The baseline's generator, after Johnson et al., "Perceptual losses for real-time style transfer", ECCV 2016.
class ResidualGenerator : public Generator {
 public:
  ResidualGenerator(const GeneratorSpec& spec, const NetworkContext& context)
      : output_(spec.output), activation_(activation_from(spec.activation)) {
    const std::int64_t w = spec.width;
    const Padding padding = padding_from(spec.padding);
    stem_ = register_module("stem", std::make_shared<Convolution>(
                                        Convolution::Options{.in = 3, .out = w, .kernel = 7, .padding = padding}, context));
    stem_norm_ = register_module("stem_norm", make_norm(spec.norm, w, context));
    const auto stage = [&](const char* name, std::int64_t in, std::int64_t out, bool grow) {
      return register_module(name, std::make_shared<Stage>(in, out, grow, spec, padding, context));
    };
    down_[0] = stage("down1", w, 2 * w, false);
    down_[1] = stage("down2", 2 * w, 4 * w, false);
    for (std::int64_t i = 0; i < spec.blocks; ++i) {
      blocks_.push_back(register_module("block" + std::to_string(i + 1),
                                        std::make_shared<ResidualBlock>(4 * w, spec, padding, context)));
    }
    up_[0] = stage("up1", 4 * w, 2 * w, true);
    up_[1] = stage("up2", 2 * w, w, true);
    head_ = register_module("head", std::make_shared<Convolution>(
                                        Convolution::Options{.in = w, .out = 3, .kernel = 7, .padding = padding}, context));
    // A correction that begins near zero leaves the photograph as it is; a picture begins as Keras draws it.
    context.initializer.glorot_uniform(head_->weight, w * 49, 3 * 49, output_ == "residual" ? 0.01 : 1);
  }

  at::Tensor forward(const at::Tensor& photo) override {
    at::Tensor x = stem_norm_->forward(activate_in_place(stem_->forward(photo), activation_), activation_);
    for (const auto& stage : down_) x = stage->forward(x);
    for (const auto& block : blocks_) x = block->forward(x);
    for (const auto& stage : up_) x = stage->forward(x);
    x = head_->forward(x);
    if (output_ == "residual") return photo + x;
    if (output_ == "tanh") return (at::tanh(x) + 1) / 2;
    return x;
  }

 private:
  std::string output_;
  Activation activation_;
  std::shared_ptr<Convolution> stem_, head_;
  std::shared_ptr<Norm> stem_norm_;
  std::shared_ptr<Stage> down_[2], up_[2];
  std::vector<std::shared_ptr<ResidualBlock>> blocks_;
};

}  // namespace

std::shared_ptr<Generator> make_residual_generator(const GeneratorSpec& spec, const NetworkContext& context) {
  return std::make_shared<ResidualGenerator>(spec, context);
}

}  // namespace atelier
