#include "framework/storage/claim.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <ctime>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/json_lines.h"
#include "framework/storage/utc_time.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

fs::path claim_file(const fs::path& run, std::int64_t generation) {
  return run / format("claim-{:06}.json", generation);
}
fs::path release_file(const fs::path& run, std::int64_t generation) {
  return run / format("released-{:06}", generation);
}

/// 0 when there is none.
std::int64_t newest_generation(const fs::path& run) {
  std::int64_t newest = 0;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(run, problem)) {
    const std::string name = entry.path().filename().string();
    if (name.size() == 17 && name.starts_with("claim-") && name.ends_with(".json")) {
      newest = std::max(newest, static_cast<std::int64_t>(std::atoll(name.substr(6, 6).c_str())));
    }
  }
  return newest;
}

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// Tells one running kernel and its process numbers from any other, also between containers.
const std::string& machine() {
  static const std::string name = [] {
    std::error_code problem;
    return first_line("/proc/sys/kernel/random/boot_id") + " " +
           fs::read_symlink("/proc/self/ns/pid", problem).string();
  }();
  return name;
}

/// When a process began, in the kernel's ticks: with its number it names a process for good. Empty when there is none,
/// or the system hides it; "dead" when it has ended and nobody has asked how.
std::string process_start(std::int64_t pid) {
  const std::string stat = first_line(format("/proc/{}/stat", pid));
  // The name in parentheses may hold spaces; the start time is the 20th field after it.
  const std::size_t close = stat.rfind(')');
  if (close == std::string::npos) return {};
  std::istringstream fields(stat.substr(close + 1));
  std::string field;
  fields >> field;
  if (field == "Z" || field == "X") return "dead";
  for (int i = 1; i < 20; ++i) fields >> field;
  return field;
}

/// Time of the last change of a file as its server gives it, in seconds; none when it is gone.
std::optional<double> changed(const fs::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return std::nullopt;
  return static_cast<double>(status.st_mtim.tv_sec) + 1e-9 * static_cast<double>(status.st_mtim.tv_nsec);
}

/// The file server's clock.
double server_now(const fs::path& folder) {
  const fs::path probe = folder / format(".now.{}.{}", getpid(), static_cast<const void*>(&folder));
  write_file(probe, "", Flush::no);
  const double now = changed(probe).value_or(0);
  std::error_code ignored;
  fs::remove(probe, ignored);
  return now;
}

/// What the file of a claim says; none when it cannot be read.
std::optional<ClaimHolder> read_holder(const fs::path& run, std::int64_t generation) {
  ClaimHolder holder{.generation = generation};
  Json file;
  try {
    file = Json::parse(read_file(claim_file(run, generation)), nullptr, false);
  } catch (const Error&) {
    return std::nullopt;
  }
  if (!file.is_object()) file = Json::object();
  const auto text = [&](const char* key, std::string& value) {
    if (file.contains(key) && file[key].is_string()) value = file[key].get<std::string>();
  };
  text("host", holder.host);
  text("machine", holder.machine);
  text("process_start", holder.process_start);
  text("since", holder.since);
  if (file.contains("pid") && file["pid"].is_number_integer()) holder.pid = file["pid"].get<std::int64_t>();
  const double lease = file.contains("lease") ? number_in(file["lease"]) : 0;
  if (lease > 0 && lease < 1e9) holder.lease = std::chrono::milliseconds(static_cast<std::int64_t>(lease * 1000));
  holder.released = fs::exists(release_file(run, generation));
  return holder;
}

/// Whether the holder of a generation has given it up, is dead or has not been heard of for a lease.
bool is_free(const fs::path& run, std::int64_t generation, std::chrono::milliseconds lease) {
  if (fs::exists(release_file(run, generation))) return true;
  const std::optional<ClaimHolder> holder = read_holder(run, generation);
  if (!holder) return false;
  if (holder->machine == machine()) {
    const std::string start = process_start(holder->pid);
    const bool hidden = start.empty() && (kill(static_cast<pid_t>(holder->pid), 0) == 0 || errno != ESRCH);
    if (!hidden && start != holder->process_start) return true;
  }
  const std::optional<double> renewed = changed(claim_file(run, generation));
  return renewed && server_now(run) - *renewed > std::chrono::duration<double>(lease).count();
}

/// This process' own start. A copy of the process (`fork`) is another one.
const std::string& own_start() {
  static std::pair<pid_t, std::string> known{0, ""};
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (known.first != getpid()) known = {getpid(), process_start(getpid())};
  return known.second;
}

/// The one thread that renews all claims of this process. It ticks on while there are none, so that taking and giving
/// back a claim wakes nobody.
class Renewal {
 public:
  /// A copy of the process (`fork`) has no threads and gets one of its own. Never destroyed: the thread runs to the
  /// end.
  static Renewal& instance() {
    static std::mutex mutex;
    static Renewal* renewal = nullptr;
    static pid_t owner = 0;
    const std::lock_guard lock(mutex);
    if (owner != getpid()) {
      renewal = new Renewal;
      owner = getpid();
    }
    return *renewal;
  }

  void add(int file, std::chrono::milliseconds every) {
    const std::lock_guard lock(mutex_);
    files_[file] = {every, Clock::now() + every};
    if (!runs_) std::thread([this] { run(); }).detach();
    runs_ = true;
    if (files_[file].due < wakes_) changed_.notify_all();
  }

  void remove(int file) {
    // Once this returns nothing is renewed any more.
    const std::lock_guard lock(mutex_);
    files_.erase(file);
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    std::chrono::milliseconds every{};
    Clock::time_point due;
  };

  void run() {
    std::unique_lock lock(mutex_);
    std::chrono::milliseconds tick{1000};
    for (;;) {
      const Clock::time_point now = Clock::now();
      wakes_ = now + tick;
      for (auto& [file, entry] : files_) {
        if (entry.due <= now) {
          // The server's own clock: no time is sent. A failure shows as an old time, and the lease decides.
          futimens(file, nullptr);
          entry.due = now + entry.every;
        }
        wakes_ = std::min(wakes_, entry.due);
      }
      changed_.wait_until(lock, wakes_);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, Entry> files_;
  Clock::time_point wakes_ = Clock::time_point::max();
  bool runs_ = false;
};

}  // namespace

std::unique_ptr<Claim> Claim::take(const fs::path& run, const Options& options) {
  const std::int64_t newest = newest_generation(run);
  if (newest > 0 && !is_free(run, newest, options.lease)) return nullptr;
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  const Json holder{{"host", host},
                    {"pid", getpid()},
                    {"machine", machine()},
                    {"process_start", own_start()},
                    {"since", utc_now()},
                    {"lease", std::chrono::duration<double>(options.lease).count()},
                    {"generation", newest + 1}};
  if (!create_file_exclusively(claim_file(run, newest + 1), holder.dump() + "\n", Flush::no)) return nullptr;
  return std::unique_ptr<Claim>(new Claim(run, newest + 1, options));
}

std::optional<ClaimHolder> Claim::holder(const fs::path& run) {
  const std::int64_t newest = newest_generation(run);
  if (newest == 0) return std::nullopt;
  return read_holder(run, newest).value_or(ClaimHolder{.generation = newest});
}

fs::path Claim::file(const fs::path& run, std::int64_t generation) { return claim_file(run, generation); }

std::string ClaimHolder::in_words() const {
  std::string when = since;
  if (seconds_since_1970(since)) when = since.substr(0, 10) + " " + since.substr(11, 8) + " UTC";
  return format("process {} on host {} since {}", pid, host, when);
}

bool Claim::is_claim_file(const std::string& name) {
  return name.starts_with("claim-") || name.starts_with("released-");
}

Claim::Claim(fs::path run, std::int64_t generation, const Options& options)
    : run_(std::move(run)),
      generation_(generation),
      file_(open(claim_file(run_, generation_).c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ >= 0) Renewal::instance().add(file_, options.lease / 4);
}

bool Claim::is_there() const {
  struct stat own {
  }, named{};
  return file_ >= 0 && fstat(file_, &own) == 0 && stat(claim_file(run_, generation_).c_str(), &named) == 0 &&
         own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

Claim::~Claim() {
  if (file_ < 0) return;
  Renewal::instance().remove(file_);
  const bool there = is_there();
  close(file_);
  if (!there) return;  // deleted with its folder; what has the name now is another's
  const int handle = open(release_file(run_, generation_).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (handle >= 0) close(handle);
}

std::int64_t Claim::deaths(std::int64_t since) const {
  std::int64_t count = 0;
  for (std::int64_t generation = since + 1; generation < generation_; ++generation)
    count += !fs::exists(release_file(run_, generation));
  return count;
}

void Claim::check() const {
  if (!is_newest(run_, generation_)) throw ClaimLost(format("{} was taken over by another process", run_.string()));
  if (!is_there()) throw ClaimLost(format("{} was deleted while it ran", run_.string()));
}

bool Claim::is_newest(const fs::path& run, std::int64_t generation) {
  // Generations follow one on the other, so the next one tells of all later ones.
  return access(claim_file(run, generation + 1).c_str(), F_OK) != 0;
}

}  // namespace atelier
