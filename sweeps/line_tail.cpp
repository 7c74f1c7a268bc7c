#include "sweeps/line_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

constexpr std::size_t longest_line = 1 << 20;
constexpr std::int64_t most_at_once = 16 << 20;

}  // namespace

LineTail::~LineTail() {
  if (handle_ >= 0) close(handle_);
}

bool LineTail::open_file() {
  if (handle_ >= 0) return true;
  handle_ = open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle_ < 0 && errno != ENOENT)
    throw StorageError(format("cannot read {}: {}", file_.string(), system_message(errno)));
  return handle_ >= 0;
}

void LineTail::read(bool all, const Take& take) {
  if (!open_file()) return;
  struct stat status {};
  if (fstat(handle_, &status) == 0 && status.st_size < place_) {
    place_ = 0;
    unfinished_.clear();
    too_long_ = false;
  }
  std::array<char, 1 << 16> buffer;
  for (std::int64_t sum = 0; all || sum < most_at_once;) {
    const ssize_t size = pread(handle_, buffer.data(), buffer.size(), place_);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw StorageError(format("cannot read {}: {}", file_.string(), system_message(errno)));
    if (size == 0) break;
    take_lines({buffer.data(), static_cast<std::size_t>(size)}, take);
    sum += size;
  }
  if (all && !unfinished_.empty()) {
    const std::string line = std::move(unfinished_);
    unfinished_.clear();
    take(line, place_);
  }
}

void LineTail::take_lines(std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    const bool complete = end != std::string_view::npos;
    if (!too_long_ && unfinished_.size() + part.size() > longest_line) {
      too_long_ = true;
      unfinished_ = std::string();
    }
    place_ += static_cast<std::int64_t>(part.size() + complete);
    bytes.remove_prefix(part.size() + complete);
    if (!complete) {
      if (!too_long_) unfinished_ += part;
      return;
    }
    if (!too_long_ && unfinished_.empty()) {
      take(part, place_);
    } else if (!too_long_) {
      unfinished_ += part;
      const std::string line = std::move(unfinished_);
      unfinished_.clear();
      take(line, place_);
    }
    too_long_ = false;
  }
}

void LineTail::end_last_line() {
  const int handle = open(file_.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  if (handle < 0 && errno == ENOENT) return;
  const off_t size = handle < 0 ? 0 : lseek(handle, 0, SEEK_END);
  char last = '\n';
  const bool done = handle >= 0 && (size == 0 || pread(handle, &last, 1, size - 1) == 1) &&
                    (last == '\n' || write(handle, "\n", 1) == 1);
  const int problem = errno;
  if (handle >= 0) close(handle);
  if (!done) throw StorageError(format("cannot mend the end of {}: {}", file_.string(), system_message(problem)));
}

}  // namespace atelier
