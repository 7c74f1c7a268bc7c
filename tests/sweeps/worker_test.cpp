#include "sweeps/worker.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "framework/distributed/first_rank.h"
#include "framework/records/sweep_journal.h"
#include "framework/storage/atomic_file.h"
#include "sweeps/open_sweep.h"
#include "tests/mpi_world.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// Notes every run of a trial in its folder; trials with a > 0.9 fail, those with a < 0.02 cannot begin.
class CountingRunner : public TrialRunner {
 public:
  std::int64_t prepared = 0;  ///< How often parameters were read.

  std::unique_ptr<PreparedTrial> prepare(const Parameters& parameters) override {
    ++prepared;
    return std::make_unique<CountingTrial>(parameters[0].second);
  }

 private:
  struct CountingTrial : PreparedTrial {
    explicit CountingTrial(const Value& value) : a(value) {}
    std::string identity() override { return to_toml(a); }
    void check(const Communicator&) override {
      if (a.number() < 0.02) throw UsageError("too small");
    }
    RunResult run(const RunFolder& folder, Communicator& ranks, const TrialContext& context) override {
      if (ranks.rank() == 0) {
        context.before_write();
        std::ofstream(folder.path() / "runs.txt", std::ios::app) << "run\n";
      }
      if (a.number() > 0.9) throw Error("too large");
      return {.steps = 1, .values = {{"value", a.number() * a.number()}}};
    }
    Value a;
  };
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
    const auto pruner = spec.make_pruner();
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

/// A trial that goes on after an earlier session of 60 s.
class RecordingRunner : public TrialRunner {
 public:
  std::unique_ptr<PreparedTrial> prepare(const Parameters&) override { return std::make_unique<RecordingTrial>(); }

 private:
  struct RecordingTrial : PreparedTrial {
    std::string identity() override { return "one"; }
    void check(const Communicator&) override {}
    RunResult run(const RunFolder&, Communicator&, const TrialContext& context) override {
      context.on_record({.step = 100, .epoch = 2.5, .time = 61.5, .measures = {{"value", 4}}});
      return {.steps = 100, .values = {{"value", 4}}};
    }
  };
};

TEST(Worker, APrunersResourceIsTheOneThatTheSpecNames) {
  const auto alone = world().split(world().rank());
  const std::pair<Resource, double> expected[] = {
      {Resource::step, 100}, {Resource::epoch, 2.5}, {Resource::time, 61.5}};
  for (const auto& [resource, at] : expected) {
    const ScratchFolder place;
    Sweep sweep(1);
    sweep.spec.prune.kind = {"median"};
    sweep.spec.prune.resource = resource;
    const SweepFolder folder = open_sweep(place.path() / "sweep", sweep.spec, sweep.space, "");
    RecordingRunner runner;
    sweep.work(folder, "random", runner, *alone);
    std::vector<double> told;
    SweepJournalReader(folder.journal())
        .refresh(true, [&](const std::string&, std::optional<double>, const SweepEvent& event) {
          if (const auto* recorded = std::get_if<TrialRecorded>(&event)) told.push_back(recorded->at);
        });
    EXPECT_EQ(told, std::vector<double>{at}) << to_text(resource);
    EXPECT_EQ(folder.read_trial(0)->learned, false) << "random draws do not learn";
  }
}

TEST(Worker, ManyWorkersRunEveryTrialOnce) {
  const SharedFolder place;
  Sweep sweep(40);
  const auto alone = world().split(world().rank());
  const SweepFolder folder = open_sweep(place.path() / "sweep", sweep.spec, sweep.space, "");
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
    EXPECT_EQ(result->state, a > 0.9 || a < 0.02 ? TrialState::failed : TrialState::finished);
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

TEST(Worker, ReadsTheParametersOfATrialOnce) {
  const SharedFolder place;
  Sweep sweep(10);
  const auto alone = world().split(world().rank());
  const SweepFolder folder = open_sweep(place.path() / std::to_string(world().rank()), sweep.spec, sweep.space, "");
  CountingRunner runner;
  EXPECT_EQ(sweep.work(folder, "random", runner, *alone).ran, 10);
  EXPECT_EQ(runner.prepared, 10);
}

TEST(Worker, EqualTrialsAreNotRunTwice) {
  const SharedFolder place;
  Sweep sweep(4, "[space]\na = { choice = [0.1, 0.1, 0.2, 0.1] }\n");
  const SweepFolder folder = open_sweep(place.path() / "sweep", sweep.spec, sweep.space, "");
  CountingRunner runner;
  for (const char* sampler : {"grid", "random", "tpe"}) sweep.work(folder, sampler, runner, world());
  EXPECT_EQ(runs_of(folder.trial(0)), 1);
  EXPECT_EQ(runs_of(folder.trial(1)), 1);
  EXPECT_FALSE(std::filesystem::exists(folder.trial(2).path()));
}

}  // namespace
}  // namespace atelier
