#include "analysis/journal_reader.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <tuple>

#include "framework/storage/json_lines.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

std::string text_in(const Json& event, const char* key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t whole_in(const Json& event, const char* key, std::int64_t otherwise) {
  const auto found = event.find(key);
  return found != event.end() && found->is_number_integer() ? found->get<std::int64_t>() : otherwise;
}

/// The stretch that has begun and not ended.
WorkerRecord::Stretch* open_stretch(WorkerRecord& worker) {
  return !worker.work.empty() && !worker.work.back().end ? &worker.work.back() : nullptr;
}

/// A worker that begins something else or leaves is done with what it had, whether it said so or not.
void close_stretch(WorkerRecord& worker, double time, const std::string& state) {
  WorkerRecord::Stretch* open = open_stretch(worker);
  if (!open) return;
  open->end = std::max(time, open->begin);
  open->state = state.empty() ? "interrupted" : state;
}

void add_event(WorkerRecord& worker, const Json& event, double time) {
  const std::string kind = text_in(event, "event");
  const std::int64_t trial = whole_in(event, "trial", -1);
  if (kind == "worker") {
    close_stretch(worker, time, "");
    worker.host = text_in(event, "host");
    worker.pid = whole_in(event, "pid", 0);
    worker.ranks = std::max<std::int64_t>(whole_in(event, "ranks", 1), 1);
    worker.left = false;
  } else if (kind == "start" && trial >= 0) {
    close_stretch(worker, time, "");
    worker.work.push_back({trial, time, std::nullopt, ""});
  } else if (kind == "end" && trial >= 0) {
    const WorkerRecord::Stretch* open = open_stretch(worker);
    if (open && open->trial == trial) close_stretch(worker, time, text_in(event, "state"));
  } else if (kind == "leave") {
    close_stretch(worker, time, "");
    worker.left = true;
  }
}

std::optional<WorkerRecord> read_worker(const fs::path& file) {
  WorkerRecord worker;
  worker.name = file.stem().string();
  bool any = false;
  for (const Json& event : read_json_lines(file)) {
    const std::optional<double> time = seconds_since_1970(text_in(event, "time"));
    if (!time) continue;
    worker.begin = any ? std::min(worker.begin, *time) : *time;
    worker.last = any ? std::max(worker.last, *time) : *time;
    any = true;
    add_event(worker, event, *time);
  }
  if (!any) return std::nullopt;
  return worker;
}

}  // namespace

std::vector<WorkerRecord> read_journal(const fs::path& sweep) {
  std::vector<WorkerRecord> workers;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(sweep / "journal", ignored)) {
    if (entry.path().extension() != ".jsonl") continue;
    try {
      if (std::optional<WorkerRecord> worker = read_worker(entry.path())) workers.push_back(*std::move(worker));
    } catch (const std::exception&) {
      // Cannot be opened: the timeline lacks one worker, which is no reason to have no report.
    }
  }
  std::sort(workers.begin(), workers.end(),
            [](const auto& a, const auto& b) { return std::tie(a.begin, a.name) < std::tie(b.begin, b.name); });
  return workers;
}

std::optional<double> seconds_since_1970(const std::string& time) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, length = 0;
  double second = 0;
  if (std::sscanf(time.c_str(), "%4d-%2d-%2dT%2d:%2d:%lfZ%n", &year, &month, &day, &hour, &minute, &second, &length) != 6 ||
      length != static_cast<int>(time.size()) || !(second >= 0 && second < 61) || hour > 23 || minute > 59) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  return static_cast<double>(days.count()) * 86400 + hour * 3600 + minute * 60 + second;
}

}  // namespace atelier
