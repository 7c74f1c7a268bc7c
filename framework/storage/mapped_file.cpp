#include "framework/storage/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {

MappedFile::MappedFile(const std::filesystem::path& file) {
  const auto fail = [&](int error_number) {
    return Error(format("cannot read {}: {}", file.string(), system_message(error_number)));
  };
  const int handle = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle < 0) throw fail(errno);
  struct stat status {};
  if (fstat(handle, &status) != 0 || !S_ISREG(status.st_mode)) {
    const int error_number = S_ISDIR(status.st_mode) ? EISDIR : errno ? errno : EINVAL;
    close(handle);
    throw fail(error_number);
  }
  size_ = static_cast<std::size_t>(status.st_size);
  if (size_ > 0) {
    void* mapped = mmap(nullptr, size_, PROT_READ, MAP_SHARED, handle, 0);
    const int error_number = errno;
    close(handle);
    if (mapped == MAP_FAILED) throw fail(error_number);
    data_ = static_cast<const std::uint8_t*>(mapped);
  } else {
    close(handle);
  }
}

MappedFile::~MappedFile() {
  if (data_) munmap(const_cast<std::uint8_t*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace atelier
