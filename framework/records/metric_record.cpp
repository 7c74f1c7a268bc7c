#include "framework/records/metric_record.h"

#include <algorithm>
#include <charconv>

#include "framework/storage/atomic_file.h"
#include "framework/storage/json_lines.h"

namespace atelier {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Fills records one after the other, reusing their memory.
class RecordFiller {
 public:
  void begin() {
    record_.step = record_.epoch = record_.time = nan;
    used_ = 0;
  }
  void add(std::string_view key, double value) {
    if (key == record_key::step) {
      record_.step = value;
    } else if (key == record_key::epoch) {
      record_.epoch = value;
    } else if (key == record_key::time) {
      record_.time = value;
    } else if (!is_reserved(key)) {
      if (used_ == record_.measures.size()) record_.measures.emplace_back();
      record_.measures[used_].first.assign(key);
      record_.measures[used_++].second = value;
    }
  }
  const MetricRecord& record() {
    record_.measures.resize(used_);
    return record_;
  }

 private:
  MetricRecord record_;
  std::size_t used_ = 0;
};

bool is_number_word(std::string_view text) { return text == "nan" || text == "inf" || text == "-inf"; }

/// A flat object of numbers, plain texts and words. False for anything else: the general parser decides what that is.
class FlatLine {
 public:
  explicit FlatLine(std::string_view line) : at_(line.data()), end_(line.data() + line.size()) {}

  bool read(RecordFiller& filler) {
    if (!skip('{')) return false;
    do {
      std::string_view key;
      if (!text(key) || !skip(':') || !value(key, filler)) return false;
    } while (skip(','));
    if (!skip('}')) return false;
    blanks();
    return at_ == end_;
  }

 private:
  void blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  bool skip(char c) {
    blanks();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool text(std::string_view& result) {
    if (!skip('"')) return false;
    const char* begin = at_;
    while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) ++at_;
    if (at_ == end_ || *at_ != '"') return false;
    result = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }
  bool value(std::string_view key, RecordFiller& filler) {
    blanks();
    if (at_ == end_) return false;
    if (*at_ == '"') {
      std::string_view word;
      if (!text(word)) return false;
      if (is_number_word(word)) filler.add(key, number_in(Json(word)));
      return true;
    }
    if (*at_ != '-' && (*at_ < '0' || *at_ > '9')) return false;
    double number = 0;
    const auto [stop, problem] = std::from_chars(at_, end_, number);
    if (problem != std::errc()) return false;
    at_ = stop;
    filler.add(key, number);
    return true;
  }

  const char* at_;
  const char* end_;
};

bool read_any_line(std::string_view line, RecordFiller& filler) {
  const Json object = Json::parse(line.begin(), line.end(), nullptr, false);
  if (!object.is_object()) return false;
  for (const auto& [key, value] : object.items()) {
    if (value.is_number() || (value.is_string() && is_number_word(value.get_ref<const std::string&>()))) {
      filler.add(key, number_in(value));
    }
  }
  return true;
}

}  // namespace

std::size_t read_metric_records(const std::filesystem::path& file,
                                const std::function<void(const MetricRecord&)>& use) {
  if (!std::filesystem::exists(file)) return 0;
  const std::string text = read_file(file);
  std::string_view rest = text;
  RecordFiller filler;
  std::size_t skipped = 0;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.empty()) continue;
    filler.begin();
    bool complete = FlatLine(line).read(filler);
    if (!complete) {
      filler.begin();
      complete = read_any_line(line, filler);
    }
    if (complete) {
      use(filler.record());
    } else {
      ++skipped;
    }
  }
  return skipped;
}

}  // namespace atelier
