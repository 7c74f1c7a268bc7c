#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiments/layers/activation.h"
#include "experiments/layers/convolution_options.h"
#include "experiments/layers/norms.h"

namespace atelier {

/// A network as a list of layers, each of which reads earlier ones: all that is to know of it without its weights.
/// libtorch's modules are built from it (`NetworkModule`), and its parameters, work and memory are counted on it
/// (`costs_of`).
///
///     NetworkGraph graph("generator tiny");
///     const auto photo = graph.input(3);
///     const auto x = graph.convolution(photo, "stem", {.out = 8, .kernel = 7}, Activation::relu);
///     const auto y = graph.norm(x, "stem_norm", norms().at("layer"), Activation::relu);
///     graph.output(graph.convolution(y, "head", {.out = 3}));
///
/// Layers are computed, and their first weights drawn, in the order in which they are added. A name gives the place of
/// a layer's parameters, with dots between blocks: "block1.conv2" has "block1.conv2.weight". The layers of a block must
/// stand side by side.
class NetworkGraph {
 public:
  using Node = std::size_t;

  struct Layer {
    enum class Kind {
      input,        ///< The picture, N x channels x H x W.
      convolution,  ///< `convolution`, followed by `activation`.
      transposed,   ///< A 3x3 convolution of stride 2 mirrored: twice the size. Of `convolution`, `in` and `out` count.
      norm,         ///< activation(norm(first input) + second input), the second where there is one.
      nearest,      ///< Twice the size, each pixel four times.
      bilinear,     ///< Twice the size, between the middles of pixels.
      concatenate,  ///< The channels of all inputs, one after the other.
      add,          ///< The sum of two inputs.
      unit_tanh,    ///< (tanh(x) + 1) / 2, which lies in [0, 1].
      average_pool,  ///< The means of 2x2 pixels; an odd row or column falls off.
      max_pool,      ///< The largest of `window` x `window` pixels, stride 2.
    };
    Kind kind;
    std::vector<Node> inputs;
    std::int64_t channels;  ///< Of the output.
    std::string name = {};  ///< Of layers with parameters.
    ConvolutionOptions convolution = {};
    const NormEntry* norm = nullptr;
    Activation activation = Activation::none;
    std::int64_t window = 2;
    bool sticks_out = false;  ///< The last window of a max_pool may leave the picture by a pixel.
  };

  /// `name`: as messages call it, for instance "generator unet".
  explicit NetworkGraph(std::string name) : name_(std::move(name)) {}

  Node input(std::int64_t channels);
  /// `options.in` is set to the channels of `from`.
  Node convolution(Node from, std::string name, ConvolutionOptions options, Activation activation = Activation::none);
  Node transposed(Node from, std::string name, std::int64_t out);
  Node norm(Node from, std::string name, const NormEntry& norm, Activation activation);
  /// The activation of the norm's sum with `skip`.
  Node norm(Node from, std::string name, const NormEntry& norm, Activation activation, Node skip);
  Node nearest(Node from) { return resize(Layer::Kind::nearest, from); }
  Node bilinear(Node from) { return resize(Layer::Kind::bilinear, from); }
  Node concatenate(std::vector<Node> from);
  Node add(Node left, Node right);
  Node unit_tanh(Node from) { return resize(Layer::Kind::unit_tanh, from); }
  Node average_pool(Node from) { return resize(Layer::Kind::average_pool, from); }
  Node max_pool(Node from, std::int64_t window, bool sticks_out);
  /// What comes out of the network; one or more, in this order.
  void output(Node node) { outputs_.push_back(node); }

  const std::string& name() const { return name_; }
  const std::vector<Layer>& layers() const { return layers_; }
  const std::vector<Node>& outputs() const { return outputs_; }
  std::int64_t channels(Node node) const { return layers_.at(node).channels; }

  /// Whether a norm lets images of a batch depend on each other while training.
  bool mixes_images() const;

 private:
  Node append(Layer layer);
  Node resize(Layer::Kind kind, Node from) {
    return append({.kind = kind, .inputs = {from}, .channels = channels(from)});
  }

  std::string name_;
  std::vector<Layer> layers_;
  std::vector<Node> outputs_;
};

struct PictureSize {
  std::int64_t height = 0, width = 0;
  bool operator==(const PictureSize&) const = default;
};

/// The size of every layer's output for a picture of this size. Throws `Error` for a picture that is too small, or of
/// which layers that are joined would differ in size.
std::vector<PictureSize> sizes_of(const NetworkGraph& graph, PictureSize picture);

/// Whether a picture of this size can pass.
bool passes(const NetworkGraph& graph, PictureSize picture);

/// The factor by which sides shrink where they are smallest. A picture whose sides are multiples of it passes without
/// rounding, so what a generator makes of it has its size.
std::int64_t shrinkage_of(const NetworkGraph& graph);

/// How many pixels of a row of the picture a pixel of `node` depends on, away from borders. Norms, which may look at
/// the whole picture, do not count. For layers before any that grows.
std::int64_t receptive_field_of(const NetworkGraph& graph, NetworkGraph::Node node);

}  // namespace atelier
