// A training that was stopped anywhere and goes on in a new process is the one that was not: to the bit.
#include <gtest/gtest.h>

#include "tests/error_of.h"
#include "tests/experiments/tiny_training.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

class Resume : public testing::Test {
 protected:
  Resume() { make_tiny_experiment(folder_.path()); }

  /// Five photos, two a step: step 4 begins in the middle of the second epoch, and of a warm-up.
  void expect_exact(Changes changes, std::int64_t stop = 4, std::int64_t end = 7) {
    changes.insert(changes.begin(), "data.crop=16");
    const std::string shown = to_text(changes);
    try {
      TinyTraining whole(folder_.path(), changes), resumed(folder_.path(), changes);
      whole.run(0, stop);
      const auto [model, rest] = whole.state();
      const std::vector<at::Tensor> expected = whole.run(stop, end);
      resumed.task.load(model, rest);
      const std::vector<at::Tensor> losses = resumed.run(stop, end);
      for (std::size_t i = 0; i < losses.size(); ++i) {
        EXPECT_TRUE(same_bits(losses[i], expected[i]))
            << shown << " step " << stop + static_cast<std::int64_t>(i) << losses[i] << expected[i];
      }
      const auto a = whole.state(), b = resumed.state();
      expect_same(a.first, b.first, shown);
      expect_same(a.second, b.second, shown);
      // What was compared did change since the checkpoint.
      const std::string weight = first_weight(model);
      EXPECT_FALSE(same_bits(a.first.at(weight), model.at(weight))) << shown;
    } catch (const std::exception& problem) {
      ADD_FAILURE() << shown << ": " << problem.what();
    }
  }

  static std::string first_weight(const TensorMap& model) {
    for (const auto& [name, tensor] : model) {
      if (name.starts_with("generator.") && name.ends_with(".weight")) return name;
    }
    throw Error("the generator has no weight");
  }

  static void expect_same(const TensorMap& a, const TensorMap& b, const std::string& shown) {
    ASSERT_EQ(a.size(), b.size()) << shown;
    for (const auto& [name, tensor] : a) {
      const auto found = b.find(name);
      ASSERT_NE(found, b.end()) << shown << name;
      EXPECT_TRUE(same_bits(tensor, found->second)) << shown << ": " << name;
    }
  }

  ScratchFolder folder_;
};

TEST_F(Resume, IsExactForEveryChoice) {
  for (const Changes& changes : every_choice()) expect_exact(changes);
}

TEST_F(Resume, IsExactForWhatChoicesDoTogether) {
  for (const Changes& changes : more_choices()) expect_exact(changes);
}

TEST_F(Resume, IsExactInPretrainingAndAcrossItsEnd) {
  for (const char* generator : {"generator.norm=layer", "generator.norm=batch"}) {
    for (const std::int64_t stop : {1, 3, 4}) {
      expect_exact({generator, "pretrain.steps=3", "train.ema=0.9", "train.generator.warmup=5",
                    "train.generator.schedule=cosine"},
                   stop, stop + 3);
    }
  }
}

TEST_F(Resume, IsExactWithKeptTargets) {
  for (const char* flip : {"data.flip=true", "data.flip=false"}) {
    for (const char* precision : {"train.precision=fp32", "train.precision=bf16"}) {
      expect_exact({"data.crop=40", flip, precision, "data.batch=3"}, 3, 6);
    }
  }
}

TEST_F(Resume, SaysWhatACheckpointLacks) {
  TinyTraining first(folder_.path(), {}), averaged(folder_.path(), {"train.ema=0.9"}),
      larger(folder_.path(), {"generator.width=8"});
  const auto [model, rest] = first.state();
  const std::string lack = error_of<Error>([&] { averaged.task.load(model, rest); });
  const std::string begin = "the checkpoint holds no average.";
  ASSERT_TRUE(lack.starts_with(begin + "generator.")) << lack;
  EXPECT_TRUE(model.contains(lack.substr(begin.size()))) << lack;
  EXPECT_NE(error_of<Error>([&] { larger.task.load(model, rest); }).find("has the shape"), std::string::npos);
  EXPECT_NE(error_of<Error>([&] { first.task.load(model, {}); }).find("the checkpoint holds no generator_optimizer"),
            std::string::npos);
}

}  // namespace
}  // namespace atelier
