#include "sweeps/worker.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "framework/distributed/first_rank.h"
#include "framework/storage/atomic_file.h"
#include "tests/mpi_world.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// Notes every run of a trial in its folder; trials with a > 0.9 fail, those with a < 0.02 cannot begin.
class CountingRunner : public TrialRunner {
 public:
  std::string identity(const Parameters& parameters) override { return to_toml(parameters[0].second); }
  void check(const Parameters& parameters, const Communicator&) override {
    if (parameters[0].second.number() < 0.02) throw UsageError("too small");
  }
  RunResult run(const Parameters& parameters, const RunFolder& folder, Communicator& ranks,
                const TrialContext& context) override {
    if (ranks.rank() == 0) {
      context.before_write();
      std::ofstream(folder.path() / "runs.txt", std::ios::app) << "run\n";
    }
    const double a = parameters[0].second.number();
    if (a > 0.9) throw Error("too large");
    return {.steps = 1, .values = {{"value", a * a}}};
  }
};

/// A folder that all ranks share.
class SharedFolder {
 public:
  SharedFolder() {
    if (world().rank() == 0) own_ = std::make_unique<ScratchFolder>();
    path_ = world().broadcast(own_ ? own_->path().string() : "", 0);
  }
  ~SharedFolder() { world().barrier(); }
  const fs::path& path() const { return path_; }

 private:
  std::unique_ptr<ScratchFolder> own_;
  fs::path path_;
};

struct Sweep {
  double a = 0;
  SweepSpec spec;
  SearchSpace space;
  explicit Sweep(std::int64_t trials, const std::string& ranges = "[space]\na = { uniform = [0, 1] }\n") {
    spec.trials = trials;
    spec.minimize = {"value"};
    Fields fields;
    fields.real("a", a, {}, "");
    Document document = Document::from_text(ranges, "s.toml", "/");
    space = SearchSpace::from(document.take("space"), fields);
  }

  WorkerReport work(const SweepFolder& folder, const std::string& name, TrialRunner& runner, Communicator& group,
                    const WorkOptions& options = {}) const {
    const auto sampler = make_sampler(name, space, {.seed = spec.seed, .trials = spec.trials});
    const auto pruner = make_pruners(spec.prune.kind, {.min = spec.prune.min});
    return atelier::work(folder, spec, space, *sampler, *pruner, runner, group, options);
  }
};

/// How many lines the trial's note has.
int runs_of(const RunFolder& trial) {
  std::ifstream stream(trial.path() / "runs.txt");
  int lines = 0;
  for (std::string line; std::getline(stream, line);) ++lines;
  return lines;
}

TEST(Worker, ManyWorkersRunEveryTrialOnce) {
  const SharedFolder place;
  Sweep sweep(40);
  const auto alone = world().split(world().rank());
  const SweepFolder folder(place.path() / "sweep", sweep.spec, sweep.space, "");
  const auto sampler = make_sampler("random", sweep.space, {});
  CountingRunner runner;
  const WorkerReport report = sweep.work(folder, "random", runner, *alone);
  double ran = static_cast<double>(report.ran);
  world().sum(std::span(&ran, 1));
  EXPECT_EQ(ran, 40);
  for (std::int64_t i = 0; i < 40; ++i) {
    const double a = sampler->suggest(i, {})->parameters[0].second.number();
    EXPECT_EQ(runs_of(folder.trial(i)), a < 0.02 ? 0 : 1) << i;
    const auto result = folder.trial(i).read_result();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->state, a > 0.9 || a < 0.02 ? "failed" : "finished");
    EXPECT_EQ(result->reason, a > 0.9 ? "too large" : a < 0.02 ? "too small" : "");
  }
  world().barrier();
  // Again: nothing runs; more trials: only the new ones.
  EXPECT_EQ(sweep.work(folder, "random", runner, *alone).ran, 0);
  world().barrier();
  sweep.spec.trials = 45;
  double more = static_cast<double>(sweep.work(folder, "random", runner, *alone).ran);
  world().sum(std::span(&more, 1));
  EXPECT_EQ(more, 5);
}

TEST(Worker, EqualTrialsAreNotRunTwice) {
  const SharedFolder place;
  Sweep sweep(4, "[space]\na = { choice = [0.1, 0.1, 0.2, 0.1] }\n");
  const SweepFolder folder(place.path() / "sweep", sweep.spec, sweep.space, "");
  CountingRunner runner;
  for (const char* sampler : {"grid", "random", "tpe"}) sweep.work(folder, sampler, runner, world());
  EXPECT_EQ(runs_of(folder.trial(0)), 1);
  EXPECT_EQ(runs_of(folder.trial(1)), 1);
  EXPECT_FALSE(std::filesystem::exists(folder.trial(2).path()));
}

}  // namespace
}  // namespace atelier
