#include "framework/core/log.h"

// The only file that includes spdlog: the system's spdlog needs the system's fmt, see format.h.
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <string>

#include "framework/core/error.h"

namespace atelier {
namespace {

struct Sinks {
  std::shared_ptr<spdlog::sinks::stderr_sink_mt> terminal = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  std::shared_ptr<spdlog::sinks::dist_sink_mt> files = std::make_shared<spdlog::sinks::dist_sink_mt>();
  std::shared_ptr<spdlog::logger> logger;
  int rank = 0;

  Sinks() {
    terminal->set_pattern("%H:%M:%S %v");
    logger = std::make_shared<spdlog::logger>("atelier", spdlog::sinks_init_list{terminal, files});
    files->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
    logger->flush_on(spdlog::level::info);
  }
};

// The one object of this kind: a terminal is global as well.
Sinks& sinks() {
  static Sinks instance;
  return instance;
}

}  // namespace

void log_info(std::string_view message) { sinks().logger->info(message); }

void log_warning(std::string_view message) {
  Sinks& s = sinks();
  if (s.rank > 0) {
    s.logger->warn("rank {}: {}", s.rank, message);
  } else {
    s.logger->warn("{}", message);
  }
}

void set_log_rank(int rank) {
  sinks().rank = rank;
  sinks().terminal->set_level(rank == 0 ? spdlog::level::info : spdlog::level::warn);
}

struct LogFile::State {
  std::shared_ptr<spdlog::sinks::basic_file_sink_mt> sink;
};

LogFile::LogFile(const std::filesystem::path& file) : state_(std::make_unique<State>()) {
  try {
    state_->sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
  } catch (const spdlog::spdlog_ex& problem) {
    throw Error("cannot write the log " + file.string() + ": " + problem.what());
  }
  state_->sink->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
  sinks().files->add_sink(state_->sink);
}

LogFile::~LogFile() { sinks().files->remove_sink(state_->sink); }

}  // namespace atelier
