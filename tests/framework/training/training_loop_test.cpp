#include "framework/training/training_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iostream>
#include <set>
#include <thread>

#include "framework/core/error.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/json_lines.h"
#include "framework/training/checkpoint.h"
#include "framework/training/run_recorder.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

/// The state is a chaotic map, so a single repeated or lost step shows.
class ChaoticTask : public Task {
 public:
  std::int64_t steps = 20;
  std::int64_t die_at = -1;  ///< Throws before this step, as a crash would.
  std::int64_t nan_at = -1;
  std::int64_t patience = 1000;  ///< Records with a high state before it wants to end.
  std::int64_t ballast = 0;      ///< Numbers that make the checkpoint large.
  std::int64_t ask_at = -1;      ///< Asks for `ask_bytes` of memory in this step.
  std::int64_t ask_bytes = 0;
  std::int64_t no_memory_for_measures_at = -1;
  std::int64_t stop_in_measures_at = -1, stop_in_samples_at = -1;  ///< As a signal that comes meanwhile.
  bool spoilt = false;  ///< The last update leaves something that is not finite.
  std::chrono::milliseconds pause{0};

  std::int64_t total_steps() const override { return steps; }
  std::string phase(std::int64_t step) const override { return step < 5 ? "pretrain" : "train"; }
  double epoch(std::int64_t step) const override { return static_cast<double>(step) / 10; }
  std::vector<std::string> metric_names(const std::string&) const override { return {"loss.x", "loss.total"}; }
  at::Tensor step(std::int64_t step) override {
    if (step == die_at) throw std::runtime_error("killed");
    if (step == ask_at) at::ones({ask_bytes}, at::kByte);
    std::this_thread::sleep_for(pause);
    state_ = 3.9 * state_ * (1 - state_) + 1e-3 * static_cast<double>(step);
    state_ -= std::floor(state_);
    now_ = step + 1;
    return at::tensor({step == nan_at ? std::nan("") : state_, 1.0}, at::kDouble);
  }
  std::map<std::string, double> observe(std::int64_t steps_done) override {
    return {{"health.steps", static_cast<double>(steps_done)}, {"health.high", static_cast<double>(high_)}};
  }
  std::optional<std::string> reason_to_end(const std::map<std::string, double>& record) override {
    EXPECT_EQ(record.at("loss.total"), 1);
    high_ = record.at("loss.x") > 0.45 ? high_ + 1 : 0;
    if (high_ < patience) return std::nullopt;
    return "the state was high in " + std::to_string(high_) + " records";
  }
  std::string first_not_finite(std::int64_t) override { return nan_at < 0 && !spoilt ? "" : "state.x"; }
  std::map<std::string, double> evaluate() override {
    if (now_ == no_memory_for_measures_at) throw std::runtime_error("no memory");
    if (now_ == stop_in_measures_at) throw StoppedEarly();
    ++evaluations;
    return {{"eval.state", spoilt && now_ == steps ? std::nan("") : state_}};
  }
  void write_inputs(const std::filesystem::path& folder) override { write_file(folder / "00.txt", "input"); }
  void write_samples(const std::filesystem::path& folder) override {
    if (now_ == stop_in_samples_at) throw StoppedEarly();
    write_file(folder / "00.txt", std::to_string(state_));
  }
  void save(TensorMap& model, TensorMap& rest) const override {
    model["state"] = at::tensor({state_}, at::kDouble);
    rest["high"] = at::full({}, high_, at::kLong);
    if (ballast > 0) rest["ballast"] = at::full({ballast}, state_, at::kDouble);
  }
  void load(const TensorMap& model, const TensorMap& rest) override {
    state_ = model.at("state").item<double>();
    high_ = rest.at("high").item<std::int64_t>();
    if (ballast > 0) {
      EXPECT_TRUE((rest.at("ballast") == state_).all().item<bool>()) << "of two checkpoints";
    }
  }
  double state() const { return state_; }
  int evaluations = 0;

 private:
  std::int64_t now_ = 0;  // updates done here
  double state_ = 0.3;
  std::int64_t high_ = 0;
};

const LoopOptions options{
    .record = {.metrics_every = 3, .samples_every = 10, .checkpoint_every = 4, .evaluate_every = 6}};

std::vector<Json> records_without_times(const RunFolder& folder) {
  std::vector<Json> records = read_json_lines(folder.metrics());
  for (Json& record : records) {
    record.erase("time");
    for (const char* name : {"speed.images_per_second", "speed.step_seconds", "memory.peak_mb"}) record.erase(name);
  }
  return records;
}

double model_state(const RunFolder& folder, std::int64_t step) {
  return Checkpoint::read(folder.checkpoint(step)).model.at("state").item<double>();
}

/// One field of a protobuf message: its number, and its bytes or its number's.
struct WireField {
  std::uint64_t number = 0, value = 0;
  std::string bytes;
};

std::vector<WireField> wire_fields(const std::string& message) {
  std::vector<WireField> fields;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(message.at(at++));
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.size()) {
    const std::uint64_t key = varint();
    WireField field{key >> 3, 0, {}};
    if (key % 8 == 0) {
      field.value = varint();
    } else {
      const std::size_t size = key % 8 == 1 ? 8 : key % 8 == 5 ? 4 : varint();
      field.bytes = message.substr(at, size);
      at += size;
    }
    fields.push_back(field);
  }
  return fields;
}

/// What TensorBoard keeps of a run's event files: a session start drops the steps from its own on.
std::map<std::int64_t, std::map<std::string, float>> events_of(const RunFolder& folder) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    if (entry.path().filename().string().starts_with("events.out.tfevents.")) files.insert(entry.path());
  }
  std::map<std::int64_t, std::map<std::string, float>> kept;
  for (const std::filesystem::path& file : files) {
    const std::string bytes = read_file(file);
    for (std::size_t at = 0; at < bytes.size();) {
      std::uint64_t length = 0;
      std::memcpy(&length, bytes.data() + at, 8);
      std::int64_t step = 0;
      for (const WireField& field : wire_fields(bytes.substr(at + 12, length))) {
        if (field.number == 2) step = static_cast<std::int64_t>(field.value);
        if (field.number == 7) kept.erase(kept.lower_bound(step), kept.end());
        if (field.number != 5) continue;
        for (const WireField& value : wire_fields(field.bytes)) {
          const std::vector<WireField> parts = wire_fields(value.bytes);
          float number = 0;
          std::memcpy(&number, parts.at(1).bytes.data(), 4);
          EXPECT_FALSE(kept[step].contains(parts[0].bytes)) << parts[0].bytes << " twice at " << step;
          kept[step][parts[0].bytes] = number;
        }
      }
      at += 12 + length + 4;
    }
  }
  return kept;
}

/// The measures of `metrics.jsonl`, those with a dot in their name, as events hold them.
std::map<std::int64_t, std::map<std::string, float>> events_expected(const RunFolder& folder) {
  std::map<std::int64_t, std::map<std::string, float>> expected;
  for (const Json& record : read_json_lines(folder.metrics())) {
    auto& numbers = expected[record.at("step")];
    for (const auto& [name, value] : record.items()) {
      if (name.find('.') != name.npos) numbers[name] = static_cast<float>(number_in(value));
    }
  }
  return expected;
}

TEST(TrainingLoop, AnInterruptedRunEqualsAnUninterruptedOne) {
  const auto alone = make_serial_communicator();
  const ScratchFolder whole_place, parts_place;
  const RunFolder whole(whole_place.path()), parts(parts_place.path());
  LoopOptions all = options;
  all.record.best = "eval.state";
  all.record.tensorboard = true;
  ChaoticTask uninterrupted;
  const RunResult expected = train(uninterrupted, whole, all, *alone);
  for (const std::int64_t death : {2, 7, 11, 13, 19}) {
    ChaoticTask task;
    task.die_at = death;
    EXPECT_THROW(train(task, parts, all, *alone), std::runtime_error);
  }
  ChaoticTask last;
  const RunResult result = train(last, parts, all, *alone);
  EXPECT_EQ(last.state(), uninterrupted.state());
  EXPECT_EQ(result.values, expected.values);
  EXPECT_EQ(records_without_times(parts), records_without_times(whole));
  ASSERT_TRUE(whole.best_checkpoint());
  EXPECT_EQ(parts.best_checkpoint(), whole.best_checkpoint());
  EXPECT_EQ(model_state(parts, parts.best_checkpoint()->step), model_state(whole, whole.best_checkpoint()->step));
  EXPECT_EQ(events_of(parts), events_expected(parts));
}

TEST(TrainingLoop, RecordsAreMeansSinceTheLastAndEndWithAPhase) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  ChaoticTask task;
  train(task, RunFolder(place.path()), {.record = {.metrics_every = 4}}, *alone);
  std::vector<std::int64_t> steps;
  for (const Json& record : read_json_lines(place / "metrics.jsonl")) {
    if (record.contains("loss.total")) {
      EXPECT_EQ(record["loss.total"], 1.0);
      steps.push_back(record["step"]);
    }
  }
  EXPECT_EQ(steps, (std::vector<std::int64_t>{4, 5, 8, 12, 16, 20}));
}

TEST(TrainingLoop, EndsWithTheReasonWhenALossIsNotFinite) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  ChaoticTask task;
  task.nan_at = 7;
  const RunResult result = train(task, RunFolder(place.path()), options, *alone);
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_EQ(result.reason, "loss.x is nan at step 9; the first tensor that is not finite: state.x");
}

TEST(TrainingLoop, RecordsHoldWhatTheTaskObservesMemoryAndSpeed) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  ChaoticTask task;
  task.pause = std::chrono::milliseconds(2);
  train(task, RunFolder(place.path()), {.record = {.metrics_every = 5}, .global_batch = 6}, *alone);
  const Json record = read_json_lines(place / "metrics.jsonl").at(1);
  EXPECT_EQ(record["health.steps"], 10);
  EXPECT_GE(record["speed.step_seconds"], 0.002);
  EXPECT_NEAR(record["speed.images_per_second"].get<double>() * record["speed.step_seconds"].get<double>(), 6, 1e-9);
  EXPECT_GT(record["memory.peak_mb"], 10) << "libtorch alone takes more";
  EXPECT_LT(record["memory.peak_mb"], 1e6);
}

TEST(TrainingLoop, EndsWithTheTasksReasonAfterALastCheckpoint) {
  const auto alone = make_serial_communicator();
  const ScratchFolder whole_place, parts_place;
  const auto make = [] {
    ChaoticTask task;
    task.steps = 1000;
    task.patience = 4;
    return task;
  };
  ChaoticTask uninterrupted = make();
  const RunResult expected = train(uninterrupted, RunFolder(whole_place.path()), options, *alone);
  EXPECT_EQ(expected.state, TrialState::failed);
  EXPECT_EQ(expected.reason, "the state was high in 4 records");
  EXPECT_EQ(RunFolder(whole_place.path()).newest_checkpoint(), expected.steps);
  EXPECT_EQ(model_state(RunFolder(whole_place.path()), expected.steps), uninterrupted.state());
  // What it remembers of earlier records is part of a checkpoint.
  ChaoticTask first = make();
  first.die_at = expected.steps - 1;
  EXPECT_THROW(train(first, RunFolder(parts_place.path()), options, *alone), std::runtime_error);
  ChaoticTask second = make();
  EXPECT_EQ(train(second, RunFolder(parts_place.path()), options, *alone).steps, expected.steps);
}

TEST(TrainingLoop, KeepsTheBestCheckpointBesideTheNewest) {
  for (const bool highest : {false, true}) {
    const auto alone = make_serial_communicator();
    const ScratchFolder place;
    const RunFolder folder(place.path());
    ChaoticTask task;
    task.steps = 100;
    train(task, folder,
          {.record = {.metrics_every = 100, .evaluate_every = 7, .keep = 1, .best = "eval.state"},
           .highest_is_best = highest},
          *alone);
    // The best of the evaluations, looked for here.
    std::int64_t best_step = 0;
    double best = highest ? -1e9 : 1e9;
    for (const Json& record : read_json_lines(folder.metrics())) {
      if (!record.contains("eval.state")) continue;
      const double value = record["eval.state"];
      if (highest ? value <= best : value >= best) continue;
      best = value;
      best_step = record["step"];
    }
    ASSERT_TRUE(folder.best_checkpoint());
    EXPECT_EQ(*folder.best_checkpoint(), (BestCheckpoint{best_step, "eval.state", best, highest}));
    EXPECT_EQ(model_state(folder, best_step), best);
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.checkpoints()))
      names.insert(entry.path().filename());
    EXPECT_EQ(names, (std::set<std::string>{RunFolder::step_name(best_step), RunFolder::step_name(100), "best.toml"}));
  }
}

TEST(TrainingLoop, ABestCheckpointWhoseNameWasNotWrittenIsNamedOnResume) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  const RunFolder folder(place.path());
  LoopOptions all = options;
  all.record.best = "eval.state";
  ChaoticTask task;
  train(task, folder, all, *alone);
  const auto best = folder.best_checkpoint();
  std::filesystem::remove(folder.checkpoints() / "best.toml");  // as a kill between the two leaves it
  make_folder(folder.checkpoints() / ".00000021.abc.part");
  ChaoticTask again;
  again.steps = 21;
  train(again, folder, all, *alone);
  ASSERT_TRUE(folder.best_checkpoint());
  EXPECT_TRUE(*folder.best_checkpoint() == *best || folder.best_checkpoint()->step == 21);
  EXPECT_FALSE(std::filesystem::exists(folder.checkpoints() / ".00000021.abc.part"));
}

TEST(TrainingLoop, AMeasureThatIsNotMadeCannotChooseTheBest) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  LoopOptions all = options;
  all.record.best = "eval.kid";
  ChaoticTask task;
  EXPECT_EQ(error_of<Error>([&] { train(task, RunFolder(place.path()), all, *alone); }),
            "the best checkpoint is to be chosen by eval.kid, which was not measured; there are eval.state");
}

/// What a training that nothing came between writes.
std::vector<Json> whole_records(const LoopOptions& all) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  ChaoticTask task;
  train(task, RunFolder(place.path()), all, *alone);
  return records_without_times(RunFolder(place.path()));
}

TEST(TrainingLoop, TheTrainingIsNotLostWithItsLastMeasures) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  const RunFolder folder(place.path());
  ChaoticTask first;
  first.no_memory_for_measures_at = 20;
  EXPECT_EQ(error_of<std::runtime_error>([&] { train(first, folder, options, *alone); }), "no memory");
  EXPECT_EQ(folder.newest_checkpoint(), 20);
  ChaoticTask second;
  second.die_at = 20;  // no step is left to do
  const RunResult result = train(second, folder, options, *alone);
  EXPECT_EQ(result.state, TrialState::finished);
  EXPECT_EQ(result.values.at("eval.state"), first.state());
  EXPECT_EQ(records_without_times(folder), whole_records(options));
  EXPECT_TRUE(std::filesystem::exists(folder.samples(20)));
}

TEST(TrainingLoop, StoppedWhileItMeasuresOrDrawsItSavesAndDoesSoWhenItGoesOn) {
  const auto alone = make_serial_communicator();
  LoopOptions all = options;
  all.record.best = "eval.state";
  for (const bool measures : {true, false}) {
    for (const std::int64_t at : {10, 12, 20}) {
      if (measures == (at == 10)) continue;  // measured in steps 6, 12, 18 and 20, drawn in 10 and 20
      if (!measures && at == 12) continue;
      const ScratchFolder place;
      const RunFolder folder(place.path());
      std::vector<std::map<std::string, double>> heard;
      all.context.reason_to_prune = [&](const MetricRecord& record) {
        if (record.step == static_cast<double>(at)) heard.emplace_back(record.measures.begin(), record.measures.end());
        return std::optional<std::string>();
      };
      ChaoticTask first;
      (measures ? first.stop_in_measures_at : first.stop_in_samples_at) = at;
      EXPECT_THROW(train(first, folder, all, *alone), Interrupted);
      EXPECT_EQ(folder.newest_checkpoint(), at);
      EXPECT_TRUE(heard.empty());
      ChaoticTask second;
      const RunResult result = train(second, folder, all, *alone);
      EXPECT_EQ(result.state, TrialState::finished);
      EXPECT_EQ(records_without_times(folder), whole_records(options)) << at;
      EXPECT_TRUE(std::filesystem::exists(folder.samples(10)) && std::filesystem::exists(folder.samples(20)));
      if (at == 12) {
        ASSERT_EQ(heard.size(), 1u);
        EXPECT_TRUE(heard[0].contains("eval.state") && heard[0].contains("loss.x"))
            << "a listener hears both, as without the stop";
      }
    }
  }
}

TEST(TrainingLoop, ALongerTrainingMeasuresTheOldEndOnlyOnce) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  const RunFolder folder(place.path());
  ChaoticTask first, longer;
  train(first, folder, options, *alone);
  longer.steps = 24;
  train(longer, folder, options, *alone);
  EXPECT_EQ(longer.evaluations, 1) << "in its last step, 24";
}

TEST(TrainingLoop, AnUpdateThatSpoilsEverythingFailsThoughNoLossSawIt) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  ChaoticTask task;
  task.spoilt = true;
  const RunResult result = train(task, RunFolder(place.path()), options, *alone);
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_EQ(result.reason, "eval.state is nan at step 20; the first tensor that is not finite: state.x");
}

TEST(TrainingLoop, ADamagedCheckpointIsNamedWithWhatToDo) {
  const auto alone = make_serial_communicator();
  const auto complaint_after = [&](const std::function<void(const std::filesystem::path&)>& damage) {
    const ScratchFolder place;
    const RunFolder folder(place.path());
    ChaoticTask first;
    first.die_at = 10;
    EXPECT_THROW(train(first, folder, options, *alone), std::runtime_error);
    damage(folder.checkpoint(8));
    ChaoticTask second;
    std::string text = error_of<Error>([&] { train(second, folder, options, *alone); });
    std::filesystem::remove_all(folder.checkpoint(8));
    train(second, folder, options, *alone);
    return text;
  };
  const auto flip = [](const std::filesystem::path& file) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(-1, std::ios::end);
    stream.put('\x55');
  };
  EXPECT_THAT(
      complaint_after([&](const auto& folder) { flip(folder / "model.safetensors"); }),
      testing::AllOf(testing::HasSubstr("cannot go on from "), testing::HasSubstr("model.safetensors is damaged"),
                     testing::EndsWith("delete that folder to go on from 00000004")));
  EXPECT_THAT(
      complaint_after([](const auto& folder) { std::filesystem::resize_file(folder / "state.safetensors", 3); }),
      testing::HasSubstr("state.safetensors is damaged"));
  EXPECT_THAT(complaint_after([](const auto& folder) { std::filesystem::remove(folder / "state.safetensors"); }),
              testing::HasSubstr("state.safetensors is missing"));
  EXPECT_THAT(complaint_after([](const auto& folder) {
                // As an earlier version wrote it, and then with a number that is none.
                std::filesystem::remove(folder / "digests.toml");
                write_file(folder / "state.safetensors", [&] {
                  std::string bytes = read_file(folder / "state.safetensors");
                  const std::size_t at = bytes.find("\"step\":\"8\"");
                  EXPECT_NE(at, std::string::npos);
                  bytes.replace(at + 8, 1, "x");
                  return bytes;
                }());
              }),
              testing::HasSubstr("its step is \"x\", which is no number"));
}

TEST(TrainingLoop, FoldersThatAreNoCheckpointsAreLeftAlone) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  const RunFolder folder(place.path());
  make_folder(folder.checkpoints() / "99999999999999999999999");
  make_folder(folder.checkpoints() / "7");
  ChaoticTask task;
  EXPECT_EQ(train(task, folder, options, *alone).state, TrialState::finished);
  EXPECT_TRUE(std::filesystem::exists(folder.checkpoints() / "7"));
}

TEST(TrainingLoop, AKillAtAnyMomentLeavesCompleteCheckpoints) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  const RunFolder folder(place.path());
  LoopOptions all = options;
  all.record.checkpoint_every = 1;
  all.record.keep = 1;
  const auto make = [] {
    ChaoticTask task;
    task.steps = 120;
    task.ballast = 1 << 18;  // 2 MB
    return task;
  };
  std::int64_t before = 0;
  for (int kills = 0; kills < 12; ++kills) {
    const pid_t child = fork();
    if (child == 0) {
      ChaoticTask task = make();
      train(task, folder, all, *alone);
      _exit(0);
    }
    // Once it has got further, at some moment of its writing.
    while (folder.newest_checkpoint().value_or(0) <= before + 2 && waitpid(child, nullptr, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    std::this_thread::sleep_for(std::chrono::microseconds(700 * kills));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    before = folder.newest_checkpoint().value_or(0);
    for (const auto& entry : std::filesystem::directory_iterator(folder.checkpoints())) {
      if (entry.is_directory() && entry.path().extension() != ".part") {
        EXPECT_NO_THROW(Checkpoint::read(entry.path())) << entry.path();
      }
    }
  }
  EXPECT_GT(before, 20);
  ChaoticTask last = make(), uninterrupted = make();
  const ScratchFolder whole;
  train(last, folder, all, *alone);
  train(uninterrupted, RunFolder(whole.path()), options, *alone);
  EXPECT_EQ(last.state(), uninterrupted.state());
}

TEST(TrainingLoop, MemoryThatIsNotThereIsSaidWithItsSize) {
  const pid_t child = fork();
  if (child == 0) {
    // 300 MB more than now may be mapped, as under `ulimit -v`.
    std::ifstream status("/proc/self/statm");
    std::uint64_t pages = 0;
    status >> pages;
    const rlim_t bytes = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) + 300'000'000;
    const struct rlimit limit { bytes, bytes };
    setrlimit(RLIMIT_AS, &limit);
    const auto alone = make_serial_communicator();
    const ScratchFolder place;
    ChaoticTask task;
    task.ask_at = 3;
    task.ask_bytes = 1'500'000'000;
    try {
      train(task, RunFolder(place.path()), options, *alone);
    } catch (const OutOfMemory& problem) {
      _exit(problem.bytes() == 1'500'000'000 &&
                    std::string(problem.what()) == "out of memory: 1.5 GB more were asked for"
                ? 0
                : 2);
    } catch (const std::exception& problem) {
      std::cerr << problem.what() << std::endl;
    }
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(TrainingLoop, AFailureOfTheWritingThreadEndsTheTraining) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  const std::thread::id loop = std::this_thread::get_id();
  LoopOptions guarded = options;
  guarded.context.before_write = [loop] {
    if (std::this_thread::get_id() != loop) throw std::runtime_error("taken over");
  };
  ChaoticTask task;
  task.steps = 1'000'000;
  EXPECT_EQ(error_of<std::runtime_error>([&] { train(task, RunFolder(place.path()), guarded, *alone); }), "taken over");
  EXPECT_FALSE(RunFolder(place.path()).newest_checkpoint());
}

TEST(TrainingLoop, WritesNothingOnceItMustNot) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  LoopOptions guarded = options;
  guarded.context.before_write = [] { throw std::runtime_error("taken over"); };
  ChaoticTask task;
  EXPECT_THROW(train(task, RunFolder(place.path()), guarded, *alone), std::runtime_error);
  EXPECT_TRUE(read_json_lines(place / "metrics.jsonl").empty());
  EXPECT_FALSE(std::filesystem::exists(place / "checkpoints"));
}

std::vector<Json> loss_records(const RunFolder& folder) {
  std::vector<Json> records = records_without_times(folder);
  std::erase_if(records, [](const Json& record) { return !record.contains("loss.x"); });
  return records;
}

// As trainings on one GPU would.
TEST(RunRecorder, TrainingsTakeTurnsInOneProcess) {
  const auto alone = make_serial_communicator();
  const ScratchFolder places[2];
  const RunFolder folders[2]{RunFolder(places[0].path()), RunFolder(places[1].path())};
  ChaoticTask tasks[2];
  tasks[1].steps = 12;
  RunRecorder recorders[2]{{tasks[0], folders[0], options, *alone}, {tasks[1], folders[1], options, *alone}};
  for (RunRecorder& recorder : recorders) recorder.resume();
  for (std::int64_t step = 0; step < 20; ++step) {
    for (int i = 0; i < 2; ++i) {
      if (step >= tasks[i].steps) continue;
      recorders[i].add(tasks[i].step(step));
      if (recorders[i].record_is_due()) recorders[i].write_record();
      if (recorders[i].due(4)) recorders[i].save();
    }
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(recorders[i].end(TrialState::finished, "").steps, tasks[i].steps);
    ChaoticTask task;
    task.steps = tasks[i].steps;
    const ScratchFolder place;
    train(task, RunFolder(place.path()), options, *alone);
    EXPECT_EQ(tasks[i].state(), task.state());
    EXPECT_EQ(loss_records(folders[i]), loss_records(RunFolder(place.path())));
    EXPECT_EQ(folders[i].newest_checkpoint(), tasks[i].steps);
  }
}

}  // namespace
}  // namespace atelier
