#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace atelier {

/// What a command of the user's shell did.
struct CommandResult {
  int status = -1;     ///< Exit status, or 128 + signal.
  std::string output;  ///< Standard output and error together.
};

/// Runs a shell command in a folder, as a user would type it; `atelier` is on its PATH.
inline CommandResult run_command(const std::string& command, const std::filesystem::path& folder = ".") {
  const std::string line = "cd '" + folder.string() +
                           "' && export PATH='" ATELIER_BIN_DIR
                           "':$PATH OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMP_NUM_THREADS=1 "
                           "ASAN_OPTIONS=detect_leaks=0 && { " +
                           command + "; } 2>&1";
  CommandResult result;
  FILE* pipe = popen(line.c_str(), "r");
  char buffer[4096];
  while (const std::size_t n = fread(buffer, 1, sizeof buffer, pipe)) result.output.append(buffer, n);
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace atelier
