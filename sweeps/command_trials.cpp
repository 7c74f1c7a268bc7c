#include "sweeps/command_trials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <thread>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/stop_signal.h"
#include "framework/core/suggestion.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/claim.h"
#include "framework/storage/json_lines.h"
#include "sweeps/line_tail.h"
#include "sweeps/program_output.h"

extern char** environ;

namespace atelier {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr std::string_view own_placeholders[] = {"trial.dir", "trial.number", "parameters", "seed"};

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// What an argument is made of: text, and names in braces.
struct Piece {
  bool placeholder;
  std::string text;
};

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::vector<Piece> pieces(std::string_view word) {
  std::vector<Piece> result;
  const auto add_text = [&](std::string_view text) {
    if (result.empty() || result.back().placeholder) result.push_back({false, ""});
    result.back().text += text;
  };
  while (!word.empty()) {
    if (word.starts_with("{{") || word.starts_with("}}")) {
      add_text(word.substr(0, 1));
      word.remove_prefix(2);
      continue;
    }
    std::size_t end = 1;
    while (end < word.size() && name_character(word[end])) ++end;
    // Other braces are text: a script on the command line is full of them.
    if (word[0] == '{' && end > 1 && end < word.size() && word[end] == '}') {
      result.push_back({true, std::string(word.substr(1, end - 1))});
      word.remove_prefix(end + 1);
    } else {
      add_text(word.substr(0, 1));
      word.remove_prefix(1);
    }
  }
  return result;
}

/// As a person writes it, so that programs read whole numbers as such: 3, not 3.0.
std::string argument_text(const Value& value) {
  const double* number = std::get_if<double>(&value.data);
  if (!number || !std::isfinite(*number)) return to_text(value);
  char digits[40];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, *number).ptr);
}

Json to_json(const Value& value) {
  if (const auto* truth = std::get_if<bool>(&value.data)) return *truth;
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return *whole;
  if (const auto* number = std::get_if<double>(&value.data)) {
    constexpr double exact = 9007199254740992.0;  // 2^53
    if (*number == std::floor(*number) && std::abs(*number) < exact) return static_cast<std::int64_t>(*number);
    return json_number(*number);
  }
  if (value.is_text()) return value.text();
  Json list = Json::array();
  for (const Value& item : value.list()) list.push_back(to_json(item));
  return list;
}

/// Values of all placeholders of one trial.
class Placeholders {
 public:
  Placeholders(const Parameters& parameters, std::vector<std::pair<std::string, std::string>> own)
      : values_(std::move(own)) {
    for (const auto& [key, value] : parameters) values_.emplace_back(key, argument_text(value));
  }

  std::vector<std::string> fill(const std::vector<std::string>& command) const {
    std::vector<std::string> words;
    bool option_before = false;  // the last word is an option that may belong to a value
    for (const std::string& word : command) {
      const std::vector<Piece> parts = pieces(word);
      std::string text;
      bool known = true;
      for (const Piece& piece : parts) {
        const std::string* value = piece.placeholder ? find_value(piece.text) : &piece.text;
        known = known && value;
        if (value) text += *value;
      }
      if (!known) {
        if (parts.size() == 1 && option_before) words.pop_back();
        option_before = false;
        continue;
      }
      if (text.find('\0') != std::string::npos) {
        throw UsageError(
            format("the argument {} would hold a zero byte, which no program can be given", to_toml(Value(word))));
      }
      words.push_back(std::move(text));
      option_before = parts.size() == 1 && !parts[0].placeholder && word.starts_with("-");
    }
    return words;
  }

 private:
  const std::string* find_value(const std::string& key) const {
    for (const auto& [name, value] : values_) {
      if (name == key) return &value;
    }
    return nullptr;
  }

  std::vector<std::pair<std::string, std::string>> values_;
};

/// Our variables without those by which MPI's launcher knows our process as one of its own: a program that uses MPI
/// itself would take its place.
bool belongs_to_launcher(std::string_view variable) {
  constexpr std::string_view prefixes[] = {"PMIX_",
                                           "PMI_",
                                           "PMI2_",
                                           "OMPI_COMM_WORLD_",
                                           "OMPI_UNIVERSE_SIZE=",
                                           "OMPI_COMMAND=",
                                           "OMPI_ARGV=",
                                           "OMPI_APP_CTX_",
                                           "OMPI_NUM_APP_CTX=",
                                           "OMPI_FIRST_RANKS=",
                                           "OMPI_FILE_LOCATION=",
                                           "OMPI_MCA_orte_",
                                           "OMPI_MCA_ess",
                                           "OMPI_MCA_pmix=",
                                           "OMPI_MCA_initial_wdir=",
                                           "OMPI_MCA_shmem_RUNTIME_QUERY_hint="};
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [&](std::string_view prefix) { return variable.starts_with(prefix); });
}

/// What a trial is told; those that this one is not told must not come from a trial in which we may be running
/// ourselves.
constexpr std::string_view trial_variables[] = {"ATELIER_TRIAL_DIR", "ATELIER_TRIAL_NUMBER", "ATELIER_PARAMETERS",
                                                "ATELIER_METRICS",   "ATELIER_SEED",         "ATELIER_RANKS",
                                                "ATELIER_RESUME",    "ATELIER_PARENT_DIR"};

std::vector<std::string> environment(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view variable = *entry;
    const std::string_view name = variable.substr(0, variable.find('='));
    const bool of_a_trial =
        std::find(std::begin(trial_variables), std::end(trial_variables), name) != std::end(trial_variables);
    if (of_a_trial || belongs_to_launcher(variable) || changes.contains(std::string(name))) continue;
    result.emplace_back(variable);
  }
  for (const auto& [name, value] : changes) result.push_back(name + "=" + value);
  return result;
}

/// Whether execvp would find it.
bool can_be_found(const std::string& program, const std::string& path) {
  const auto runs = [](const fs::path& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored) && access(file.c_str(), X_OK) == 0;
  };
  if (program.find('/') != std::string::npos) return runs(program);
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find(':', start), path.size());
    if (runs(fs::path(path.substr(start, end - start)) / program)) return true;
    start = end + 1;
  }
  return false;
}

/// The number of the trial that a folder belongs to: the last part of its path that is one.
std::string trial_number(const fs::path& folder) {
  for (fs::path path = folder; path.has_relative_path(); path = path.parent_path()) {
    const std::string name = path.filename().string();
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) {
      const std::size_t first = std::min(name.find_first_not_of('0'), name.size() - 1);
      return name.substr(first);
    }
  }
  throw Error(format("{} is not the folder of a trial, whose name is its number", folder.string()));
}

/// A file that is appended to, open while the program starts.
class OutputFile {
 public:
  explicit OutputFile(const fs::path& file)
      : handle_(open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    if (handle_ < 0) throw StorageError(format("cannot write {}: {}", file.string(), system_message(errno)));
  }
  ~OutputFile() { close(handle_); }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  int handle() const { return handle_; }

 private:
  int handle_;
};

/// Why a program is told to end.
enum class Ending { none, stopped, pruned, timeout };

/// One run of the program, on the first rank.
class Attempt {
 public:
  /// `tick(done)` is called in every turn of waiting: whether any rank was told to stop.
  Attempt(const CommandSpec& spec, ProgramGuard& guard, const Parameters& parameters, const RunFolder& folder,
          int ranks, const TrialContext& context, const std::function<bool()>& tick)
      : spec_(spec),
        guard_(guard),
        parameters_(parameters),
        folder_(fs::absolute(folder.path())),
        metrics_file_(folder.metrics()),
        ranks_(ranks),
        context_(context),
        tick_(tick) {}

  RunResult run() {
    context_.before_write();
    const bool again = fs::exists(folder_ / "stdout.txt");
    read_former_records();
    metrics_.emplace(metrics_file_);
    reported_.emplace(folder_ / "reported.jsonl", place_in_reported_);
    output_.emplace(folder_ / "stdout.txt", place_in_output_);
    take_records(/*all=*/true);
    if (reason_) return result(TrialState::pruned, *reason_);
    reported_->end_last_line();
    output_->end_last_line();
    try {
      start(again);
      return watch();
    } catch (...) {
      guard_.kill();
      throw;
    }
  }

 private:
  /// What attempts before this one have recorded.
  void read_former_records() {
    filter_json_lines(
        metrics_file_, [](const Json&) { return true; }, context_.before_write);
    for (const Json& record : read_json_lines(metrics_file_)) {
      const MetricRecord known = record_in(record, record_key::step);
      if (std::isfinite(known.step)) last_step_ = known.step;
      if (std::isfinite(known.epoch)) last_epoch_ = known.epoch;
      if (std::isfinite(known.time)) time_before_ = known.time;
      for (const auto& [name, value] : known.measures) values_[name] = value;
      const std::string from = record.value(record_key::from, std::string());
      const std::size_t colon = from.rfind(':');
      if (colon == std::string::npos) continue;
      (from.starts_with("stdout.txt") ? place_in_output_ : place_in_reported_) = std::atoll(from.c_str() + colon + 1);
    }
  }

  void start(bool again) {
    const std::string parameters_file = (folder_ / "parameters.json").string();
    Json parameters = Json::object();
    for (const auto& [key, value] : parameters_) parameters[key] = to_json(value);
    write_parameters(parameters_file, parameters.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");

    const std::string number = trial_number(folder_);
    std::map<std::string, std::string> changes = spec_.environment;
    changes["ATELIER_TRIAL_DIR"] = folder_.string();
    changes["ATELIER_TRIAL_NUMBER"] = number;
    changes["ATELIER_PARAMETERS"] = parameters_file;
    changes["ATELIER_METRICS"] = (folder_ / "reported.jsonl").string();
    changes["ATELIER_RANKS"] = std::to_string(ranks_);
    if (again) changes["ATELIER_RESUME"] = "1";
    if (!context_.parent.empty()) changes["ATELIER_PARENT_DIR"] = fs::absolute(context_.parent).string();
    std::vector<std::pair<std::string, std::string>> own = {
        {"trial.dir", folder_.string()}, {"trial.number", number}, {"parameters", parameters_file}};
    if (const Value* seed = find(parameters_, "seed")) changes["ATELIER_SEED"] = argument_text(*seed);

    const OutputFile output(folder_ / "stdout.txt"), errors(folder_ / "stderr.txt");
    errors_begin_ = lseek(errors.handle(), 0, SEEK_END);
    start_ = Clock::now();
    guard_.start(Placeholders(parameters_, std::move(own)).fill(spec_.command), environment(changes), output.handle(),
                 errors.handle());
  }

  /// Written anew by each attempt before anybody reads it, so it need not survive a crash, and waits for no disk.
  static void write_parameters(const std::string& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << text;
    if (!stream.flush()) throw StorageError(format("cannot write {}: {}", file, system_message(errno)));
  }

  RunResult watch() {
    constexpr Milliseconds shortest{1}, longest{50};
    Milliseconds pause = shortest;
    for (;;) {
      const std::optional<int> status = guard_.wait(pause);
      // A lost claim is noticed within a second also where the program has nothing to say.
      if (Clock::now() - checked_ > std::chrono::seconds(1)) check_claim();
      const bool stop = tick_();
      const bool news = take_records(/*all=*/status.has_value());
      if (status) return outcome(*status);
      if (stop) {
        end(Ending::stopped);
      } else if (reason_) {
        end(Ending::pruned);
      } else if (spec_.timeout > 0 && seconds_since(start_) > spec_.timeout) {
        end(Ending::timeout);
      }
      if (ending_ != Ending::none && !killed_ && seconds_since(asked_) > spec_.grace) {
        guard_.signal(SIGKILL);
        killed_ = true;
      }
      pause = news ? shortest : std::min(longest, pause * 2);
    }
  }

  void check_claim() {
    context_.before_write();
    guard_.keep_alive();
    checked_ = Clock::now();
  }

  void end(Ending why) {
    if (ending_ != Ending::none) return;
    ending_ = why;
    asked_ = Clock::now();
    guard_.signal(SIGTERM);
  }

  /// Records of both sources since the last time: whether there were any. `all`: until nothing is left, for a program
  /// that has ended; else a bounded part, since a program may write faster than we read.
  bool take_records(bool all) {
    bool any = false;
    for (const auto& [tail, name] : {std::pair{&*reported_, "reported.jsonl"}, std::pair{&*output_, "stdout.txt"}}) {
      tail->read(all, [&](std::string_view line, std::int64_t end) {
        any = take_record(line, format("{}:{}", name, end)) || any;
      });
    }
    return any;
  }

  bool take_record(std::string_view line, const std::string& from) {
    const Json record = parse_record(line);
    if (!record.is_object()) return false;
    MetricRecord said = record_in(record, spec_.step_key);
    if (said.measures.empty()) return false;
    if (!std::isfinite(said.step)) said.step = last_step_ + 1;
    if (!std::isfinite(said.epoch)) said.epoch = last_epoch_;
    last_step_ = said.step;
    last_epoch_ = said.epoch;
    if (!wrote_ || Clock::now() - checked_ > Milliseconds(100)) check_claim();
    wrote_ = true;
    said.time = std::round(seconds() * 1e6) / 1e6;
    const auto shortest = [](double value) {
      return value == std::floor(value) && std::abs(value) < 1e15 ? Json(static_cast<std::int64_t>(value))
                                                                  : Json(value);
    };
    Json written{{record_key::step, shortest(said.step)}};
    if (std::isfinite(said.epoch)) written[record_key::epoch] = shortest(said.epoch);
    written[record_key::time] = said.time;
    for (const auto& [name, value] : said.measures) {
      written[name] = json_number(value);
      values_[name] = value;
    }
    written[record_key::from] = from;
    metrics_->write(written);
    if (!reason_) reason_ = context_.on_record(said);
    return true;
  }

  double seconds() const { return time_before_ + (start_ ? seconds_since(*start_) : 0); }
  static double seconds_since(const std::optional<Clock::time_point>& start) { return atelier::seconds_since(*start); }

  RunResult result(TrialState state, std::string reason) const {
    return {.state = state,
            .reason = std::move(reason),
            .steps = static_cast<std::int64_t>(std::clamp(last_step_, 0.0, 1e15)),
            .seconds = seconds(),
            .values = values_};
  }

  RunResult outcome(int status) {
    const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (ending_ == Ending::pruned) return result(TrialState::pruned, *reason_);
    if (ending_ == Ending::timeout) return result(TrialState::failed, format("timeout after {:g} s", spec_.timeout));
    if (ending_ == Ending::stopped || (!well && told_to_stop(status))) {
      throw Interrupted("stopped; run the same command to go on");
    }
    if (!well) return result(TrialState::failed, failure_text(status, folder_ / "stderr.txt", errors_begin_));
    if (values_.empty()) {
      return result(
          TrialState::failed,
          "the program ended well but reported nothing: it must append JSON lines such as {\"step\": 1, \"loss\": 0.5} "
          "to the file that ATELIER_METRICS names, or print them on standard output");
    }
    return result(TrialState::finished, "");
  }

  /// A scheduler that ends a job tells all its processes at once, the program perhaps before us.
  bool told_to_stop(int status) {
    const int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) - 128;
    if (number != SIGTERM && number != SIGINT) return false;
    for (int tries = 0; tries < 20; ++tries) {
      if (tick_()) return true;
      std::this_thread::sleep_for(Milliseconds(50));
    }
    return false;
  }

  const CommandSpec& spec_;
  ProgramGuard& guard_;
  const Parameters& parameters_;
  const fs::path folder_, metrics_file_;
  const int ranks_;
  const TrialContext& context_;
  const std::function<bool()>& tick_;

  std::optional<JsonLinesWriter> metrics_;
  std::optional<LineTail> reported_, output_;
  std::int64_t place_in_reported_ = 0, place_in_output_ = 0;
  std::map<std::string, double> values_;  // the last of each measure
  double last_step_ = 0, time_before_ = 0;
  double last_epoch_ = std::numeric_limits<double>::quiet_NaN();  // none said yet
  std::optional<Clock::time_point> start_;
  Clock::time_point checked_ = Clock::now(), asked_{};
  std::int64_t errors_begin_ = 0;
  std::optional<std::string> reason_;
  Ending ending_ = Ending::none;
  bool killed_ = false, wrote_ = false;
};

/// One trial of a program.
class CommandTrial : public PreparedTrial {
 public:
  CommandTrial(const CommandSpec& spec, ProgramGuard& guard, Parameters parameters)
      : spec_(spec), guard_(guard), parameters_(std::move(parameters)) {}

  std::string identity() override {
    std::vector<Value> words(spec_.command.begin(), spec_.command.end());
    std::string text = format("command = {}\nstep_key = {}\n[environment]\n", to_toml(Value(std::move(words))),
                              to_toml(Value(spec_.step_key)));
    for (const auto& [name, value] : spec_.environment)
      text += format("{} = {}\n", toml_key(name), to_toml(Value(value)));
    text += "[parameters]\n";
    for (const auto& [key, value] : parameters_) text += format("{} = {}\n", toml_key(key), to_toml(value));
    return text;
  }

  void check(const Communicator&) override {
    const std::vector<std::string> words =
        Placeholders(parameters_, {{"trial.dir", "."}, {"trial.number", "0"}, {"parameters", "."}}).fill(spec_.command);
    if (words.empty()) throw UsageError("of the command nothing is left: its parameters do not count in this trial");
    const auto own_path = spec_.environment.find("PATH");
    const char* path = std::getenv("PATH");
    if (!can_be_found(words[0], own_path != spec_.environment.end() ? own_path->second
                                : path                              ? path
                                                                    : "/bin:/usr/bin")) {
      throw UsageError(format("there is no program {} {}", words[0],
                              words[0].find('/') == std::string::npos
                                  ? "on the PATH"
                                  : "that can be run, seen from the folder in which we were started"));
    }
  }

  RunResult run(const RunFolder& folder, Communicator& ranks, const TrialContext& context) override {
    // The ranks meet in turns, so that a signal to any is heard and those that only wait sleep: waiting in MPI would
    // take a core that the program may want.
    bool done = false;
    const auto meet = [&] {
      double flags[2] = {StopSignal::requested() ? 1.0 : 0.0, done ? 1.0 : 0.0};
      ranks.sum(std::span<double>(flags));
      if (ranks.rank() != 0) done = flags[1] > 0;
      return flags[0] > 0;
    };
    RunResult result;
    std::exception_ptr problem;
    if (ranks.rank() == 0) {
      try {
        const std::function<bool()> tick = meet;
        result = Attempt(spec_, guard_, parameters_, folder, ranks.size(), context, tick).run();
      } catch (const StorageError&) {
        problem = std::current_exception();
      } catch (const ClaimLost&) {
        problem = std::current_exception();
      } catch (const Interrupted&) {
        problem = std::current_exception();
      } catch (const std::exception& failure) {
        // The program could not be started, or its guard was killed: this trial fails, no rank needs to end for it.
        result = {.state = TrialState::failed, .reason = first_line(failure)};
      }
      done = true;
      meet();
    } else {
      for (Milliseconds pause{1}; !done; pause = std::min(Milliseconds(50), pause * 2)) {
        std::this_thread::sleep_for(pause);
        meet();
      }
    }
    try {
      on_first_rank(ranks, [&] {
        if (problem) std::rethrow_exception(problem);
      });
    } catch (...) {
      // On this rank with its own type, which the others cannot know.
      if (problem) std::rethrow_exception(problem);
      throw;
    }
    const std::vector<std::string> ends =
        ranks.gather(ranks.rank() == 0 ? std::string(to_text(result.state)) + "\n" + result.reason : "");
    result.state = trial_state_from(ends[0].substr(0, ends[0].find('\n'))).value();
    result.reason = ends[0].substr(ends[0].find('\n') + 1);
    return result;
  }

 private:
  const CommandSpec& spec_;
  ProgramGuard& guard_;
  Parameters parameters_;
};

}  // namespace

CommandTrials::CommandTrials(CommandSpec spec, const std::vector<std::string>& parameters)
    : spec_(std::move(spec)), guard_(spec_.silence) {
  if (spec_.command.empty() || spec_.command[0].empty()) {
    throw UsageError(
        "command is empty; it is a program and its arguments, for instance [\"python3\", \"train.py\", \"--lr\", "
        "\"{lr}\"]");
  }
  if (!(spec_.timeout >= 0) || !(spec_.grace >= 0)) throw UsageError("timeout and grace are seconds: 0 or more");
  for (const auto& [name, value] : spec_.environment) {
    if (name.empty() || (name + value).find('\0') != std::string::npos || name.find('=') != std::string::npos) {
      throw UsageError(format("{} cannot be the name or value of a variable of the environment", to_toml(Value(name))));
    }
    if (std::find(std::begin(trial_variables), std::end(trial_variables), name) != std::end(trial_variables)) {
      throw UsageError(format("the variable {} is set for each trial; give yours another name", name));
    }
  }
  const std::vector<std::string_view> names(parameters.begin(), parameters.end());
  for (const std::string_view own : own_placeholders) {
    if (own != "seed" && std::find(names.begin(), names.end(), own) != names.end()) {
      throw UsageError(format("a parameter cannot be called {}: in a command {{{}}} means something else", own, own));
    }
  }
  for (const std::string& name : placeholders(spec_.command)) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (std::find(std::begin(own_placeholders), std::end(own_placeholders), name) != std::end(own_placeholders))
      continue;
    const std::string_view near = nearest(name, names);
    throw UsageError(
        format("the command uses {{{}}}, which is no parameter of [space]; {}", name,
               near.empty() ? format("write {{{{{}}}}} for braces", name) : format("did you mean {{{}}}?", near)));
  }
}

std::vector<std::string> CommandTrials::placeholders(const std::vector<std::string>& command) {
  std::vector<std::string> names;
  for (const std::string& word : command) {
    for (const Piece& piece : pieces(word)) {
      if (piece.placeholder && std::find(names.begin(), names.end(), piece.text) == names.end())
        names.push_back(piece.text);
    }
  }
  return names;
}

std::unique_ptr<PreparedTrial> CommandTrials::prepare(const Parameters& parameters) {
  return std::make_unique<CommandTrial>(spec_, guard_, parameters);
}

}  // namespace atelier
