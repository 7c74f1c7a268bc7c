#include "analysis/report.h"

#include <gtest/gtest.h>

#include "analysis/page.h"
#include "analysis/picture_shelf.h"
#include "framework/core/error.h"
#include "framework/storage/atomic_file.h"
#include "tests/analysis/synthetic_sweep.h"

namespace atelier {
namespace {

using testing::ScratchFolder;
using testing::SyntheticSweep;
using testing::tiny_png;
using testing::write_text;

/// Not a matcher, whose message would print 5 MB.
bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The data of a written page as the browser finds it: up to what ends a script element.
std::string data_text(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t begin = html.find(open) + open.size();
  return html.substr(begin, html.find("</script", begin) - begin);
}

Json data_of(const std::string& html) { return Json::parse(data_text(html)); }

TEST(Report, HoldsTrialsCurvesAndPicturesInOneFileWithoutANetwork) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  sweep.add_finished(0, 1, "0.5");
  sweep.add_finished(1, 2, "0.25");
  const auto file = scratch.path() / "report.html";
  write_report({sweep.folder()}, file);
  const std::string html = read_file(file);
  EXPECT_TRUE(contains(html, "plotly.js v"));
  EXPECT_TRUE(contains(html, "default-src 'none'"));  // The browser itself refuses every request.
  const Json data = data_of(html);
  ASSERT_EQ(data["trials"].size(), 2u);
  const Json& trial = data["trials"][1];
  EXPECT_EQ(trial["rank"], 0);
  EXPECT_EQ(trial["curves"]["metrics"]["generator.content"]["values"].size(), 10u);
  EXPECT_EQ(trial["weights"]["generator.content"], 2.0);
  EXPECT_EQ(trial["samples"].size(), 2u);
  const auto place = trial["samples"][1]["pictures"]["00"].get<std::size_t>();
  EXPECT_EQ(data["pictures"][place], "data:image/png;base64," + base64(tiny_png('b')));
  EXPECT_EQ(data["pictures"].size(), 4u);  // Two photos that the trials share, and one picture of each.
}

TEST(Report, SaysOfEveryMeasureItsGroupAndHowToReadIt) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  sweep.add_ended(0, 1, "finished", "", {{"eval.content", "0.5"}, {"eval.ssim", "0.9"}, {"eval.kid_photo", "0.1"}});
  const Json data = report_data(compare({sweep.folder()}), {});
  EXPECT_EQ(data["groups"], Json::parse(R"([{"name": "losses", "heading": "Losses"},
                                            {"name": "evaluation", "heading": "Evaluation"}])"));
  EXPECT_EQ(data["measures"]["generator.content"]["group"], "losses");
  EXPECT_EQ(data["measures"]["eval.content"]["better"], "lower is better");
  EXPECT_EQ(data["measures"]["eval.ssim"]["higher"], true);
  EXPECT_EQ(data["measures"]["eval.kid_photo"]["lower"], false);
  EXPECT_EQ(data["measures"]["eval.kid_photo"]["higher"], false);
}

TEST(Report, HostileTextStaysText) {
  const ScratchFolder scratch;
  const std::string evil = "</script><script>alert(1)</script><!-- \xe2\x80\xa8 {{data}}";
  SyntheticSweep sweep(scratch.path() / "sweep");
  write_text(sweep.folder() / "sweep.toml", "name = '" + evil + "'\nminimize = ['eval.content']\n");
  sweep.add_finished(0, 1, "0.5");
  sweep.add_waiting(1, 2, evil);
  sweep.add_ended(2, 3, "failed", evil, {});
  const auto file = scratch.path() / "report.html";
  write_report({sweep.folder()}, file);
  const std::string html = read_file(file);
  EXPECT_FALSE(contains(html, "<script>alert"));
  EXPECT_FALSE(contains(data_text(html), "\xe2\x80\xa8"));
  const Json data = data_of(html);
  EXPECT_EQ(data["title"], evil);
  EXPECT_EQ(data["trials"][2]["reason"], evil);
  EXPECT_EQ(data["trials"][1]["parameters"]["generator.norm"], evil);
}

TEST(Report, WritesEvenWhereThereIsNextToNothing) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  const auto file = scratch.path() / "report.html";
  EXPECT_EQ(write_report({sweep.folder()}, file).trials.size(), 0u);
  std::filesystem::create_directories(sweep.trial(0));  // Its maker was killed before the first file.
  const auto damaged = sweep.add_finished(1, 1, "0.5");
  write_text(damaged / "trial.toml", "\x01\x02");
  write_text(damaged / "samples" / "input" / "00.png", "truncated");
  std::filesystem::remove_all(damaged / "samples" / "00000010");
  const Comparison comparison = write_report({sweep.folder()}, file);
  EXPECT_EQ(comparison.trials[0].run.state, RunState::unreadable);
  EXPECT_EQ(comparison.trials[1].run.state, RunState::finished);
  EXPECT_EQ(data_of(read_file(file))["trials"].size(), 2u);
}

TEST(Report, PicturesStayWithinTheirBudget) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  for (int i = 0; i < 5; ++i) sweep.add_finished(i, i + 1, std::to_string(0.1 * (i + 1)));
  ReportOptions limits;
  limits.picture_bytes = 3 * tiny_png('a').size();
  const Json data = report_data(compare({sweep.folder()}), limits);
  EXPECT_EQ(data["pictures"].size(), 3u);  // Both photos and the best trial's picture.
  EXPECT_EQ(data["trials"][0]["samples"].size(), 2u);
  EXPECT_TRUE(data["trials"][4]["samples"].empty());
  EXPECT_GT(data["pictures_left_out"], 0);
}

TEST(Report, AFolderThatCannotBeWrittenIsSaid) {
  const ScratchFolder scratch;
  const SyntheticSweep sweep(scratch.path() / "sweep");
  EXPECT_THROW(write_report({sweep.folder()}, scratch.path() / "nowhere" / "report.html"), Error);
}

TEST(Page, Base64MatchesTheStandardsExamples) {  // RFC 4648, section 10.
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\x80"), "//6A");
}

TEST(Page, BrokenUtf8IsReplacedAndDoesNotThrow) {
  EXPECT_NO_THROW(script_json(Json{{"name", "\xff\xe2\x80"}}));
  EXPECT_EQ(script_json("<&>"), "\"\\u003c\\u0026\\u003e\"");
}

}  // namespace
}  // namespace atelier
