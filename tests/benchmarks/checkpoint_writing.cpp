// How long training waits for a checkpoint: of the loop, whose thread writes it, and of writing it in the loop as
// others do. Prints one line of JSON in seconds a checkpoint.
#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <thread>

#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/training/checkpoint.h"
#include "framework/training/training_loop.h"
#include "tests/scratch_folder.h"

namespace {

using namespace atelier;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// A large state, and steps in which this process only waits, as for a device.
class LargeTask : public Task {
 public:
  LargeTask(std::int64_t megabytes, std::chrono::milliseconds step) : step_(step) {
    for (int i = 0; i < 40; ++i) tensors_.push_back(at::ones({megabytes * 1'000'000 / 4 / 40}));
  }
  std::int64_t total_steps() const override { return 61; }
  std::string phase(std::int64_t) const override { return "train"; }
  double epoch(std::int64_t) const override { return 0; }
  std::vector<std::string> metric_names(const std::string&) const override { return {"loss"}; }
  at::Tensor step(std::int64_t) override {
    std::this_thread::sleep_for(step_);
    return at::ones({1});
  }
  std::map<std::string, double> observe(std::int64_t) override { return {}; }
  std::optional<std::string> reason_to_end(const std::map<std::string, double>&) override { return std::nullopt; }
  std::string first_not_finite(std::int64_t) override { return {}; }
  std::map<std::string, double> evaluate() override { return {}; }
  void write_inputs(const std::filesystem::path&) override {}
  void write_samples(const std::filesystem::path&) override {}
  void save(TensorMap& model, TensorMap&) const override {
    for (std::size_t i = 0; i < tensors_.size(); ++i) model[std::to_string(i)] = tensors_[i];
  }
  void load(const TensorMap&, const TensorMap&) override {}

 private:
  std::chrono::milliseconds step_;
  std::vector<at::Tensor> tensors_;
};

}  // namespace

int main(int argc, char** argv) {
  std::int64_t megabytes = 150, step = 100;
  CLI::App program("Times what checkpoints cost a training.");
  program.add_option("--megabytes", megabytes, "Size of a checkpoint");
  program.add_option("--step", step, "Milliseconds a step");
  CLI11_PARSE(program, argc, argv);
  at::set_num_threads(1);
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  LargeTask task(megabytes, std::chrono::milliseconds(step));
  // The last checkpoint is waited for; it is the same with and without the others, and so is left out with the plain
  // run.
  const auto time = [&](const char* name, std::int64_t every) {
    make_folder(place / name);
    const Clock::time_point start = Clock::now();
    train(task, RunFolder(place / name),
          {.record = {.metrics_every = 0, .checkpoint_every = every, .tensorboard = false}}, *alone);
    return seconds_since(start);
  };
  const double plain = time("plain", 0), with = time("with", 20);
  Checkpoint checkpoint;
  task.save(checkpoint.model, checkpoint.state);
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < 3; ++i) checkpoint.write(place / format("direct{}", i));
  std::cout << format("{{\"megabytes\": {}, \"loop_waits\": {:.4f}, \"writing_takes\": {:.4f}}}\n", megabytes,
                      (with - plain) / 3, seconds_since(start) / 3);
}
