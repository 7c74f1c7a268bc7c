#include "framework/records/sweep_journal.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/utc_time.h"
#include "framework/storage/value_json.h"

namespace atelier {
namespace {

constexpr std::int64_t largest_number = 1'000'000'000'000;  // of a trial; what is above was not written by us

std::optional<std::int64_t> whole(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_number_integer() ? std::optional(found->get<std::int64_t>()) : std::nullopt;
}

std::string text(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<bool> truth(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_boolean() ? std::optional(found->get<bool>()) : std::nullopt;
}

/// The object inside a line; an empty one where there is none.
Json object(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_object() ? *found : Json::object();
}

Json line_of(const WorkerJoined& event) {
  return {{"event", "worker"}, {"host", event.host}, {"pid", event.pid}, {"ranks", event.ranks}};
}

Json line_of(const WorkerLeft&) {
  Json line;
  line["event"] = "leave";
  return line;
}

Json line_of(const TrialStarted& event) {
  const TrialFile& trial = event.trial;
  Json line{{"event", "start"}, {"trial", trial.number}, {"generation", event.generation}};
  if (trial.seed) line.update({{"setting", trial.setting}, {"seed", *trial.seed}});
  if (trial.parent) line["parent"] = *trial.parent;
  if (trial.enqueued) line["enqueued"] = true;
  if (trial.learned) line["learned"] = *trial.learned;
  line["parameters"] = Json::object();
  for (const auto& [key, value] : trial.parameters) line["parameters"][key] = to_json(value);
  return line;
}

Json line_of(const TrialRecorded& event) {
  return {{"event", "report"},
          {"trial", event.trial},
          {"generation", event.generation},
          {"at", json_number(event.at)},
          {"value", json_number(event.value)}};
}

Json line_of(const TrialAgain& event) {
  return {{"event", "again"}, {"trial", event.trial}, {"generation", event.generation}};
}

Json line_of(const TrialEnded& event) {
  const RunResult& result = event.result;
  Json line{{"event", "end"},
            {"trial", event.trial},
            {"generation", event.generation},
            {"state", to_text(result.state)},
            {"steps", result.steps},
            {"seconds", json_number(result.seconds)}};
  if (!result.reason.empty()) line["reason"] = result.reason;
  line["values"] = Json::object();
  for (const auto& [name, value] : result.values) line["values"][name] = json_number(value);
  return line;
}

TrialFile trial_of(const Json& line, std::int64_t number) {
  TrialFile trial{.number = number,
                  .setting = whole(line, "setting").value_or(number),
                  .seed = whole(line, "seed"),
                  .parent = whole(line, "parent"),
                  .learned = truth(line, "learned")};
  for (const char* key : {"enqueued", "asked_for"})  // the second: versions up to 0.1
    trial.enqueued = trial.enqueued || truth(line, key).value_or(false);
  const Json parameters = object(line, "parameters");
  for (const auto& [key, value] : parameters.items()) trial.parameters.emplace_back(key, value_of_json(value));
  return trial;
}

RunResult result_of(const Json& line) {
  RunResult result{.state = trial_state_from(text(line, "state")).value_or(TrialState::failed),
                   .reason = text(line, "reason"),
                   .steps = whole(line, "steps").value_or(0)};
  const double seconds = line.contains("seconds") ? number_in(line["seconds"]) : 0;
  result.seconds = std::isfinite(seconds) ? seconds : 0;
  const Json values = object(line, "values");
  for (const auto& [name, value] : values.items()) result.values[name] = number_in(value);
  return result;
}

}  // namespace

Json to_json(const SweepEvent& event) {
  return std::visit([](const auto& what) { return line_of(what); }, event);
}

std::optional<SweepEvent> sweep_event_from(const Json& line) {
  const std::string event = text(line, "event");
  if (event == "worker") {
    return WorkerJoined{.host = text(line, "host"),
                        .pid = whole(line, "pid").value_or(0),
                        .ranks = std::max<std::int64_t>(whole(line, "ranks").value_or(1), 1)};
  }
  if (event == "leave") return WorkerLeft{};
  const std::int64_t trial = whole(line, "trial").value_or(-1), generation = whole(line, "generation").value_or(0);
  if (trial < 0 || trial > largest_number) return std::nullopt;
  if (event == "start") return TrialStarted{.generation = generation, .trial = trial_of(line, trial)};
  if (event == "again") return TrialAgain{.trial = trial, .generation = generation};
  if (event == "end") return TrialEnded{.trial = trial, .generation = generation, .result = result_of(line)};
  if (event == "report" && line.contains("at") && line.contains("value")) {
    return TrialRecorded{
        .trial = trial, .generation = generation, .at = number_in(line["at"]), .value = number_in(line["value"])};
  }
  return std::nullopt;
}

SweepJournalWriter::SweepJournalWriter(std::filesystem::path folder) : folder_(std::move(folder)) {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  std::uint32_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != sizeof bits) bits = static_cast<std::uint32_t>(std::time(nullptr));
  std::string safe(host);
  for (char& c : safe) c = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' ? c : '_';
  name_ = format("{}-{}-{:08x}.jsonl", safe, getpid(), bits);
}

SweepJournalWriter::~SweepJournalWriter() = default;

void SweepJournalWriter::write(const SweepEvent& event) {
  if (!writer_) {
    make_folder(folder_);
    writer_ = std::make_unique<JsonLinesWriter>(folder_ / name_);
  }
  Json line = to_json(event);
  line["time"] = utc_now();
  writer_->write(line);
}

void SweepJournalReader::refresh(bool look_for_new, const Use& use) {
  if (look_for_new) {
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, problem)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".jsonl") && !name.starts_with(".")) files_.try_emplace(name);
    }
  }
  for (auto& [name, file] : files_) {
    if (!file.closed) read(name, file, use);
  }
}

void SweepJournalReader::read(const std::string& name, File& file, const Use& use) const {
  const std::filesystem::path path = folder_ / name;
  const int handle = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle < 0) return;
  std::string bytes;
  struct stat status {};
  if (fstat(handle, &status) == 0 && status.st_size > file.read) {
    bytes.resize(static_cast<std::size_t>(status.st_size - file.read));
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t got = pread(handle, bytes.data() + done, bytes.size() - done, file.read + static_cast<off_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
  }
  close(handle);
  std::size_t start = 0;
  for (std::size_t end; (end = bytes.find('\n', start)) != std::string::npos; start = end + 1) {
    const Json line = Json::parse(bytes.begin() + static_cast<std::ptrdiff_t>(start),
                                  bytes.begin() + static_cast<std::ptrdiff_t>(end), nullptr,
                                  /*allow_exceptions=*/false);
    const std::optional<SweepEvent> event = line.is_object() ? sweep_event_from(line) : std::nullopt;
    if (!event) continue;
    use(name, seconds_since_1970(text(line, "time")), *event);
    if (std::holds_alternative<WorkerLeft>(*event)) file.closed = true;
  }
  file.read += static_cast<std::int64_t>(start);
}

}  // namespace atelier
