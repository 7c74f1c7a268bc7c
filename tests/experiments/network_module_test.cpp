// What is counted on a network's graph, against what libtorch's module really has.
#include "experiments/networks/network_module.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <gtest/gtest.h>

#include <atomic>

#include "experiments/discriminators/discriminator.h"
#include "experiments/features/feature_network.h"
#include "experiments/generators/generator.h"
#include "experiments/networks/network_costs.h"
#include "framework/core/format.h"
#include "tests/serial_network.h"

namespace atelier {
namespace {

/// Bytes that libtorch has allocated and not freed since this began.
class AllocatedBytes : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, std::int64_t size, std::size_t, std::size_t, c10::Device) override { bytes_ += size; }
  bool memoryProfilingEnabled() const override { return true; }
  std::int64_t now() const { return bytes_; }

 private:
  std::atomic<std::int64_t> bytes_ = 0;
};

/// What a forward pass with gradients leaves allocated, in numbers of four bytes.
template <class Network>
double kept_by_forward(Network& network, const at::Tensor& picture) {
  const auto allocated = std::make_shared<AllocatedBytes>();
  const c10::DebugInfoGuard watch(c10::DebugInfoKind::PROFILER_STATE, allocated);
  const auto outputs = network.forward(picture);
  return static_cast<double>(allocated->now()) / 4;
}

std::int64_t parameters_of(const torch::nn::Module& network) {
  std::int64_t all = 0;
  for (const at::Tensor& parameter : network.parameters()) all += parameter.numel();
  return all;
}

at::Tensor picture(std::int64_t side) {
  return at::rand({1, 3, side, side}).contiguous(at::MemoryFormat::ChannelsLast);
}

/// Calls `work(spec, what)` for every value of every key that has named values or is a switch.
template <class Spec, class Work>
void for_every_choice(Spec start, std::string_view kind, Work work) {
  start.kind = kind;
  Fields fields;
  describe(fields, start);
  work(start, std::string(kind));
  for (const Field& field : fields.all()) {
    if (field.key.ends_with(".kind")) continue;
    std::vector<Value> values;
    for (const std::string_view name : field.allowed) values.emplace_back(std::string(name));
    if (std::holds_alternative<bool*>(field.target)) values.emplace_back(true);
    const Value before = field.value();
    for (const Value& value : values) {
      field.assign(value, {});
      work(start, format("{}, {}", kind, field.key));
    }
    field.assign(before, {});
  }
}

const GeneratorSpec small_generator{.width = 16, .blocks = 2};
const DiscriminatorSpec small_discriminator{.width = 16};

TEST(NetworkModule, HasTheParametersThatItsGraphCounts) {
  const auto compare = [](const NetworkGraph& graph, const torch::nn::Module& module, const std::string& what) {
    EXPECT_EQ(costs_of(graph, {64, 64}).parameters, parameters_of(module)) << what;
  };
  for (const std::string_view kind : generators().names()) {
    for_every_choice(GeneratorSpec{.width = 4, .blocks = 2}, kind,
                     [&](const GeneratorSpec& spec, const std::string& what) {
                       SerialNetwork context(0);
                       compare(generator_graph(spec), *make_generator(spec, context), what);
                     });
  }
  for (const std::string_view kind : discriminators().names()) {
    for_every_choice(DiscriminatorSpec{.width = 4}, kind, [&](DiscriminatorSpec spec, const std::string& what) {
      for (spec.depth = 2; spec.depth <= 4; ++spec.depth) {
        SerialNetwork context(0);
        compare(discriminator_graph(spec), *make_discriminator(spec, context), what);
      }
    });
  }
}

TEST(NetworkModule, HasTheOutputsAndSizesOfItsGraph) {
  for (const std::string_view kind : discriminators().names()) {
    const DiscriminatorSpec spec{.kind = std::string(kind), .width = 2, .scales = 3};
    SerialNetwork context(0);
    const NetworkGraph graph = discriminator_graph(spec);
    const std::vector<at::Tensor> outputs = make_discriminator(spec, context)->forward(at::rand({2, 3, 56, 72}));
    const std::vector<PictureSize> sizes = sizes_of(graph, {56, 72});
    ASSERT_EQ(outputs.size(), graph.outputs().size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const PictureSize size = sizes[graph.outputs()[i]];
      EXPECT_EQ(outputs[i].sizes(), (std::vector<std::int64_t>{2, 1, size.height, size.width})) << kind << i;
    }
  }
}

// What the allocator counts: within a twentieth for the baselines, and a fifth for every other choice.
TEST(NetworkModule, KeepsTheMemoryThatItsGraphCounts) {
  const at::Tensor x = picture(64);
  const auto compare = [&](const NetworkGraph& graph, NetworkModule& module, const std::string& what) {
    const double counted = static_cast<double>(costs_of(graph, {64, 64}).kept), kept = kept_by_forward(module, x);
    EXPECT_NEAR(counted / kept, 1, 0.2) << what;
  };
  for (const std::string_view kind : generators().names()) {
    for_every_choice(small_generator, kind, [&](const GeneratorSpec& spec, const std::string& what) {
      SerialNetwork context(0);
      compare(generator_graph(spec), static_cast<NetworkModule&>(*make_generator(spec, context)), what);
    });
  }
  for (const std::string_view kind : discriminators().names()) {
    for_every_choice(small_discriminator, kind, [&](const DiscriminatorSpec& spec, const std::string& what) {
      if (spec.spectral) return;  // keeps normalised copies of weights, which are not counted
      SerialNetwork context(0);
      compare(discriminator_graph(spec), *make_discriminator(spec, context), what);
    });
  }
  SerialNetwork context(0);
  const auto generator = make_generator({}, context);
  const auto discriminator = make_discriminator({}, context);
  const at::Tensor large = picture(128);
  EXPECT_NEAR(static_cast<double>(costs_of(generator_graph({}), {128, 128}).kept) /
                  kept_by_forward(static_cast<NetworkModule&>(*generator), large),
              1, 0.05);
  EXPECT_NEAR(static_cast<double>(costs_of(discriminator_graph({}), {128, 128}).kept) /
                  kept_by_forward(static_cast<NetworkModule&>(*discriminator), large),
              1, 0.05);
}

TEST(NetworkModule, FeaturesKeepTheMemoryThatTheirGraphCounts) {
  const NetworkLayout& layout = feature_networks().at("vgg19");
  FeatureNetwork network(layout, "random", FeatureNetwork::Preprocess::none, {"conv4_4"});
  network.use_winograd(WinogradTile::two);
  const double kept = kept_by_forward(network, picture(64).requires_grad_());
  const double counted =
      static_cast<double>(costs_of(feature_graph(layout, {"conv4_4"}), {64, 64}, Weights::frozen).kept);
  EXPECT_NEAR(counted / kept, 1, 0.1);
}

}  // namespace
}  // namespace atelier
