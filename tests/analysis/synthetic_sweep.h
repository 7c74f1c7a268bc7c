#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace atelier::testing {

/// A folder of this test alone, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Writes a sweep as `atelier sweep` would leave it, trial by trial.
class SyntheticSweep {
 public:
  /// `objectives` is the line of sweep.toml, for instance `minimize = ["eval.content"]`.
  explicit SyntheticSweep(std::filesystem::path folder,
                          const std::string& objectives = "minimize = [\"eval.content\"]");

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path trial(int number) const;

  /// A trial that nobody has begun, with a content weight and a norm.
  std::filesystem::path add_waiting(int number, double weight, const std::string& norm = "layer");
  /// One that ended, with ten records, two sample steps of two photos, and final values (TOML numbers).
  std::filesystem::path add_ended(int number, double weight, const std::string& state, const std::string& reason,
                                  const std::map<std::string, std::string>& values);
  std::filesystem::path add_finished(int number, double weight, const std::string& content) {
    return add_ended(number, weight, "finished", "", {{"eval.content", content}});
  }

 private:
  std::filesystem::path folder_;
};

void write_text(const std::filesystem::path& file, const std::string& text);

/// The smallest picture that passes for a PNG file; `mark` tells pictures apart.
std::string tiny_png(char mark);

}  // namespace atelier::testing
