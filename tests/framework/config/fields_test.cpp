#include "framework/config/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atelier {
namespace {

struct Spec {
  bool flip = false;
  std::int64_t width = 64;
  double rate = 1e-4;
  std::string norm = "layer";
  std::filesystem::path data;
  std::vector<double> betas{0.5, 0.999};
  std::vector<std::string> layers{"conv4_4"};

  Fields fields() {
    Fields f;
    f.begin("model");
    f.boolean("flip", flip, "mirror");
    f.integer("width", width, {1, 1024}, "channels");
    f.choice("norm", norm, {"layer", "instance", "none"}, "norm");
    f.end();
    f.begin("train");
    f.real("rate", rate, Range::positive(), "rate");
    f.reals("betas", betas, 2, {0, 1}, "betas");
    f.texts("layers", layers, "layers");
    f.path("data", data, "data");
    f.end();
    return f;
  }
};

/// What reading this text complains about; empty when it does not.
std::string complaint(const std::string& text) {
  Spec spec;
  try {
    spec.fields().read(Document::from_text(text, "spec.toml", "/data"));
  } catch (const UsageError& problem) {
    return problem.what();
  }
  return {};
}

TEST(Fields, ReadsEveryType) {
  Spec spec;
  spec.fields().read(
      Document::from_text("[model]\nflip = true\nwidth = 8\nnorm = \"none\"\n[train]\nrate = 3\nbetas = [0, 0.9]\n"
                          "layers = [\"a\", \"b\"]\ndata = \"../x\"\n",
                          "spec.toml", "/data/sub"));
  EXPECT_TRUE(spec.flip);
  EXPECT_EQ(spec.width, 8);
  EXPECT_EQ(spec.norm, "none");
  EXPECT_EQ(spec.rate, 3.0);
  EXPECT_EQ(spec.betas, (std::vector<double>{0, 0.9}));
  EXPECT_EQ(spec.layers, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(spec.data, "/data/x");
}

TEST(Fields, NamesFileLineAndNearestKey) {
  EXPECT_EQ(complaint("[model]\nwidht = 3\n"),
            "spec.toml:2: unknown key \"model.widht\"; did you mean \"model.width\"?");
}

TEST(Fields, ListsTheTableWhenNothingIsNear) {
  EXPECT_EQ(
      complaint("[model]\nxyzzyxyzzy = 3\n"),
      "spec.toml:2: unknown key \"model.xyzzyxyzzy\"; [model] has \"model.flip\", \"model.width\" or \"model.norm\"");
}

TEST(Fields, SaysWhatWouldBeRight) {
  EXPECT_EQ(complaint("[model]\nwidth = \"a\"\n"),
            "spec.toml:2: model.width = \"a\": expected a whole number from 1 to 1024");
  EXPECT_EQ(complaint("[model]\nwidth = 0\n"), "spec.toml:2: model.width = 0: expected a whole number from 1 to 1024");
  EXPECT_EQ(complaint("[model]\nwidth = 2.5\n"),
            "spec.toml:2: model.width = 2.5: expected a whole number from 1 to 1024");
  EXPECT_EQ(
      complaint("[model]\nnorm = \"layr\"\n"),
      "spec.toml:2: model.norm = \"layr\": expected \"layer\", \"instance\" or \"none\"; did you mean \"layer\"?");
  EXPECT_EQ(complaint("\n[train]\nrate = 0\n"), "spec.toml:3: train.rate = 0: expected a number above 0");
  EXPECT_EQ(complaint("[train]\nrate = nan\n"), "spec.toml:2: train.rate = nan: expected a number above 0");
  EXPECT_EQ(complaint("[train]\nbetas = [0.5]\n"),
            "spec.toml:2: train.betas = [0.5]: expected a list of 2 numbers from 0 to 1");
}

TEST(Fields, ComplaintsAreOneLine) {
  for (const char* text : {"[model\n", "a = \n", "[model]\nwidth = 1\nwidth = 2\n", "x = [{a = 1}]\n"}) {
    EXPECT_NE(complaint(text), "") << text;
    EXPECT_EQ(complaint(text).find('\n'), std::string::npos) << text;
  }
}

TEST(Fields, WritesWhatItReads) {
  Spec spec;
  spec.rate = 0.1 + 0.2;
  spec.norm = "none";
  spec.data = "/a \"quoted\" path";
  Spec again;
  again.fields().read(Document::from_text(spec.fields().to_toml(), "written", "/"));
  EXPECT_EQ(again.rate, spec.rate);
  EXPECT_EQ(again.norm, "none");
  EXPECT_EQ(again.data, spec.data);
  EXPECT_EQ(again.fields().to_toml(), spec.fields().to_toml());
}

TEST(Document, SetTakesTomlAndBareWords) {
  Document document = Document::from_text("[model]\nwidth = 1\n", "spec.toml", "/");
  document.set("model.width=7");
  document.set("model.norm = none");
  document.set("train.betas=[0.1, 0.2]");
  Spec spec;
  spec.fields().read(document);
  EXPECT_EQ(spec.width, 7);
  EXPECT_EQ(spec.norm, "none");
  EXPECT_EQ(spec.betas[0], 0.1);
}

TEST(Document, SetSaysWhereAValueCameFrom) {
  Document document = Document::from_text("", "spec.toml", "/");
  document.set("model.width=wide");
  Spec spec;
  try {
    spec.fields().read(document);
    FAIL();
  } catch (const UsageError& problem) {
    EXPECT_THAT(problem.what(),
                testing::StartsWith("--set model.width=wide: model.width = \"wide\": expected a whole number"));
  }
  EXPECT_THROW(document.set("no equals sign"), UsageError);
  EXPECT_THROW(document.set("model.width=[1"), UsageError);
}

TEST(Fields, AKeyThatTwoDescribeHasOneValueAndNamesBoth) {
  double one = 1, other = 1, alone = 0;
  Fields first, second, shared;
  first.real("size", one, Range::at_least(0), "of the first step");
  second.real("size", other, Range::at_least(0), "of every step");
  second.real("decay", alone, {}, "a step");
  shared.begin("walk");
  shared.share("jumper", first, Role::result);
  shared.share("runner", second, Role::result);
  shared.end();
  ASSERT_EQ(shared.all().size(), 2u);
  EXPECT_EQ(shared.find("walk.size")->help, "of the first step (jumper); of every step (runner)");
  shared.find("walk.size")->assign(3, {"a test", {}});
  EXPECT_EQ(one, 3);
  EXPECT_EQ(other, 3);
  EXPECT_THROW(shared.find("walk.size")->assign(-1, {"a test", {}}), UsageError);

  double narrow = 3;
  Fields third;
  third.begin("walk");
  third.real("size", narrow, {0, 10}, "of the first step");
  EXPECT_THROW(shared.share("crawler", third, Role::result), Error);
}

TEST(Value, WritesShortestNumbers) {
  EXPECT_EQ(to_toml(Value(0.1)), "0.1");
  EXPECT_EQ(to_toml(Value(3.0)), "3.0");
  EXPECT_EQ(to_toml(Value(1e-7)), "1e-07");
  EXPECT_EQ(to_toml(Value("a\"b\n")), "\"a\\\"b\\n\"");
  EXPECT_EQ(toml_key("plain-key_1"), "plain-key_1");
  EXPECT_EQ(toml_key("loss.weight"), "\"loss.weight\"");
}

}  // namespace
}  // namespace atelier
