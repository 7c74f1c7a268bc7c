#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace atelier {

/// CRC-32C (Castagnoli) of the bytes, as RFC 3720, appendix B.4, has it.
std::uint32_t crc32c(std::string_view bytes);

/// One record of a TFRecord file: length (8 bytes, little-endian), the length's checksum, the bytes, their checksum.
/// The checksums are CRC-32C, rotated right by 15 bits plus 0xa282ead8. Source:
/// https://www.tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format details".
std::string tf_record(std::string_view bytes);

/// A file of events that TensorBoard reads: `events.out.tfevents.TIME.HOST.PID` in a run's folder, a new one for each
/// session. Each begins with a session start, upon which TensorBoard forgets the steps of earlier sessions beyond it,
/// as those were not saved and are done again. Each event is written with a single write.
///
/// Source of the fields: tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
class EventFile {
 public:
  /// A new file in `folder`, for steps above `step`. Its name sorts after those that are there. Throws `StorageError`.
  EventFile(const std::filesystem::path& folder, std::int64_t step);
  ~EventFile();
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  /// Numbers by name at a step. TensorBoard keeps single precision. Throws `StorageError` when the disk is full or
  /// gone.
  void write_scalars(std::int64_t step, const std::map<std::string, double>& values);
  /// A picture, from the bytes of a PNG file. Throws `Error` when they are none.
  void write_image(std::int64_t step, std::string_view name, std::string_view png);

  const std::filesystem::path& path() const { return file_; }

 private:
  void write(std::string_view event);

  std::filesystem::path file_;
  int handle_ = -1;
};

}  // namespace atelier
