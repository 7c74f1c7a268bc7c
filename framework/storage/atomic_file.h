#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace atelier {

/// Whether to wait until the disk has it. Without, a crash of the machine (not of the program) may lose the file or
/// leave it empty: for what can be made again.
enum class Flush { no, yes };

/// Writes a whole file aside, flushes it to the disk and renames it: readers see the old file or the new one, never a
/// part. Throws `Error` (the file, why) and leaves nothing behind.
void write_file(const std::filesystem::path& file, std::string_view bytes, Flush flush = Flush::yes);

/// As `write_file`, for a file that belongs to whoever has a claim: `check` throws when that is no longer this process.
/// One that lost the claim, at whatever moment it was suspended, cannot put its old text in the place of the new
/// holder's: what it had written aside is removed here, and what it writes aside later is not renamed, since `check`
/// comes between.
void write_file_of_holder(const std::filesystem::path& file, std::string_view bytes,
                          const std::function<void()>& check);

/// As `write_file`, but only if the file does not exist yet; returns whether this call made it. Exactly one of any
/// number of processes, on any hosts that share the folder, gets true.
bool create_file_exclusively(const std::filesystem::path& file, std::string_view bytes, Flush flush = Flush::yes);

/// The whole file. Throws `Error` (the file, why).
std::string read_file(const std::filesystem::path& file);

/// A folder that appears complete or not at all: fill `path()`, then `commit()` renames it to its final name.
/// Without a commit the destructor removes what was written.
class FolderAside {
 public:
  /// Throws `Error` when the folder cannot be made.
  explicit FolderAside(std::filesystem::path final_name);
  ~FolderAside();
  FolderAside(const FolderAside&) = delete;
  FolderAside& operator=(const FolderAside&) = delete;

  const std::filesystem::path& path() const { return aside_; }
  /// Flushes every file and renames. An older folder of that name is replaced. Throws `Error`.
  void commit();

 private:
  std::filesystem::path final_, aside_;
};

/// `create_directories` with the reason in the message. Throws `Error`.
void make_folder(const std::filesystem::path& folder);

}  // namespace atelier
