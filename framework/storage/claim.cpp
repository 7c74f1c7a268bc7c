#include "framework/storage/claim.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>

#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/json_lines.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

fs::path claim_file(const fs::path& run, std::int64_t generation) { return run / format("claim-{:06}.json", generation); }
fs::path release_file(const fs::path& run, std::int64_t generation) { return run / format("released-{:06}", generation); }

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
std::string machine() {
  std::error_code problem;
  return first_line("/proc/sys/kernel/random/boot_id") + " " + fs::read_symlink("/proc/self/ns/pid", problem).string();
}

/// When a process began, in the kernel's ticks: with its number it names a process for good. Empty when there is none.
std::string process_start(std::int64_t pid) {
  const std::string stat = first_line(format("/proc/{}/stat", pid));
  // The name in parentheses may hold spaces; the start time is the 20th field after it.
  const std::size_t close = stat.rfind(')');
  if (close == std::string::npos) return {};
  std::istringstream fields(stat.substr(close + 1));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  return field;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  char text[32] = "";
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", std::gmtime(&now));
  return text;
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

/// Whether the holder of a generation has given it up, is dead or has not been heard of for a lease.
bool is_free(const fs::path& run, std::int64_t generation, std::chrono::milliseconds lease) {
  if (fs::exists(release_file(run, generation))) return true;
  const fs::path file = claim_file(run, generation);
  Json holder;
  try {
    holder = Json::parse(read_file(file), nullptr, false);
  } catch (const Error&) {
    return false;
  }
  if (holder.is_object() && holder.value("machine", "") == machine()) {
    const std::int64_t pid = holder.value("pid", std::int64_t{0});
    if (process_start(pid) != holder.value("process_start", "")) return true;
  }
  const std::optional<double> renewed = changed(file);
  return renewed && server_now(run) - *renewed > std::chrono::duration<double>(lease).count();
}

}  // namespace

std::unique_ptr<Claim> Claim::take(const fs::path& run, const Options& options) {
  const std::int64_t newest = newest_generation(run);
  if (newest > 0 && !is_free(run, newest, options.lease)) return nullptr;
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  const Json holder{{"host", host},
                    {"pid", getpid()},
                    {"machine", machine()},
                    {"process_start", process_start(getpid())},
                    {"since", utc_now()},
                    {"generation", newest + 1}};
  if (!create_file_exclusively(claim_file(run, newest + 1), holder.dump() + "\n", Flush::no)) return nullptr;
  return std::unique_ptr<Claim>(new Claim(run, newest + 1, options));
}

std::string Claim::holder(const fs::path& run) {
  const std::int64_t newest = newest_generation(run);
  if (newest == 0) return {};
  const Json holder = Json::parse(read_file(claim_file(run, newest)), nullptr, false);
  if (!holder.is_object()) return format("an unknown process ({} cannot be read)", claim_file(run, newest).string());
  return format("process {} on host {} since {}", holder.value("pid", std::int64_t{0}), holder.value("host", "unknown"),
                holder.value("since", "an unknown time"));
}

bool Claim::is_claim_file(const std::string& name) { return name.starts_with("claim-") || name.starts_with("released-"); }

Claim::Claim(fs::path run, std::int64_t generation, const Options& options)
    : run_(std::move(run)), generation_(generation), options_(options), renewal_([this] { renew(); }) {}

void Claim::renew() {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, options_.lease / 4, [&] { return stop_; })) {
    // The server's own clock: no time is sent. A failure shows as an old time, and the lease decides.
    utimensat(AT_FDCWD, claim_file(run_, generation_).c_str(), nullptr, 0);
  }
}

Claim::~Claim() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  renewal_.join();
  const int handle = open(release_file(run_, generation_).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (handle >= 0) close(handle);
}

std::int64_t Claim::deaths() const {
  std::int64_t count = 0;
  for (std::int64_t generation = 1; generation < generation_; ++generation) count += !fs::exists(release_file(run_, generation));
  return count;
}

void Claim::check() const {
  if (newest_generation(run_) > generation_) {
    throw ClaimLost(format("{} was taken over by another process", run_.string()));
  }
}

}  // namespace atelier
