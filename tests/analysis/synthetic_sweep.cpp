#include "tests/analysis/synthetic_sweep.h"

#include <unistd.h>

#include <atomic>
#include <fstream>
#include <stdexcept>

#include "framework/core/format.h"

namespace atelier::testing {
namespace fs = std::filesystem;

ScratchFolder::ScratchFolder() {
  static std::atomic<int> made{0};
  path_ = fs::temp_directory_path() / format("atelier-analysis-{}-{}", getpid(), made++);
  fs::remove_all(path_);
  fs::create_directories(path_);
}

ScratchFolder::~ScratchFolder() { fs::remove_all(path_); }

void write_text(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

std::string tiny_png(char mark) { return std::string("\x89PNG\r\n\x1a\n") + mark; }

SyntheticSweep::SyntheticSweep(fs::path folder, const std::string& objectives) : folder_(std::move(folder)) {
  write_text(folder_ / "sweep.toml", "name = \"loss-weights\"\nexperiment = \"quick.toml\"\ntrials = 8\n" + objectives +
                                         "\n[space]\n\"loss.content.weight\" = { log = [0.1, 30] }\n"
                                         "\"generator.norm\" = { choice = [\"layer\", \"instance\"] }\n");
  fs::create_directories(folder_ / "trials");
}

fs::path SyntheticSweep::trial(int number) const { return folder_ / "trials" / format("{:06}", number); }

fs::path SyntheticSweep::add_waiting(int number, double weight, const std::string& norm) {
  write_text(trial(number) / "trial.toml",
             format("number = {}\nidentity = \"x{}\"\n[parameters]\n\"loss.content.weight\" = "
                    "{:.3f}\n\"generator.norm\" = \"{}\"\n",
                    number, number, weight, norm));
  return trial(number);
}

fs::path SyntheticSweep::add_ended(int number, double weight, const std::string& state, const std::string& reason,
                                   const std::map<std::string, std::string>& values) {
  const fs::path folder = add_waiting(number, weight);
  write_text(folder / "spec.toml", format("name = \"quick\"\nseed = 0\n[generator]\nwidth = 16\nnorm = \"layer\"\n"
                                          "[loss.content]\nweight = {:.3f}\n",
                                          weight));
  std::string records;
  for (int step = 1; step <= 10; ++step) {
    records += format("{{\"step\":{},\"epoch\":0,\"time\":{},\"phase\":\"train\",\"generator.content\":{}}}\n", step,
                      step * 0.5, 1.0 / step);
  }
  write_text(folder / "metrics.jsonl", records);
  for (const char* photo : {"00", "01"}) {
    write_text(folder / "samples" / "input" / (std::string(photo) + ".png"), tiny_png(photo[1]));
    for (const char* step : {"00000005", "00000010"}) {
      write_text(folder / "samples" / step / (std::string(photo) + ".png"), tiny_png(static_cast<char>('a' + number)));
    }
  }
  std::string result = format("state = \"{}\"\nreason = \"{}\"\nsteps = 10\nseconds = 5.0\n[values]\n", state, reason);
  for (const auto& [metric, value] : values) result += format("\"{}\" = {}\n", metric, value);
  write_text(folder / "result.toml", result);
  return folder;
}

}  // namespace atelier::testing
