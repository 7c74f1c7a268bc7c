#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

namespace atelier {

using Json = nlohmann::ordered_json;

/// Appends records to a file, one JSON object a line, each with a single write, so that a crash loses at most the line
/// it interrupted. Numbers that are not finite are written as strings ("nan", "inf", "-inf"), which JSON has no other
/// way to say.
class JsonLinesWriter {
 public:
  /// Opens for appending; a last line without its end is cut off first. Throws `Error`.
  explicit JsonLinesWriter(const std::filesystem::path& file);
  ~JsonLinesWriter();
  JsonLinesWriter(const JsonLinesWriter&) = delete;
  JsonLinesWriter& operator=(const JsonLinesWriter&) = delete;

  /// Throws `Error` when the disk is full or gone.
  void write(const Json& record);

 private:
  std::filesystem::path file_;
  int handle_;
};

/// All complete records of the file; lines that are not JSON objects are skipped and counted in `skipped` when given.
/// A missing file has no records.
std::vector<Json> read_json_lines(const std::filesystem::path& file, std::size_t* skipped = nullptr);

/// Keeps only the records that pass, in a new file of the same name: what another process, which lost its claim while
/// it was suspended, still writes to the old one that it has open is seen by nobody. `check`: as
/// `write_file_of_holder`. Does nothing when there is no file.
void filter_json_lines(const std::filesystem::path& file, const std::function<bool(const Json&)>& keep,
                       const std::function<void()>& check);

/// A number as a record holds it: finite ones as they are, others as "nan", "inf" or "-inf".
Json json_number(double value);
/// The number in a record's value, whichever way it was written. NaN when it holds none.
double number_in(const Json& value);

}  // namespace atelier
