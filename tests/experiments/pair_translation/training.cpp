#include "tests/experiments/pair_translation/training.h"

#include "experiments/generators/generator.h"
#include "experiments/layers/network_state.h"
#include "framework/core/format.h"
#include "framework/data/batch_loader.h"
#include "framework/distributed/gradient_reducer.h"
#include "framework/images/image_file.h"
#include "framework/storage/digest.h"
#include "framework/training/optimizer.h"
#include "tests/experiments/pair_translation/spec.h"

namespace atelier {
namespace {

struct Pairs {
  ImageSet train, val;
};

/// Inputs and targets of the same places, N x 3 x H x W each, in the columns' own sizes.
struct Batch {
  at::Tensor input, target;
};

Batch read(const ImageSet& set, std::int64_t first, std::int64_t count, const BatchLoader::Options& options) {
  const auto column = [&](std::string_view name) {
    const BatchLoader loader(set.column(name), options);
    at::Tensor images = at::empty({count, 3, loader.crop(), loader.crop()});
    loader.fill(first, count, images.data_ptr<float>());
    return images;
  };
  return {column(images_column), column("target")};
}

class PairTranslation : public Task {
 public:
  PairTranslation(const PairTranslationSpec& spec, std::int64_t seed, const Pairs& pairs, Communicator& ranks)
      : spec_(spec),
        pairs_(pairs),
        ranks_(ranks),
        seed_(static_cast<std::uint64_t>(seed)),
        steps_(spec.training.steps_over(pairs.train.size(), spec.batch)),
        first_(spec.batch * ranks.rank() / ranks.size()),
        count_(spec.batch * (ranks.rank() + 1) / ranks.size() - first_),
        initializer_(seed_),
        tensors_over_ranks_(make_tensor_reduction(ranks)),
        generator_(make_generator(spec.generator, {initializer_, *tensors_over_ranks_, {}})),
        reducer_(*tensors_over_ranks_, generator_->parameters()),
        optimizer_(make_optimizer(parameters(), spec.optimizer)),
        schedule_(spec.optimizer.schedule) {
    schedule_.total = steps_;
  }

  std::int64_t total_steps() const override { return steps_; }
  std::string phase(std::int64_t) const override { return "train"; }
  double epoch(std::int64_t step) const override {
    return static_cast<double>(step * spec_.batch) / static_cast<double>(pairs_.train.size());
  }
  std::vector<std::string> metric_names(const std::string&) const override { return {"generator.l1"}; }

  at::Tensor step(std::int64_t step) override {
    const Batch batch =
        read(pairs_.train, step * spec_.batch + first_, count_, {.crop = spec_.crop, .flip = true, .seed = seed_});
    const at::Tensor loss = (translate(batch.input) - batch.target).abs().mean() *
                            (static_cast<double>(count_) / static_cast<double>(spec_.batch));
    loss.backward();
    reducer_.wait();
    optimizer_->step(schedule_.rate(step));
    return loss.detach().reshape({1});
  }

  std::map<std::string, double> observe(std::int64_t steps) override {
    return {{"lr.generator", schedule_.rate(steps - 1)}};
  }
  std::optional<std::string> reason_to_end(const std::map<std::string, double>&) override { return std::nullopt; }
  std::string first_not_finite(std::int64_t) override {
    for (const auto& [name, tensor] : named_state(*generator_, "generator")) {
      if (!tensor.isfinite().all().item<bool>()) return name;
    }
    return {};
  }

  std::map<std::string, double> evaluate() override {
    const at::NoGradGuard no_grad;
    double l1 = 0;
    if (ranks_.rank() == 0) {
      const Batch all = read(pairs_.val, 0, pairs_.val.size(), fixed());
      l1 = (translate(all.input).clamp(0, 1) - all.target).abs().mean().item<double>();
    }
    ranks_.sum(std::span(&l1, 1));
    return {{"eval.l1", l1}};
  }

  void write_inputs(const std::filesystem::path& folder) override {
    each_sample([&](std::int64_t i, const at::Tensor& input) { write(folder, i, input); });
  }
  void write_samples(const std::filesystem::path& folder) override {
    const at::NoGradGuard no_grad;
    each_sample([&](std::int64_t i, const at::Tensor& input) { write(folder, i, translate(input)); });
  }

  void save(TensorMap& model, TensorMap& rest) const override {
    for (const auto& [name, tensor] : named_state(*generator_, "generator")) model[name] = tensor;
    optimizer_->save("optimizer", rest);
  }
  void load(const TensorMap& model, const TensorMap& rest) override {
    for (const auto& [name, tensor] : named_state(*generator_, "generator")) restore(model, name, tensor);
    optimizer_->load("optimizer", rest);
  }

 private:
  /// In the size of the targets.
  at::Tensor translate(const at::Tensor& input) {
    const std::int64_t scale = pairs_.train.column("target").height() / pairs_.train.height();
    return generator_->forward(at::upsample_nearest2d(input, {input.size(2) * scale, input.size(3) * scale}));
  }

  NamedTensors parameters() const {
    NamedTensors named;
    for (const auto& item : generator_->named_parameters()) named.emplace_back("generator." + item.key(), item.value());
    return named;
  }

  BatchLoader::Options fixed() const { return {.crop = spec_.crop, .flip = false, .order = BatchLoader::Order::fixed}; }

  template <class Show>
  void each_sample(Show show) const {
    for (std::int64_t i = 0; i < std::min(spec_.record.samples, pairs_.val.size()); ++i)
      show(i, read(pairs_.val, i, 1, fixed()).input);
  }

  static void write(const std::filesystem::path& folder, std::int64_t i, const at::Tensor& picture) {
    const at::Tensor bytes = (picture[0].clamp(0, 1) * 255).round().to(at::kByte).permute({1, 2, 0}).contiguous();
    Image image(static_cast<int>(bytes.size(0)), static_cast<int>(bytes.size(1)));
    std::copy_n(bytes.data_ptr<std::uint8_t>(), bytes.numel(), image.pixels().data());
    write_image(folder / format("{:02}.png", i), image);
  }

  PairTranslationSpec spec_;
  const Pairs& pairs_;
  Communicator& ranks_;
  std::uint64_t seed_;
  std::int64_t steps_, first_, count_;  // of the training; this rank's part of each batch
  Initializer initializer_;
  std::unique_ptr<TensorReduction> tensors_over_ranks_;
  std::shared_ptr<Generator> generator_;
  GradientReducer reducer_;
  std::unique_ptr<Optimizer> optimizer_;
  Schedule schedule_;
};

class PairTranslationTraining : public Training {
 public:
  PairTranslationTraining(const PairTranslationSpec& spec, std::int64_t seed)
      : spec_(spec), seed_(seed), pairs_{ImageSet::open(spec.pairs, "train"), ImageSet::open(spec.pairs, "val")} {}

  void check(const Communicator& ranks) const override {
    pairs_.train.column("target");  // says how to pack it
    if (spec_.batch < ranks.size())
      throw UsageError(format("data.batch = {} is smaller than the {} ranks", spec_.batch, ranks.size()));
  }
  std::string data_digest() const override {
    return hex(digest(hex(pairs_.train.digest()) + hex(pairs_.val.digest())));
  }
  std::unique_ptr<Task> make_task(Communicator& ranks) const override {
    return std::make_unique<PairTranslation>(spec_, seed_, pairs_, ranks);
  }
  LoopOptions loop_options() const override { return {.record = spec_.record, .global_batch = spec_.batch}; }
  std::string_view memory_hint() const override { return "lower data.batch or data.crop"; }

 private:
  PairTranslationSpec spec_;
  std::int64_t seed_;
  Pairs pairs_;
};

}  // namespace

std::unique_ptr<Training> open_pair_translation(const ExperimentSpec& spec) {
  return std::make_unique<PairTranslationTraining>(spec.as<PairTranslationSpec>(), spec.seed);
}

}  // namespace atelier
