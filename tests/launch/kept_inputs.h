#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "framework/storage/json_lines.h"
#include "tests/command.h"
#include "tests/scratch_folder.h"

namespace atelier {

/// The folders of tests/data: each holds what one earlier version wrote (tests/data/make_kept_inputs.sh).
inline constexpr const char* kept_versions[] = {"before_records"};

/// A copy of what an earlier version wrote, as if its programs had ended hours ago.
class KeptInputs : public testing::TestWithParam<const char*> {
 protected:
  explicit KeptInputs(const std::string& as_if_in = "") {
    namespace fs = std::filesystem;
    fs::copy(fs::path(ATELIER_SOURCE_DIR) / "tests/data" / GetParam(), folder_.path(), fs::copy_options::recursive);
    const std::string mark = "@ROOT@", root = as_if_in.empty() ? fs::canonical(folder_.path()).string() : as_if_in;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      const std::string extension = entry.path().extension().string();
      if (extension == ".toml" || extension == ".json" || extension == ".jsonl" || extension == ".txt") {
        std::string text = read_text(entry.path());
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + root.size())) {
          text.replace(at, mark.size(), root);
        }
        write_text(entry.path(), text);
      }
      fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(2));
    }
  }

  CommandResult run(const std::string& command) const { return run_command(command, folder_.path()); }
  Json status(const std::string& sweep) const { return Json::parse(run("atelier status " + sweep + " --json").output); }
  /// What the earlier version said of the sweep.
  Json status_then(const std::string& sweep) const {
    return Json::parse(read_text(folder_ / (sweep + ".status.json")));
  }
  /// The texts of the files of this name in a sweep's trials, by trial.
  std::map<std::string, std::string> files_of_trials(const std::string& sweep, const char* name) const {
    std::map<std::string, std::string> texts;
    for (const auto& trial : std::filesystem::directory_iterator(folder_ / sweep / "trials")) {
      if (std::filesystem::exists(trial.path() / name)) {
        texts[trial.path().filename().string()] = read_text(trial.path() / name);
      }
    }
    return texts;
  }
  /// Expects that `status` says of every trial what the earlier version said.
  void expect_same_status(const std::string& sweep) const {
    const Json then = status_then(sweep).at("trials"), now = status(sweep).at("trials");
    ASSERT_EQ(now.size(), then.size()) << sweep;
    for (std::size_t i = 0; i < then.size(); ++i) {
      EXPECT_EQ(now[i].at("number"), then[i].at("number"));
      EXPECT_EQ(now[i].at("state"), then[i].at("state")) << sweep << " " << i;
      EXPECT_EQ(now[i].at("parameters"), then[i].at("parameters")) << sweep << " " << i;
      EXPECT_EQ(now[i].at("values"), then[i].at("values")) << sweep << " " << i;
    }
  }

  ScratchFolder folder_;
};

}  // namespace atelier
