#include "sweeps/program_output.h"

#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <vector>

#include "framework/core/format.h"

namespace atelier {
namespace {

/// The words that are no JSON as the texts that stand for them.
std::string with_quoted_numbers(std::string_view line) {
  constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"NaN", "\"nan\""}, {"-Infinity", "\"-inf\""}, {"Infinity", "\"inf\""}};
  std::string text;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size();) {
    const auto word = quoted ? std::end(words)
                             : std::find_if(std::begin(words), std::end(words),
                                            [&](const auto& pair) { return line.substr(i).starts_with(pair.first); });
    if (word != std::end(words)) {
      text += word->second;
      i += word->first.size();
      continue;
    }
    if (quoted && line[i] == '\\' && i + 1 < line.size())
      text += line[i++];
    else if (line[i] == '"')
      quoted = !quoted;
    text += line[i++];
  }
  return text;
}

void collect(const Json& object, const std::string& prefix, std::string_view step_key,
             std::map<std::string, double>& measures, int depth) {
  if (depth > 16) return;  // nobody names a measure like this
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) {
      collect(value, prefix + key + ".", step_key, measures, depth + 1);
      continue;
    }
    const std::string name = prefix + key;
    if (name == step_key || is_reserved(name)) continue;
    const bool number = value.is_number() || value == "nan" || value == "inf" || value == "-inf";
    if (number) measures[name] = number_in(value);
  }
}

/// The length of the UTF-8 character at the start of the text; 0 when there is none, or it is a control character.
std::size_t printable_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t length = first >= 0xc2 && first < 0xe0   ? 2
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xf0 && first < 0xf5 ? 4
                                                             : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  // Spellings that are too long, halves of pairs, beyond the last character; and the control characters after Latin
  // letters.
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) ||
      (first == 0xf4 && second >= 0x90) || (first == 0xc2 && second < 0xa0)) {
    return 0;
  }
  return length;
}

/// The last line that says something, with the one it continues.
std::string last_message(const std::filesystem::path& file, std::int64_t begin) {
  constexpr std::int64_t most = 8192;
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream) return {};
  const std::int64_t end = stream.tellg();
  const std::int64_t from = std::max(begin, end - most);
  if (from >= end) return {};
  std::string text(static_cast<std::size_t>(end - from), '\0');
  stream.seekg(from);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, stream.gcount())));

  std::string message;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t cut = rest.find_last_of("\n\r");
    std::string_view line = cut == std::string_view::npos ? rest : rest.substr(cut + 1);
    rest = cut == std::string_view::npos ? std::string_view() : rest.substr(0, cut);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    line.remove_prefix(first);
    message = std::string(line) + (message.empty() ? "" : " ") + message;
    if (first == 0) break;
  }
  return message;
}

}  // namespace

Json parse_record(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos || line[first] != '{') return nullptr;
  line.remove_prefix(first);
  Json record = Json::parse(line, nullptr, false);
  if (record.is_discarded() &&
      (line.find("NaN") != std::string_view::npos || line.find("Infinity") != std::string_view::npos)) {
    record = Json::parse(with_quoted_numbers(line), nullptr, false);
  }
  if (!record.is_object()) return nullptr;
  return record;
}

MetricRecord record_in(const Json& record, std::string_view step_key) {
  std::map<std::string, double> measures;
  collect(record, "", step_key, measures, 0);
  const auto number = [&](std::string_view key) {
    const auto found = record.find(key);
    return found == record.end() ? std::nan("") : number_in(*found);
  };
  return {.step = number(step_key),
          .epoch = number(record_key::epoch),
          .time = number(record_key::time),
          .measures = {measures.begin(), measures.end()}};
}

std::string one_line(std::string_view text, std::size_t limit) {
  std::string line;
  std::size_t fits = 0;  // of `line`, with "..." behind it
  while (!text.empty()) {
    const std::size_t length = printable_character(text);
    const unsigned char byte = static_cast<unsigned char>(text[0]);
    line += length > 0     ? std::string(text.substr(0, length))
            : byte == '\n' ? "\\n"
            : byte == '\t' ? "\\t"
                           : format("\\x{:02x}", byte);
    text.remove_prefix(std::max<std::size_t>(1, length));
    if (line.size() > limit) return line.substr(0, fits) + "...";
    if (line.size() + 3 <= limit) fits = line.size();
  }
  return line;
}

std::string failure_text(int status, const std::filesystem::path& errors, std::int64_t begin) {
  std::string how;
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    const char* name = sigabbrev_np(number);
    how = name ? format("signal SIG{}", name) : format("signal {}", number);
    if (number == SIGKILL) how += ", perhaps for want of memory";
  } else {
    how = format("exit code {}", WEXITSTATUS(status));
  }
  const std::string message = last_message(errors, begin);
  return one_line(message.empty() ? how + ", with nothing on standard error" : how + ": " + message, 500);
}

}  // namespace atelier
