#include "framework/storage/entry_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/digest.h"

namespace atelier {
namespace {

constexpr std::int64_t page = 4096;

std::int64_t whole_pages(std::int64_t bytes) { return (bytes + page - 1) / page * page; }

/// The first bytes of a file, which say all that must agree.
std::string header_of(const std::string& key, std::int64_t entries, std::int64_t entry_bytes) {
  return format("atelier-entries 1\n{}\n{} x {}\n", hex(digest(key)), entries, entry_bytes);
}

/// All of it or nothing but the reason in errno.
bool write_all(int handle, const void* bytes, std::int64_t count, std::int64_t place) {
  const auto* from = static_cast<const std::uint8_t*>(bytes);
  while (count > 0) {
    const ssize_t done = pwrite(handle, from, static_cast<std::size_t>(count), place);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    from += done, place += done, count -= done;
  }
  return true;
}

bool read_all(int handle, void* bytes, std::int64_t count, std::int64_t place) {
  auto* to = static_cast<std::uint8_t*>(bytes);
  while (count > 0) {
    const ssize_t done = pread(handle, to, static_cast<std::size_t>(count), place);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    to += done, place += done, count -= done;
  }
  return true;
}

}  // namespace

EntryFile::EntryFile(const std::filesystem::path& file, const std::string& key, std::int64_t entries,
                     std::int64_t entry_bytes)
    : file_(file), entries_(entries), entry_bytes_(entry_bytes) {
  const std::string header = header_of(key, entries, entry_bytes);
  const std::int64_t size = data_place(entries);
  const auto opened = [&] {
    handle_ = open(file.c_str(), O_RDWR | O_CLOEXEC);
    writable_ = handle_ >= 0;
    if (handle_ < 0 && (errno == EROFS || errno == EACCES || errno == EPERM))
      handle_ = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (handle_ < 0) return false;
    std::string found(header.size(), '\0');
    struct stat status {};
    if (read_all(handle_, found.data(), static_cast<std::int64_t>(found.size()), 0) && found == header &&
        fstat(handle_, &status) == 0 && status.st_size == size) {
      return true;
    }
    close(handle_);
    handle_ = -1;
    return false;
  };
  if (opened()) return;
  // Made aside, whole. Where there is none it is linked to its name, so of processes that do so at once one succeeds
  // and all open its file; another's is replaced.
  make_folder(file.parent_path());
  std::error_code problem;
  const bool replaces = std::filesystem::exists(file, problem);
  std::string aside = file.string() + ".XXXXXX";
  const int made = mkstemp(aside.data());
  bool done =
      made >= 0 && write_all(made, header.data(), static_cast<std::int64_t>(header.size()), 0) &&
      ftruncate(made, size) == 0 && fchmod(made, 0644) == 0 &&
      ((replaces ? rename(aside.c_str(), file.c_str()) : link(aside.c_str(), file.c_str())) == 0 || errno == EEXIST);
  const std::string reason = system_message(errno);
  if (made >= 0) {
    close(made);
    unlink(aside.c_str());
  }
  if (!done || !opened())
    throw Error(format("{}: {}", file.string(), done ? "it was changed by another program" : reason));
}

EntryFile::~EntryFile() {
  if (handle_ >= 0) close(handle_);
}

std::int64_t EntryFile::data_place(std::int64_t entry) const {
  return page + whole_pages(entries_ * static_cast<std::int64_t>(sizeof(std::uint64_t))) +
         entry * whole_pages(entry_bytes_);
}

bool EntryFile::read(std::int64_t entry, std::span<std::uint8_t> bytes) const {
  std::uint64_t stored = 0;
  if (!read_all(handle_, &stored, sizeof stored, page + entry * static_cast<std::int64_t>(sizeof stored)) ||
      stored == 0)
    return false;
  return read_all(handle_, bytes.data(), entry_bytes_, data_place(entry)) &&
         digest(std::span<const std::uint8_t>(bytes)) == stored;
}

bool EntryFile::write(std::int64_t entry, std::span<const std::uint8_t> bytes) {
  const std::uint64_t own = digest(bytes);
  if (write_all(handle_, bytes.data(), entry_bytes_, data_place(entry)) &&
      write_all(handle_, &own, sizeof own, page + entry * static_cast<std::int64_t>(sizeof own))) {
    return true;
  }
  if (errno == ENOSPC || errno == EDQUOT) return false;
  throw Error(format("{}: {}", file_.string(), system_message(errno)));
}

}  // namespace atelier
