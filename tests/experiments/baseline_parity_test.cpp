// Atelier's baseline step against baseline_golden.json, which baseline_golden.py made with TensorFlow in double
// precision from the baseline's formulas. Weights and images are functions of names, made here as they are made there.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "experiments/layers/network_state.h"
#include "experiments/photo_to_anime/gan_losses.h"
#include "experiments/photo_to_anime/loss_targets.h"
#include "framework/core/format.h"
#include "framework/training/optimizer.h"
#include "framework/training/tensor_io.h"
#include "tests/experiments/named_numbers.h"
#include "tests/scratch_folder.h"
#include "tests/tiny_data.h"

namespace atelier {
namespace {

constexpr double learning_rate = 1e-4;

/// The start of a parameter: weights of variance 2 / fan_in, gamma near 1, biases and beta near 0.
at::Tensor first_value(const std::string& name, at::IntArrayRef shape) {
  if (name.ends_with(".gamma")) return numbers(name, shape, 1, 0.25);
  if (!name.ends_with(".weight")) return numbers(name, shape, 0, 0.125);
  // A transposed convolution is in x out x 3 x 3, and a quarter of its taps meet in an output.
  const bool transposed = name.ends_with("up1.resize.weight") || name.ends_with("up2.resize.weight");
  const double fan_in =
      transposed ? static_cast<double>(shape[0]) * 9 / 4 : static_cast<double>(c10::multiply_integers(shape.slice(1)));
  return numbers(name, shape, 0, std::sqrt(6 / fan_in));
}

at::Tensor image(const std::string& name) { return numbers(name, {2, 3, 64, 64}, 0.5, 0.5); }

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

class BaselineParity : public testing::Test {
 protected:
  /// What all tests share: the weights of VGG19, the golden, and a data set, which the targets want and these steps
  /// do not read.
  struct Prepared {
    Prepared() {
      make_tiny_experiment(folder.path());
      TensorMap weights;
      for (const NetworkLayer& layer : feature_networks().at("vgg19").layers) {
        for (const FeatureConvolution& stored : layer.convolutions) {
          for (const std::string& name : {stored.stored_name + ".weight", stored.stored_name + ".bias"}) {
            weights[name] = name.ends_with("bias") ? first_value(name, {stored.out})
                                                   : first_value(name, {stored.out, stored.in, 3, 3});
          }
        }
        if (layer.name == "conv4_4") break;
      }
      write_tensors(folder / "vgg19.safetensors", weights);
      golden = nlohmann::json::parse(
          read_text(std::filesystem::path(ATELIER_SOURCE_DIR) / "tests/experiments/baseline_golden.json"));
    }
    ScratchFolder folder;
    nlohmann::json golden;
  };
  static void SetUpTestSuite() { prepared_ = std::make_unique<Prepared>(); }
  static void TearDownTestSuite() { prepared_.reset(); }

  static const nlohmann::json& golden() { return prepared_->golden; }

  /// The baseline but for the sizes of its networks, in single precision as fast as it runs.
  static PhotoToAnimeSpec spec(at::ScalarType type = at::kFloat) {
    PhotoToAnimeSpec spec;
    spec.speed.convolution = type == at::kDouble ? "direct" : "winograd";
    spec.data = {
        .photos = prepared_->folder / "data/photos", .anime = prepared_->folder / "data/anime", .crop = 32, .batch = 2};
    spec.generator.width = 8;
    spec.generator.blocks = 2;
    spec.discriminator.width = 4;
    spec.features.weights = prepared_->folder / "vgg19.safetensors";
    spec.evaluate = {.content_layer = "conv1_1", .style_layers = {"conv1_1"}};
    return spec;
  }

  explicit BaselineParity(at::ScalarType type = at::kDouble)
      : data_(PhotoToAnimeData::open(spec().data)),
        networks_(spec(type), 0, *tensors_of_one_, at::kCPU),
        losses_(spec(type), networks_) {
    networks_.generator->to(type);
    networks_.discriminator->to(type);
    networks_.features->to(type);
    const at::NoGradGuard no_grad;
    for (auto& [name, parameter] : parameters()) parameter.copy_(first_value(name, parameter.sizes()));
    batch_ = {
        .photo = image("photo").to(type), .anime = image("anime").to(type), .smoothed = image("smoothed").to(type)};
    LossTargets targets(spec(type), data_, *networks_.features);
    micro_.batch = batch_;
    for (const char* term : {"content", "style"}) micro_.targets[term] = targets.get(term, batch_);
  }

  void TearDown() override { RecordProperty("largest_relative_difference", format("{:.1e}", largest_)); }

  NamedTensors parameters() {
    NamedTensors all = named_state(*networks_.generator, "generator");
    for (auto& entry : named_state(*networks_.discriminator, "discriminator")) all.push_back(std::move(entry));
    return all;
  }

  NamedTensors gradients() {
    NamedTensors all = parameters();
    for (auto& [name, tensor] : all) tensor = tensor.grad();
    std::erase_if(all, [](const auto& entry) { return !entry.second.defined(); });
    return all;
  }

  std::map<std::string, double> train() {
    const at::Tensor like = parameters().front().second;
    return by_name(
        losses_.train_both(micro_, {losses_.generator().weights(like), losses_.discriminator().weights(like)}),
        losses_.names());
  }
  std::map<std::string, double> pretrain() {
    return by_name(losses_.pretrain(micro_, {losses_.pretraining().weights(parameters().front().second), {}}),
                   losses_.pretraining().names());
  }

  /// `value` within `tolerance` of `expected`, relative to `magnitude`.
  void expect_near(double value, double expected, double magnitude, double tolerance, const std::string& what) {
    EXPECT_NEAR(value, expected, tolerance * magnitude) << what << ", of magnitude " << magnitude;
    largest_ = std::max(largest_, std::abs(value - expected) / magnitude);
  }

  /// Relative to the root mean square of the elements.
  void expect_outputs(double tolerance) {
    const at::NoGradGuard no_grad;
    const at::Tensor output = networks_.generator->forward(batch_.photo);
    const NamedTensors outputs{{"output", output},
                               {"logits.output", networks_.discriminator->forward(output).front()},
                               {"logits.anime", networks_.discriminator->forward(batch_.anime).front()},
                               {"logits.smoothed", networks_.discriminator->forward(batch_.smoothed).front()}};
    ASSERT_EQ(golden().at("outputs").size(), outputs.size());
    for (const auto& [name, tensor] : outputs) {
      const nlohmann::json& expected = golden().at("outputs").at(name);
      const at::Tensor values = tensor.to(at::kDouble).flatten();
      const double squares = expected.at("squares"), count = static_cast<double>(values.numel());
      const double size = std::sqrt(squares / count);
      expect_near(values.sum().item<double>(), expected.at("sum"), count * size, tolerance, name + ", sum");
      expect_near(values.square().sum().item<double>(), squares, squares, tolerance, name + ", squares");
      for (const auto& element : expected.at("elements")) {
        const std::int64_t index = element.at(0);
        expect_near(values[index].item<double>(), element.at(1), size, tolerance, name + ", " + std::to_string(index));
      }
    }
  }

  void expect_losses(const std::map<std::string, double>& losses, const nlohmann::json& expected, double tolerance) {
    ASSERT_EQ(losses.size(), expected.size());
    for (const auto& [name, value] : losses) {
      const double number = expected.at(name);
      expect_near(value, number, std::abs(number), tolerance, name);
    }
  }

  /// Sums of the elements and of their products with the probe, relative to the sum of the absolute values, or to
  /// `scale` an element where that is given.
  void expect_sums(const NamedTensors& tensors, const nlohmann::json& expected, double tolerance, double scale = 0) {
    ASSERT_EQ(tensors.size(), expected.size());
    for (const auto& [name, tensor] : tensors) {
      const nlohmann::json& row = expected.at(name);
      const at::Tensor values = tensor.detach().flatten();
      const double magnitude = scale > 0 ? scale * static_cast<double>(values.numel()) : row.at(1).get<double>();
      expect_near(values.sum().item<double>(), row.at(0), magnitude, tolerance, name + ", sum");
      expect_near(values.abs().sum().item<double>(), row.at(1), magnitude, tolerance, name + ", absolute");
      expect_near(values.dot(uniform("probe", values.numel())).item<double>(), row.at(2), magnitude, tolerance,
                  name + ", probe");
    }
  }

  PhotoToAnimeBatch batch_;
  double largest_ = 0;  // relative difference so far

 private:
  static std::map<std::string, double> by_name(const at::Tensor& losses, const std::vector<std::string>& names) {
    std::map<std::string, double> result;
    for (std::size_t i = 0; i < names.size(); ++i)
      result[names[i]] = losses[static_cast<std::int64_t>(i)].item<double>();
    return result;
  }

  static inline std::unique_ptr<Prepared> prepared_;
  std::unique_ptr<Communicator> alone_ = make_serial_communicator();
  std::unique_ptr<TensorReduction> tensors_of_one_ = make_tensor_reduction(*alone_);
  PhotoToAnimeData data_;
  GanNetworks networks_;
  GanLosses losses_;
  MicroBatch micro_;
};

class BaselineParityInSinglePrecision : public BaselineParity {
 protected:
  BaselineParityInSinglePrecision() : BaselineParity(at::kFloat) {}
};

TEST_F(BaselineParity, OutputsAreTensorFlows) { expect_outputs(1e-7); }

TEST_F(BaselineParity, LossesAreTensorFlows) { expect_losses(train(), golden().at("losses"), 1e-7); }

TEST_F(BaselineParity, GradientsAreTensorFlows) {
  train();
  expect_sums(gradients(), golden().at("gradients"), 1e-6);
}

TEST_F(BaselineParity, PretrainingIsTensorFlows) {
  const nlohmann::json& expected = golden().at("pretraining");
  expect_losses(pretrain(), expected.at("losses"), 1e-7);
  expect_sums(gradients(), expected.at("gradients"), 1e-6);  // of the generator alone
}

// Relative to the learning rate, which is about how far the first update moves a weight.
TEST_F(BaselineParity, UpdatedWeightsAreTensorFlows) {
  train();
  make_optimizer(parameters(), {})->step(learning_rate);
  expect_sums(parameters(), golden().at("updated"), 1e-6, learning_rate);
  expect_losses(train(), golden().at("losses_after_update"), 1e-7);
}

TEST_F(BaselineParityInSinglePrecision, OutputsAreTensorFlows) { expect_outputs(1e-5); }

TEST_F(BaselineParityInSinglePrecision, LossesAreTensorFlows) { expect_losses(train(), golden().at("losses"), 1e-5); }

}  // namespace
}  // namespace atelier
