#include "framework/storage/atomic_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

/// A name beside `file` that no other process, thread or host uses at the same time.
std::filesystem::path aside_name(const std::filesystem::path& file) {
  // Random and not host and process: containers repeat both.
  static std::atomic<unsigned> counter{0};
  std::uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != sizeof bits) bits = static_cast<std::uint64_t>(getpid());
  return file.parent_path() / format(".{}.{:016x}.{}.part", file.filename().string(), bits, counter++);
}

[[noreturn]] void fail(const char* what, const std::filesystem::path& file, int error_number) {
  throw StorageError(format("cannot {} {}: {}", what, file.string(), system_message(error_number)),
                     error_number == ENOENT || error_number == ESTALE);
}

void sync_folder(const std::filesystem::path& folder) {
  const int handle = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;
  fsync(handle);
  close(handle);
}

/// Writes a new file; removes it again when that fails.
void write_new(const std::filesystem::path& file, std::string_view bytes, const std::filesystem::path& shown,
               Flush flush) {
  const int handle = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (handle < 0) fail("write", shown, errno);
  while (!bytes.empty()) {
    const ssize_t written = write(handle, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error_number = errno;
      close(handle);
      unlink(file.c_str());
      fail("write", shown, error_number);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if ((flush == Flush::yes && fsync(handle) != 0) || close(handle) != 0) {
    const int error_number = errno;
    unlink(file.c_str());
    fail("write", shown, error_number);
  }
}

}  // namespace

void write_file(const std::filesystem::path& file, std::string_view bytes, Flush flush) {
  const std::filesystem::path aside = aside_name(file);
  write_new(aside, bytes, file, flush);
  if (rename(aside.c_str(), file.c_str()) != 0) {
    const int error_number = errno;
    unlink(aside.c_str());
    fail("write", file, error_number);
  }
  if (flush == Flush::yes) sync_folder(file.parent_path());
}

void write_file_of_holder(const std::filesystem::path& file, std::string_view bytes,
                          const std::function<void()>& check) {
  const std::string prefix = format(".{}.", file.filename().string());
  for (int attempt = 1;; ++attempt) {
    check();
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), problem)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(prefix) && name.ends_with(".part")) unlink(entry.path().c_str());
    }
    const std::filesystem::path aside = aside_name(file);
    write_new(aside, bytes, file, Flush::yes);
    try {
      check();
    } catch (...) {
      unlink(aside.c_str());
      throw;
    }
    if (rename(aside.c_str(), file.c_str()) == 0) break;
    const int error_number = errno;
    unlink(aside.c_str());
    check();
    // One that lost the claim may just have removed it, without knowing of its loss.
    if (error_number != ENOENT || attempt == 10) fail("write", file, error_number);
  }
  sync_folder(file.parent_path());
}

bool create_file_exclusively(const std::filesystem::path& file, std::string_view bytes, Flush flush) {
  // A hard link to a complete file: unlike O_EXCL followed by writes, nobody can read it half-written.
  const std::filesystem::path aside = aside_name(file);
  write_new(aside, bytes, file, flush);
  const int result = link(aside.c_str(), file.c_str());
  const int error_number = errno;
  struct stat status {};
  // NFS may report failure although the link was made: the number of links of our own file tells.
  const bool made = result == 0 || (stat(aside.c_str(), &status) == 0 && status.st_nlink == 2);
  unlink(aside.c_str());
  if (!made && error_number != EEXIST) fail("create", file, error_number);
  return made;
}

std::string read_file(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (!stream || std::filesystem::is_directory(file) || !(text << stream.rdbuf() || stream.peek() == EOF)) {
    throw Error(format("cannot read {}: {}", file.string(), errno ? system_message(errno) : "it is not a file"));
  }
  return std::move(text).str();
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) throw StorageError(format("cannot make the folder {}: {}", folder.string(), problem.message()));
}

FolderAside::FolderAside(std::filesystem::path final_name) : final_(std::move(final_name)), aside_(aside_name(final_)) {
  make_folder(aside_);
}

FolderAside::~FolderAside() {
  std::error_code ignored;
  std::filesystem::remove_all(aside_, ignored);
}

void FolderAside::commit() {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(aside_)) {
    if (!entry.is_regular_file()) continue;
    const int handle = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (handle < 0 || fsync(handle) != 0) fail("flush", entry.path(), errno);
    close(handle);
  }
  std::error_code problem;
  if (std::filesystem::exists(final_)) {
    const std::filesystem::path old = aside_name(final_);
    std::filesystem::rename(final_, old, problem);
    if (!problem) {
      std::error_code ignored;
      std::filesystem::rename(aside_, final_, problem);
      problem ? std::filesystem::rename(old, final_, ignored) : void(std::filesystem::remove_all(old, ignored));
    }
  } else {
    std::filesystem::rename(aside_, final_, problem);
  }
  if (problem) throw StorageError(format("cannot write {}: {}", final_.string(), problem.message()));
  sync_folder(final_.parent_path());
}

}  // namespace atelier
