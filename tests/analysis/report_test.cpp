#include "analysis/report.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "analysis/image_store.h"
#include "analysis/page.h"
#include "experiments/spec.h"
#include "framework/core/error.h"
#include "framework/images/png.h"
#include "framework/storage/atomic_file.h"
#include "tests/analysis/synthetic_sweep.h"

namespace atelier {
namespace {

using testing::ScratchFolder;
using testing::SyntheticSweep;
using testing::tiny_png;
using testing::write_text;

/// A picture that compresses badly.
std::string noise_png(std::uint64_t seed, int side) {
  Image image(side, side);
  for (std::uint8_t& byte : image.pixels()) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::uint8_t>(seed >> 56);
  }
  const std::vector<std::uint8_t> bytes = encode_png(image);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

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
  write_report({sweep.folder()}, known_measures(), file);
  const std::string html = read_file(file);
  EXPECT_TRUE(contains(html, "plotly.js v"));
  EXPECT_TRUE(contains(html, "default-src 'none'"));  // The browser itself refuses every request.
  const Json data = data_of(html);
  ASSERT_EQ(data["trials"].size(), 2u);
  const Json& trial = data["trials"][1];
  EXPECT_EQ(trial["rank"], 0);
  EXPECT_EQ(trial["curves"]["axes"][0]["steps"], Json::parse("[[1, 1, 10]]"));  // Ten records, from 1, one apart.
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
  const Json data = report_data(compare({sweep.folder()}, known_measures()), {});
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
  write_report({sweep.folder()}, known_measures(), file);
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
  EXPECT_EQ(write_report({sweep.folder()}, known_measures(), file).trials.size(), 0u);
  std::filesystem::create_directories(sweep.trial(0));
  write_text(sweep.trial(0) / "notes.txt", "no trial");
  std::filesystem::create_directories(
      sweep.trial(2));  // Its maker was killed before the first file: there is no trial yet.
  write_text(sweep.trial(2) / "claim-000001.json", "{}");
  const auto damaged = sweep.add_finished(1, 1, "0.5");
  write_text(damaged / "trial.toml", "\x01\x02");
  write_text(damaged / "samples" / "input" / "00.png", "truncated");
  std::filesystem::remove_all(damaged / "samples" / "00000010");
  const Comparison comparison = write_report({sweep.folder()}, known_measures(), file);
  EXPECT_EQ(comparison.trials[0].run.state, std::nullopt);
  EXPECT_EQ(comparison.trials[1].run.state, TrialState::finished);
  EXPECT_EQ(data_of(read_file(file))["trials"].size(), 2u);
}

TEST(Report, PicturesStayWithinTheirBudget) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  for (int i = 0; i < 5; ++i) sweep.add_finished(i, i + 1, std::to_string(0.1 * (i + 1)));
  std::size_t all = 0;
  for (int i = 0; i < 5; ++i) {
    for (const char* step : {"00000005", "00000010"}) {
      for (const char* photo : {"00.png", "01.png"}) {
        const auto file = sweep.trial(i) / "samples" / step / photo;
        write_text(file, noise_png(100 * i + step[7] + photo[1], 40));
        all += std::filesystem::file_size(file);
      }
    }
  }
  ReportOptions options;
  options.picture_bytes = all / 8;
  const Json data = report_data(compare({sweep.folder()}, known_measures()), options);
  std::size_t embedded = 0;
  for (const Json& picture : data["pictures"]) embedded += picture.get<std::string>().size();
  EXPECT_LE(embedded,
            options.picture_bytes * 4 / 3 + 100 * data["pictures"].size());  // Base64 and each picture's prefix.
  EXPECT_FALSE(data["trials"][0]["samples"].empty());                        // The best trial's come first.
  EXPECT_TRUE(data["trials"][4]["samples"].empty());
  EXPECT_GT(data["pictures_left_out"], 0);
}

TEST(Report, ManyPicturesBecomeSmallerOnesThatABrowserShows) {
  const ScratchFolder scratch;
  write_text(scratch.path() / "large.png", noise_png(1, 400));
  ImageStore store({.budget = 1'000'000, .compact = true, .folder = {}});
  ASSERT_TRUE(store.add(scratch.path() / "large.png").has_value());
  const std::string address = store.json()[0];
  EXPECT_TRUE(address.starts_with("data:image/jpeg;base64,/9j/"));  // A JPEG begins with the bytes ff d8 ff.
}

TEST(Report, AssetsLieBesideThePageAndOldOnesGo) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  sweep.add_finished(0, 1, "0.5");
  ReportOptions options;
  options.assets = scratch.path() / "my report-assets";
  write_text(options.assets / "0123456789abcdef.png", "of an older report");
  write_text(options.assets / "mine.png", "somebody's");
  const auto file = scratch.path() / "my report.html";
  write_report({sweep.folder()}, known_measures(), file, options);
  const std::string html = read_file(file);
  const Json data = data_of(html);
  ASSERT_EQ(data["pictures"].size(), 3u);
  const std::string address = data["pictures"][0];
  EXPECT_TRUE(address.starts_with("my%20report-assets/"));
  EXPECT_EQ(read_file(options.assets / address.substr(address.find('/') + 1)), tiny_png('0'));
  EXPECT_FALSE(std::filesystem::exists(options.assets / "0123456789abcdef.png"));
  EXPECT_TRUE(std::filesystem::exists(options.assets / "mine.png"));
  EXPECT_TRUE(contains(html, "img-src data: blob: file: 'self'"));
}

TEST(Report, SaysOfEachTrialOnlyWhatItsSettingsDifferIn) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  sweep.add_finished(0, 1, "0.5");
  sweep.add_finished(1, 2, "0.25");
  sweep.add_waiting(2, 3);
  const Json data = report_data(compare({sweep.folder()}, known_measures()), {});
  EXPECT_EQ(data["spec"]["generator.width"], 16);
  EXPECT_TRUE(data["trials"][0]["spec"]["set"].empty());
  EXPECT_EQ(data["trials"][1]["spec"]["set"], Json::parse(R"({"loss.content.weight": 2.0})"));
  EXPECT_TRUE(data["trials"][2]["spec"].is_null());
}

TEST(Report, ShowsConstraintsSeedsLineageAndWorkers) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep", "minimize = [\"eval.content\"]\nconstraints = [\"eval.ssim >= 0.4\"]");
  const auto trial = sweep.add_finished(0, 1, "0.5");
  write_text(trial / "trial.toml", "number = 0\nsetting = 3\nseed = 1\nparent = 7\n[parameters]\n");
  write_text(sweep.folder() / "journal" / "w.jsonl",
             R"({"event":"worker","host":"atlas","pid":4711,"ranks":2,"time":"2030-01-31T08:00:00Z"})"
             "\n"
             R"({"event":"start","trial":0,"time":"2030-01-31T08:00:10Z"})"
             "\n");
  const Json data = report_data(compare({sweep.folder()}, known_measures()), {});
  EXPECT_EQ(data["sources"][0]["constraints"],
            Json::parse(R"([{"text": "eval.ssim >= 0.4", "metric": "eval.ssim", "test": ">=", "limit": 0.4}])"));
  EXPECT_EQ(data["trials"][0]["setting"], 3);
  EXPECT_EQ(data["trials"][0]["seed"], 1);
  EXPECT_EQ(data["trials"][0]["parent"], 7);
  ASSERT_EQ(data["workers"].size(), 1u);
  EXPECT_EQ(data["workers"][0]["ranks"], 2);
  EXPECT_TRUE(data["workers"][0]["work"][0][2].is_null());
}

TEST(Report, APageThatNothingRenewsDoesNotReadItselfAgain) {
  const ScratchFolder scratch;
  const SyntheticSweep sweep(scratch.path() / "sweep");
  EXPECT_EQ(report_data(compare({sweep.folder()}, known_measures()), {})["reload_seconds"], 0);
  ReportOptions watched;
  watched.reload_seconds = 10;
  EXPECT_EQ(report_data(compare({sweep.folder()}, known_measures()), watched)["reload_seconds"], 10);
}

TEST(Report, AFolderThatCannotBeWrittenIsSaid) {
  const ScratchFolder scratch;
  const SyntheticSweep sweep(scratch.path() / "sweep");
  EXPECT_THROW(write_report({sweep.folder()}, known_measures(), scratch.path() / "nowhere" / "report.html"), Error);
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
