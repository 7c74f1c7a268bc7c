#include "framework/storage/journal.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <ctime>
#include <limits>

#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"

namespace atelier {

std::string utc_time_text() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds);
}

double seconds_of_utc_text(const std::string& text) {
  std::tm parts{};
  double seconds = 0;
  char zone = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%lf%c", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                  &parts.tm_hour, &parts.tm_min, &seconds, &zone) != 7 ||
      zone != 'Z') {
    return std::numeric_limits<double>::quiet_NaN();
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return static_cast<double>(timegm(&parts)) + seconds;
}

JournalWriter::JournalWriter(std::filesystem::path folder) : folder_(std::move(folder)) {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  std::uint32_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != sizeof bits) bits = static_cast<std::uint32_t>(std::time(nullptr));
  std::string safe(host);
  for (char& c : safe) c = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' ? c : '_';
  name_ = format("{}-{}-{:08x}.jsonl", safe, getpid(), bits);
}

JournalWriter::~JournalWriter() = default;

void JournalWriter::write(const std::string& event, const Json& details) {
  if (!writer_) {
    make_folder(folder_);
    writer_ = std::make_unique<JsonLinesWriter>(folder_ / name_);
  }
  Json line{{"event", event}, {"time", utc_time_text()}};
  line.update(details);
  writer_->write(line);
}

void JournalReader::refresh(bool look_for_new, const std::function<void(const std::string&, const Json&)>& on_line) {
  if (look_for_new) {
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, problem)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".jsonl") && !name.starts_with(".")) files_.try_emplace(name);
    }
  }
  for (auto& [name, file] : files_) {
    if (!file.closed) read(name, file, on_line);
  }
}

void JournalReader::read(const std::string& name, File& file,
                         const std::function<void(const std::string&, const Json&)>& on_line) const {
  const std::filesystem::path path = folder_ / name;
  const int handle = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle < 0) return;
  std::string text;
  struct stat status {};
  if (fstat(handle, &status) == 0 && status.st_size > file.read) {
    text.resize(static_cast<std::size_t>(status.st_size - file.read));
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t got = pread(handle, text.data() + done, text.size() - done, file.read + static_cast<off_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    text.resize(done);
  }
  close(handle);
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    const Json line = Json::parse(text.begin() + static_cast<std::ptrdiff_t>(start),
                                  text.begin() + static_cast<std::ptrdiff_t>(end), nullptr,
                                  /*allow_exceptions=*/false);
    if (!line.is_object()) continue;
    on_line(name, line);
    const auto event = line.find("event");
    if (event != line.end() && *event == "leave") file.closed = true;
  }
  file.read += static_cast<std::int64_t>(start);
}

}  // namespace atelier
