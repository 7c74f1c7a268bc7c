// The promises of training as a user sees them: the same numbers on one rank and two, killed or not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <thread>

#include "framework/records/measure.h"
#include "framework/records/run_folder.h"
#include "framework/storage/json_lines.h"
#include "framework/storage/safetensors.h"
#include "tests/command.h"
#include "tests/scratch_folder.h"
#include "tests/tiny_data.h"

namespace atelier {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Of two tensors of single precision.
double largest_difference(const StoredTensor& a, const StoredTensor& b) {
  EXPECT_EQ(a.shape, b.shape);
  std::vector<float> x(a.bytes.size() / sizeof(float)), y(x.size());
  std::memcpy(x.data(), a.bytes.data(), a.bytes.size());
  std::memcpy(y.data(), b.bytes.data(), b.bytes.size());
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(double{x[i]} - double{y[i]}));
  return largest;
}

class Training : public testing::Test {
 protected:
  Training() { make_tiny_experiment(folder_.path()); }

  CommandResult run(const std::string& command) { return run_command(command, folder_.path()); }
  std::vector<Json> records(const std::string& out) { return read_json_lines(folder_ / out / "metrics.jsonl"); }
  /// Those of one step.
  std::vector<Json> records_of(const std::string& out, std::int64_t step) {
    std::vector<Json> found = records(out);
    std::erase_if(found, [&](const Json& record) { return record.at("step") != step; });
    return found;
  }
  std::string final_file(const std::string& out, const char* name) {
    const RunFolder folder(folder_ / out);
    return read_text(folder.checkpoint(folder.newest_checkpoint().value_or(-1)) / name);
  }
  /// The state's tensors, without the times in its metadata.
  std::string state_tensors(const std::string& out) {
    const RunFolder folder(folder_ / out);
    const SafetensorsFile file(folder.checkpoint(folder.newest_checkpoint().value_or(-1)) / "state.safetensors");
    std::string all;
    for (const auto& [name, tensor] : file.tensors()) {
      all += name + ":" + std::string(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
    }
    return all;
  }
  void expect_refusal(const std::string& command, const testing::Matcher<std::string>& complaint) {
    const CommandResult result = run(command + " --out refused");
    EXPECT_EQ(result.status, 2) << result.output;
    EXPECT_THAT(result.output, complaint);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "refused"));
  }

  ScratchFolder folder_;
};

// What is defined is the single step: from one state, one rank and two take the same step, up to the order of
// additions. Over many steps rounding grows, on one processor faster than on another. With a larger epsilon than usual:
// where gradients are near zero Adam makes whole steps of their rounding noise.
TEST_F(Training, OneAndTwoRanksTakeTheSameStepFromTheSameState) {
  const std::string train =
      "atelier train tiny.toml --set train.steps=12 --set record.checkpoint_every=1 --set record.keep=100 "
      "--set train.generator.epsilon=1e-5 --set train.discriminator.epsilon=1e-5 --out ";
  const CommandResult alone = run(train + "one");
  ASSERT_EQ(alone.status, 0) << alone.output;
  const RunFolder one(folder_ / "one");
  for (const std::int64_t step : {0, 4, 11}) {
    const std::string out = "two-from-" + std::to_string(step);
    const RunFolder two(folder_ / out);
    if (step > 0) {
      std::filesystem::create_directories(two.checkpoints());
      std::filesystem::copy(one.spec(), two.spec());
      std::filesystem::copy(one.checkpoint(step), two.checkpoint(step), std::filesystem::copy_options::recursive);
    }
    const CommandResult together = run("mpirun -n 2 --oversubscribe " + train + out);
    ASSERT_EQ(together.status, 0) << together.output;
    const std::vector<Json> a = records_of("one", step + 1), b = records_of(out, step + 1);
    ASSERT_EQ(a.size(), b.size());
    ASSERT_EQ(a.size(), step == 11 ? 2u : 1u) << "the last step is measured too";
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (const auto& [name, value] : a[i].items()) {
        if (!value.is_number() || name == "time" || name.starts_with("speed.") || name.starts_with("memory.")) continue;
        const double x = value.get<double>(), y = b[i].at(name).get<double>();
        // The gradient of a mean absolute difference jumps where a difference changes its sign. The distances of two
        // distributions are small differences of large numbers.
        const double tolerance = name.ends_with("_gradient") ? 1e-3 : name.starts_with("eval.") ? 1e-4 : 1e-5;
        EXPECT_LE(std::abs(x - y), tolerance * std::abs(x)) << name << " of step " << step + 1;
      }
    }
    // An update moves a weight by about the learning rate, 1e-4.
    const SafetensorsFile own(one.checkpoint(step + 1) / "model.safetensors"),
        shared(two.checkpoint(step + 1) / "model.safetensors");
    for (const auto& [name, tensor] : own.tensors())
      EXPECT_LE(largest_difference(tensor, shared.at(name)), 1e-6) << name << " after step " << step + 1;
  }
}

TEST_F(Training, KilledInTheMiddleItGoesOnToTheSameBits) {
  ASSERT_EQ(run("atelier train tiny.toml --set train.steps=60 --out whole").status, 0);
  // Killed without warning once a checkpoint is written and the run is past it, inside an epoch of five photos. A disk
  // may take longer for the checkpoint than a few of these steps take.
  const CommandResult killed =
      run("atelier train tiny.toml --set train.steps=60 --out parts & pid=$!; "
          "while [ -z \"$(ls parts/checkpoints 2>/dev/null | grep -E '^[0-9]+$')\" ] || [ $(wc -l < "
          "parts/metrics.jsonl) -lt 9 ]; do sleep 0.01; done; "
          "kill -9 $pid; wait $pid");
  EXPECT_EQ(killed.status, 137) << killed.output;
  ASSERT_FALSE(std::filesystem::exists(folder_ / "parts/result.toml")) << "it ended before it was killed";
  const CommandResult resumed = run("atelier train tiny.toml --set train.steps=60 --out parts");
  ASSERT_EQ(resumed.status, 0) << resumed.output;
  EXPECT_THAT(resumed.output, HasSubstr("going on at step"));
  EXPECT_EQ(final_file("parts", "model.safetensors"), final_file("whole", "model.safetensors"));
  EXPECT_EQ(state_tensors("parts"), state_tensors("whole"));
  EXPECT_EQ(records("parts").size(), records("whole").size());
}

TEST_F(Training, ASignalSavesAndLeavesWith130) {
  const CommandResult stopped =
      run("atelier train tiny.toml --set train.steps=100000 --out run & pid=$!; "
          "while [ ! -s run/metrics.jsonl ]; do sleep 0.01; done; kill -TERM $pid; wait $pid");
  EXPECT_EQ(stopped.status, 130) << stopped.output;
  EXPECT_THAT(stopped.output, HasSubstr("run the same command to go on"));
  EXPECT_TRUE(RunFolder(folder_ / "run").newest_checkpoint().has_value());
}

TEST_F(Training, ASecondOneInTheSameFolderIsRefusedWhileTheFirstLives) {
  const CommandResult result =
      run("atelier train tiny.toml --set train.steps=100000 --out run & pid=$!; "
          "while [ ! -s run/metrics.jsonl ]; do sleep 0.01; done; "
          "atelier train tiny.toml --set train.steps=100000 --out run 2>second; echo status $?; "
          "mpirun -n 2 --oversubscribe atelier train tiny.toml --set train.steps=200000 --out run 2>longer; echo "
          "status $?; "
          "kill -TERM $pid; wait $pid");
  EXPECT_EQ(result.status, 130) << result.output;
  EXPECT_THAT(result.output, HasSubstr("status 2"));
  EXPECT_THAT(result.output, testing::Not(HasSubstr("status 0")));
  const std::string second = read_text(folder_ / "second"), longer = read_text(folder_ / "longer");
  EXPECT_THAT(second,
              testing::ContainsRegex("run is being trained by process [0-9]+ on host .+ since .+ UTC; wait for it"));
  EXPECT_EQ(std::count(second.begin(), second.end(), '\n'), 1) << second;
  EXPECT_THAT(longer, HasSubstr("run is being trained by process"));
  EXPECT_THAT(read_text(folder_ / "run/spec.toml"), HasSubstr("steps = 100000")) << "the refused one changed the spec";
  // It has left, so another may go on.
  EXPECT_EQ(run("atelier train tiny.toml --set train.steps=100000 --out run & pid=$!; "
                "while ! grep -q 'going on' run/log.txt; do sleep 0.01; done; kill -TERM $pid; wait $pid")
                .status,
            130);
}

TEST_F(Training, ATrainingWhoseRatesFallToItsEndIsNotMadeLonger) {
  const std::string train =
      "atelier train tiny.toml --set 'train.generator.schedule=\"cosine\"' --out run --set train.steps=";
  ASSERT_EQ(run(train + "2").status, 0);
  const CommandResult longer = run(train + "4");
  EXPECT_EQ(longer.status, 2);
  EXPECT_THAT(longer.output, HasSubstr("run cannot be made longer: its learning rates fall towards its end"));
}

TEST_F(Training, TooLittleMemoryIsSaidWithWhatToLower) {
  const CommandResult result = run("ulimit -v 3000000; atelier train tiny.toml --set data.batch=20000 --out run");
  EXPECT_EQ(result.status, 1) << result.output;
  EXPECT_THAT(result.output,
              testing::ContainsRegex("out of memory: [0-9.]+ GB more were asked for; lower data.batch, data.crop or "
                                     "generator.width, or raise train.accumulate"));
}

TEST_F(Training, AgainDoesNothingLongerGoesOnAnotherSpecIsRefused) {
  ASSERT_EQ(run("atelier train tiny.toml --set train.steps=3 --out run").status, 0);
  EXPECT_THAT(run("atelier train tiny.toml --set train.steps=3 --out run").output, HasSubstr("has already ended"));
  const CommandResult longer = run("atelier train tiny.toml --set train.steps=5 --out run");
  EXPECT_THAT(longer.output, HasSubstr("going on at step 3 of 5"));
  const CommandResult other = run("atelier train tiny.toml --set train.steps=5 --set generator.width=8 --out run");
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.output, HasSubstr("generator.width is 8, was 4"));
}

TEST_F(Training, WritesARunFolder) {
  ASSERT_EQ(run("atelier train tiny.toml --set train.steps=2 --set pretrain.steps=2 --out run").status, 0);
  for (const char* file :
       {"spec.toml", "provenance.toml", "measures.toml", "metrics.jsonl", "log.txt", "result.toml",
        "samples/input/01.png", "samples/00000004/01.png", "checkpoints/00000004/model.safetensors"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ / "run" / file)) << file;
  }
  const std::vector<Json> all = records("run");
  EXPECT_EQ(all[0]["phase"], "pretrain");
  EXPECT_EQ(all[2]["phase"], "train");
  EXPECT_TRUE(all[2].contains("discriminator.smooth"));
  // Whatever it records it also declares.
  const Measures declared = Measures::from(Document::from_file(folder_ / "run" / "measures.toml"));
  for (const Json& record : all) {
    for (const auto& [name, value] : record.items()) {
      if (name.find('.') == name.npos) continue;
      EXPECT_NE(declared.of(name).group, "other") << name;
    }
  }
  // The complete spec alone gives the same run again.
  ASSERT_EQ(run("atelier train run/spec.toml --out again").status, 0);
  EXPECT_EQ(final_file("again", "model.safetensors"), final_file("run", "model.safetensors"));
}

TEST_F(Training, InputsThatDoNotFitAreRefusedBeforeAnythingIsMade) {
  expect_refusal("atelier train tiny.toml --set data.photos=nowhere", HasSubstr("nowhere does not exist"));
  expect_refusal("atelier train tiny.toml --set data.crop=48",
                 HasSubstr("data.crop = 48 is larger than the images of"));
  expect_refusal("atelier train tiny.toml --set features.weights=none.safetensors",
                 HasSubstr("none.safetensors does not exist"));
  expect_refusal("atelier train tiny.toml --set loss.content.layer=conv9_1",
                 HasSubstr("vgg16 has the layers \"conv1_1\""));
  expect_refusal("mpirun -n 3 --oversubscribe atelier train tiny.toml",
                 HasSubstr("data.batch = 2 is smaller than the 3 ranks"));
  const std::string carried = std::string(ATELIER_SOURCE_DIR) + "/experiments/weights/vgg16-conv4_3.safetensors";
  expect_refusal("atelier train tiny.toml --set loss.content.layer=conv5_1 --set features.weights=" + carried,
                 HasSubstr("it holds the layers conv1_1, conv1_2"));
  expect_refusal(
      "atelier train tiny.toml --set features.network=vgg19 --set loss.content.layer=conv3_4 --set features.weights=" +
          carried,
      HasSubstr("is of another network than vgg19"));
  write_text(folder_ / "text.safetensors", "not weights at all");
  expect_refusal("atelier train tiny.toml --set features.weights=text.safetensors",
                 HasSubstr("text.safetensors: not a safetensors file"));
}

TEST_F(Training, DamagedDataSetsAreNamed) {
  const std::filesystem::path shard = folder_ / "data/photos/train-00000-of-00001.h5";
  const std::string whole = read_text(shard);
  write_text(shard, whole.substr(0, whole.size() / 2));
  expect_refusal("atelier train tiny.toml", HasSubstr("train-00000-of-00001.h5"));
  write_text(shard, "not HDF5");
  expect_refusal("atelier train tiny.toml", HasSubstr("train-00000-of-00001.h5"));
  std::filesystem::remove(shard);
  expect_refusal("atelier train tiny.toml", HasSubstr("train-00000-of-00001.h5"));
  std::filesystem::remove(folder_ / "data/photos/dataset.toml");
  expect_refusal("atelier train tiny.toml", HasSubstr("not an Atelier data set"));
}

TEST_F(Training, GoesOnWhereverItsPicturesAndWeightsLieNowButOnlyWithThose) {
  std::filesystem::copy_file(
      std::filesystem::path(ATELIER_SOURCE_DIR) / "experiments/weights/vgg16-conv4_3.safetensors",
      folder_ / "w.safetensors");
  const std::string train =
      "atelier train tiny.toml --out run --set evaluate.pooled_layer=conv2_2 --set features.weights=";
  ASSERT_EQ(run(train + "w.safetensors --set train.steps=2").status, 0);
  std::filesystem::rename(folder_ / "data", folder_ / "moved");
  std::filesystem::rename(folder_ / "w.safetensors", folder_ / "v.safetensors");
  const std::string there =
      "v.safetensors --set data.photos=moved/photos --set data.anime=moved/anime --set record.keep=5 --set "
      "train.steps=";
  const CommandResult moved = run(train + there + "4");
  EXPECT_EQ(moved.status, 0) << moved.output;
  EXPECT_THAT(moved.output, HasSubstr("going on at step 2 of 4"));
  const std::string spec = read_text(folder_ / "run/spec.toml");
  EXPECT_THAT(spec, HasSubstr("moved/photos"));
  EXPECT_THAT(spec, HasSubstr("keep = 5"));
  std::fstream weights(folder_ / "v.safetensors", std::ios::in | std::ios::out | std::ios::binary);
  weights.seekp(-2, std::ios::end);
  weights.put('\x01');
  weights.close();
  const CommandResult other = run(train + there + "6");
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.output, HasSubstr("was begun with other feature weights"));
}

TEST_F(Training, MeasuresAtItsOwnSizeWhereAsked) {
  ASSERT_EQ(run("atelier train tiny.toml --set train.steps=1 --set evaluate.crop=40 --set train.generator.lr=1e-30 "
                "--set data.crop=16 --out small")
                .status,
            0);
  ASSERT_EQ(run("atelier train tiny.toml --set train.steps=1 --set evaluate.crop=40 --set train.generator.lr=1e-30 "
                "--set data.crop=32 --out large")
                .status,
            0);
  EXPECT_EQ(RunFolder(folder_ / "small").read_result()->values, RunFolder(folder_ / "large").read_result()->values);
  expect_refusal(
      "atelier train tiny.toml --set evaluate.crop=48",
      HasSubstr("evaluate.crop = 48 is larger than the held-out pictures, of which the smallest side is 40"));
}

TEST_F(Training, GoesOnOnlyWithThePicturesItBeganWith) {
  ASSERT_EQ(run("atelier train tiny.toml --set train.steps=2 --out run").status, 0);
  write_text(folder_ / "sweep.toml",
             "name = \"s\"\nexperiment = \"tiny.toml\"\nsampler = \"grid\"\nminimize = [\"eval.style\"]\n[space]\n"
             "\"loss.tv.weight\" = { choice = [0.0, 1.0] }\n[set]\ntrain.steps = 2\n");
  ASSERT_EQ(run("atelier sweep sweep.toml --out sweep").status, 0);
  std::filesystem::remove(folder_ / "p/picture0.png");
  ASSERT_EQ(run("atelier pack recipe.toml --out data").status, 0);
  const CommandResult result = run("atelier train tiny.toml --set train.steps=4 --out run");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.output, HasSubstr("was begun with other pictures"));
  EXPECT_THAT(run("atelier sweep sweep.toml --out sweep").output, HasSubstr("was made with other data"));
}

TEST_F(Training, AGpuThatIsNotThereIsSaid) {
  if (std::filesystem::exists("/dev/nvidia0")) GTEST_SKIP() << "there is a GPU";
  expect_refusal("atelier train tiny.toml --set train.device=cuda", HasSubstr("train.device = \"cuda\": "));
  expect_refusal("atelier train tiny.toml --set train.precision=tf32", HasSubstr("train.device is \"cpu\""));
}

TEST_F(Training, TrialsThatCannotBeginFailAloneOnAnyRanks) {
  write_text(folder_ / "s.toml",
             "name = \"s\"\nexperiment = \"tiny.toml\"\nsampler = \"grid\"\nminimize = [\"eval.style\"]\n[space]\n"
             "\"data.crop\" = { choice = [32, 48, 24] }\n\"data.batch\" = { choice = [1, 2] }\n[set]\ntrain.steps = "
             "2\nevaluate.crop = 32\n");
  const CommandResult result =
      run("timeout 60 mpirun -n 2 --oversubscribe atelier sweep s.toml --ranks-per-trial 2 --out s");
  EXPECT_EQ(result.status, 0) << result.output;
  const auto ended = [&](const char* trial) { return RunFolder(folder_ / "s/trials" / trial).read_result().value(); };
  EXPECT_THAT(ended("000000").reason, HasSubstr("data.batch = 1 is smaller than the 2 ranks"));
  EXPECT_EQ(ended("000001").state, TrialState::finished);
  EXPECT_THAT(ended("000003").reason, HasSubstr("data.crop = 48 is larger than the images"));
  EXPECT_EQ(ended("000005").state, TrialState::finished);
}

TEST_F(Training, ASweepWhoseTrialsWouldBeMeasuredInDifferentWaysIsRefused) {
  const auto complaint = [&](const std::string& key, const std::string& choices, const std::string& set) {
    write_text(
        folder_ / "s.toml",
        "name = \"s\"\nexperiment = \"tiny.toml\"\nsampler = \"grid\"\nminimize = [\"eval.style\"]\n[space]\n\"" + key +
            "\" = { choice = " + choices + " }\n[set]\ntrain.steps = 2\n" + set);
    const CommandResult result = run("atelier sweep s.toml --out s --dry-run");
    return std::to_string(result.status) + " " + result.output;
  };
  const std::string why = " is varied, so trials would be measured in different ways and not compare; ";
  EXPECT_THAT(complaint("data.crop", "[16, 32]", ""),
              HasSubstr("s.toml:6: data.crop" + why + "fix evaluate.crop, for instance in [set]"));
  EXPECT_THAT(complaint("data.crop", "[16, 32]", "evaluate.crop = 32\n"), testing::StartsWith("0 "));
  EXPECT_THAT(complaint("evaluate.content_layer", "[\"conv1_1\", \"conv2_2\"]", ""),
              HasSubstr("evaluate.content_layer" + why + "make two sweeps"));
  EXPECT_THAT(complaint("features.network", "[\"vgg16\", \"vgg19\"]", ""),
              HasSubstr("fix evaluate.network and evaluate.weights"));
  EXPECT_THAT(complaint("features.network", "[\"vgg16\", \"vgg19\"]",
                        "evaluate.network = \"vgg16\"\nevaluate.weights = \"random\"\n"),
              testing::StartsWith("0 "));
}

TEST_F(Training, AFailedRunStaysFailed) {
  for (int i = 0; i < 2; ++i) {
    const CommandResult result = run("atelier train tiny.toml --set train.generator.lr=1e30 --out run");
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.output, HasSubstr("at step"));
  }
}

TEST_F(Training, AnUnwritableFolderIsSaid) {
  const CommandResult result = run("atelier train tiny.toml --out /proc/run");
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("/proc/run"));
}

TEST_F(Training, ASweepGoesOnAfterItsWorkersWereKilled) {
  write_text(folder_ / "s.toml",
             "name = \"s\"\nexperiment = \"tiny.toml\"\nsampler = \"grid\"\nminimize = [\"eval.style\"]\n[space]\n"
             "\"loss.content.weight\" = { choice = [0.1, 1.0, 10.0] }\n[set]\ntrain.steps = "
             "12\nrecord.checkpoint_every = 3\n");
  ASSERT_EQ(run("atelier sweep s.toml --out whole").status, 0);
  run("atelier sweep s.toml --out parts & pid=$!; "
      "while [ $(cat parts/trials/000001/metrics.jsonl 2>/dev/null | wc -l) -lt 5 ]; do sleep 0.01; done; kill -9 "
      "$pid; wait $pid");
  const CommandResult resumed = run("mpirun -n 2 --oversubscribe atelier sweep s.toml --out parts");
  ASSERT_EQ(resumed.status, 0) << resumed.output;
  for (const char* trial : {"000000", "000001", "000002"}) {
    const std::string inside = std::string("/trials/") + trial;
    EXPECT_EQ(final_file("parts" + inside, "model.safetensors"), final_file("whole" + inside, "model.safetensors"))
        << trial;
    EXPECT_EQ(RunFolder(folder_ / ("parts" + inside)).read_result()->values,
              RunFolder(folder_ / ("whole" + inside)).read_result()->values);
  }
  EXPECT_EQ(run("atelier report parts").status, 0);
}

TEST_F(Training, ATrialThatDivergesFailsAlone) {
  write_text(folder_ / "s.toml",
             "name = \"s\"\nexperiment = \"tiny.toml\"\nsampler = \"grid\"\nminimize = [\"eval.style\"]\n[space]\n"
             "\"train.generator.lr\" = { choice = [1e30, 1e-4] }\n[set]\ntrain.steps = 6\n");
  const CommandResult result = run("atelier sweep s.toml --out s");
  EXPECT_EQ(result.status, 0) << result.output;
  const auto failed = RunFolder(folder_ / "s/trials/000000").read_result(),
             fine = RunFolder(folder_ / "s/trials/000001").read_result();
  EXPECT_EQ(failed->state, TrialState::failed);
  EXPECT_THAT(failed->reason, HasSubstr("at step"));
  EXPECT_EQ(fine->state, TrialState::finished);
}

TEST_F(Training, APopulationGoesOnFromTheBestCheckpoints) {
  write_text(folder_ / "s.toml",
             "name = \"s\"\nexperiment = \"tiny.toml\"\nsampler = \"pbt\"\npopulation = 2\ntrials = 4\nminimize = "
             "[\"eval.style\"]\n[space]\n"
             "\"loss.style.weight\" = { log = [0.1, 10] }\n[set]\ntrain.steps = 5\n");
  const CommandResult result = run("atelier sweep s.toml --out s");
  ASSERT_EQ(result.status, 0) << result.output;
  for (const char* trial : {"000002", "000003"}) {
    const RunFolder child(folder_ / "s/trials" / trial);
    EXPECT_THAT(read_text(child.path() / "trial.toml"), HasSubstr("parent = "));
    EXPECT_EQ(child.read_result()->steps, 10) << "five of its parent and five of its own";
    EXPECT_EQ(records(std::string("s/trials/") + trial).front()["step"], 6);
  }
}

TEST_F(Training, APrunedTrialGoesOnToTheSameBits) {
  const std::string head =
      "name = \"s\"\nexperiment = \"tiny.toml\"\nsampler = \"grid\"\nminimize = [\"eval.style\"]\n[space]\n"
      "\"loss.content.weight\" = { choice = [0.1, 1.0, 10.0, 100.0] }\n[set]\ntrain.steps = 9\nrecord.evaluate_every = "
      "3\n";
  write_text(folder_ / "whole.toml", head);
  write_text(folder_ / "pruned.toml", head + "[prune]\nkind = \"asha\"\nmin = 3\nmax = 9\nfactor = 2\n");
  ASSERT_EQ(run("atelier sweep whole.toml --out whole").status, 0);
  const CommandResult pruned = run("atelier sweep pruned.toml --out pruned");
  ASSERT_EQ(pruned.status, 0) << pruned.output;
  EXPECT_THAT(pruned.output, HasSubstr("goes on: it is among the best of its rung"));
  int finished = 0, stopped = 0;
  for (const char* trial : {"000000", "000001", "000002", "000003"}) {
    const std::string inside = std::string("/trials/") + trial;
    const auto result = RunFolder(folder_ / ("pruned" + inside)).read_result();
    stopped += result->state == TrialState::pruned;
    if (result->state != TrialState::finished) continue;
    ++finished;
    EXPECT_EQ(final_file("pruned" + inside, "model.safetensors"), final_file("whole" + inside, "model.safetensors"))
        << trial;
  }
  EXPECT_GE(finished, 1);
  EXPECT_GE(stopped, 1);
}

}  // namespace
}  // namespace atelier
