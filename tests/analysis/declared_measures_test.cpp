#include "analysis/declared_measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/findings.h"
#include "analysis/report_data.h"
#include "tests/analysis/synthetic_sweep.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ScratchFolder;
using testing::SyntheticSweep;
using testing::write_text;

/// Two runs, no trials of a sweep, that say what they measure.
class RunsThatDeclare : public ::testing::Test {
 protected:
  RunsThatDeclare() {
    for (const int i : {0, 1}) {
      std::filesystem::remove(
          sweep_.add_ended(i, 1, "finished", "", {{"sharpness", i ? "0.9" : "0.4"}, {"eval.kid", "0.1"}}) /
          "trial.toml");
    }
  }
  void declare(int run, const std::string& text, const std::string& started) {
    write_text(sweep_.trial(run) / "measures.toml", text);
    write_text(sweep_.trial(run) / "provenance.toml", "started = \"" + started + "\"\n");
  }
  Comparison compared() const { return compare({sweep_.trial(0), sweep_.trial(1)}, {}); }

  ScratchFolder scratch_;
  SyntheticSweep sweep_{scratch_.path()};
};

TEST_F(RunsThatDeclare, AreRankedByTheMeasureThatTheyDeclareForIt) {
  declare(0, "[sharpness]\nbetter = \"higher\"\nranks = true\n", "2026-01-01T00:00:00Z");
  const Comparison comparison = compared();
  EXPECT_THAT(comparison.objectives, ElementsAre(Objective{"sharpness", true}));
  EXPECT_TRUE(comparison.trials[1].best);
}

TEST_F(RunsThatDeclare, DisagreeAndTheOneThatStartedLastIsBelieved) {
  declare(0, "[sharpness]\nbetter = \"lower\"\n", "2026-01-02T00:00:00Z");
  declare(1, "[sharpness]\nbetter = \"higher\"\n", "2026-01-01T00:00:00Z");
  EXPECT_EQ(compared().measures.of("sharpness").better, Better::lower);
  declare(1, "[sharpness]\nbetter = \"higher\"\n", "2026-01-03T00:00:00Z");
  EXPECT_EQ(compared().measures.of("sharpness").better, Better::higher);
}

TEST_F(RunsThatDeclare, BringTheirReadingsGroupsAndMarksToThePage) {
  declare(0,
          "[sharpness]\ngroup = \"health\"\nread_as = \"edges kept\"\nshown_first = true\n"
          "[sharpness.marks]\nblur = 0.2\n",
          "2026-01-01T00:00:00Z");
  const Json data = report_data(compared(), {});
  const Json& sharpness = data["measures"]["sharpness"];
  EXPECT_EQ(sharpness["group"], "health");
  EXPECT_EQ(sharpness["read_as"], "edges kept");
  EXPECT_EQ(sharpness["marks"], Json::parse(R"([{"at": 0.2, "label": "blur"}])"));
  EXPECT_EQ(data["shown_first"], Json::array({"sharpness"}));
}

TEST_F(RunsThatDeclare, AreToldAboutTheFailureModesThatTheyDeclare) {
  declare(0,
          "[sharpness]\nbetter = \"higher\"\nranks = true\n"
          "[sharpness.failure_modes.ringing]\nabove = true\nlimit = 0.3\nof_most = \"edges ring\"\n"
          "of_best = \"rings at its edges ({})\"\n",
          "2026-01-01T00:00:00Z");
  const Comparison comparison = compared();
  std::string said;
  for (const Finding& finding : findings(comparison, evidence(comparison))) said += finding.text + "\n";
  EXPECT_THAT(said, HasSubstr("In 2 of 2 finished trials edges ring."));
  EXPECT_THAT(said, HasSubstr(comparison.trials[1].label + " rings at its edges (sharpness 0.9)."));
}

TEST_F(RunsThatDeclare, ADamagedDeclarationIsSaidAndTheRunIsReadNevertheless) {
  declare(0, "[sharpness]\nbetter = \"red\"\n", "2026-01-01T00:00:00Z");
  const Comparison comparison = compared();
  EXPECT_EQ(comparison.trials[0].run.state, TrialState::finished);
  ASSERT_FALSE(comparison.trials[0].run.problems.empty());
  EXPECT_THAT(comparison.trials[0].run.problems.back(), HasSubstr("measures.toml:2: better = \"red\""));
}

}  // namespace
}  // namespace atelier
