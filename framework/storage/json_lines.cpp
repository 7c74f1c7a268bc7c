#include "framework/storage/json_lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <limits>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"

namespace atelier {

JsonLinesWriter::JsonLinesWriter(const std::filesystem::path& file)
    : file_(file), handle_(open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
  if (handle_ < 0) throw StorageError(format("cannot write {}: {}", file.string(), system_message(errno)));
  const off_t size = lseek(handle_, 0, SEEK_END);
  off_t end = size;
  char last = '\n';
  while (end > 0 && pread(handle_, &last, 1, end - 1) == 1 && last != '\n') --end;
  if (end != size && ftruncate(handle_, end) != 0) {
    throw StorageError(format("cannot mend the end of {}: {}", file.string(), system_message(errno)));
  }
}

JsonLinesWriter::~JsonLinesWriter() {
  if (handle_ >= 0) close(handle_);
}

void JsonLinesWriter::write(const Json& record) {
  const std::string line = record.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t written = ::write(handle_, line.data() + done, line.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw StorageError(format("cannot write {}: {}", file_.string(), system_message(errno)));
    done += static_cast<std::size_t>(written);
  }
}

std::vector<Json> read_json_lines(const std::filesystem::path& file, std::size_t* skipped) {
  std::vector<Json> records;
  if (!std::filesystem::exists(file)) return records;
  const std::string text = read_file(file);
  std::size_t start = 0;
  while (start < text.size()) {
    std::size_t end = text.find('\n', start);
    if (end == std::string::npos) end = text.size();
    if (end > start) {
      Json record = Json::parse(text.begin() + static_cast<std::ptrdiff_t>(start),
                                text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
      if (record.is_object()) {
        records.push_back(std::move(record));
      } else if (skipped) {
        ++*skipped;
      }
    }
    start = end + 1;
  }
  return records;
}

void filter_json_lines(const std::filesystem::path& file, const std::function<bool(const Json&)>& keep,
                       const std::function<void()>& check) {
  if (!std::filesystem::exists(file)) return;
  std::string kept;
  for (const Json& record : read_json_lines(file)) {
    if (keep(record)) kept += record.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  write_file_of_holder(file, kept, check);
}

Json json_number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

double number_in(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace atelier
