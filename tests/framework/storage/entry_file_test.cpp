#include "framework/storage/entry_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "framework/core/error.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(EntryFile, GivesBackWhatAnotherProcessStored) {
  const ScratchFolder folder;
  const Bytes third(5000, 7);
  {
    EntryFile file(folder / "a/cache.bin", "key", 10, 5000);
    Bytes read(5000);
    EXPECT_FALSE(file.read(3, read));
    EXPECT_TRUE(file.write(3, third));
  }
  EntryFile again(folder / "a/cache.bin", "key", 10, 5000);
  Bytes read(5000);
  EXPECT_TRUE(again.read(3, read));
  EXPECT_EQ(read, third);
  EXPECT_FALSE(again.read(4, read));
}

TEST(EntryFile, TakesADamagedEntryAsAbsent) {
  const ScratchFolder folder;
  EntryFile file(folder / "cache.bin", "key", 2, 100);
  file.write(1, Bytes(100, 1));
  std::FILE* raw = std::fopen((folder / "cache.bin").c_str(), "r+b");
  std::fseek(raw, -4096 + 50, SEEK_END);  // inside the last entry
  std::fputc(9, raw);
  std::fclose(raw);
  Bytes read(100);
  EXPECT_FALSE(file.read(1, read));
  file.write(1, Bytes(100, 1));
  EXPECT_TRUE(file.read(1, read));
}

TEST(EntryFile, BeginsAnewForAnotherKeyShapeOrATruncatedFile) {
  const ScratchFolder folder;
  Bytes read(100);
  EntryFile(folder / "cache.bin", "key", 2, 100).write(1, Bytes(100, 1));
  EXPECT_FALSE(EntryFile(folder / "cache.bin", "other", 2, 100).read(1, read));
  EntryFile(folder / "cache.bin", "key", 2, 100).write(1, Bytes(100, 1));
  std::filesystem::resize_file(folder / "cache.bin", 5000);
  EXPECT_FALSE(EntryFile(folder / "cache.bin", "key", 2, 100).read(1, read));
}

TEST(EntryFile, SaysWhyItCannotBeMade) { EXPECT_THROW(EntryFile("/proc/cache.bin", "key", 2, 100), Error); }

TEST(EntryFile, OfOthersIsRead) {
  const ScratchFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  const std::vector<std::uint8_t> bytes(100, 7);
  EntryFile(folder / "e.bin", "key", 3, 100).write(1, bytes);
  std::filesystem::permissions(folder / "e.bin", std::filesystem::perms(0444));
  const bool root = geteuid() == 0;
  ASSERT_TRUE(!root || seteuid(65534) == 0);
  std::vector<std::uint8_t> found(100);
  {
    EntryFile file(folder / "e.bin", "key", 3, 100);
    EXPECT_FALSE(file.writable());
    EXPECT_TRUE(file.read(1, found));
    EXPECT_FALSE(file.read(2, found));
  }
  EXPECT_THROW(EntryFile(folder / "e.bin", "another", 3, 100), Error);
  ASSERT_TRUE(!root || seteuid(0) == 0);
}

}  // namespace
}  // namespace atelier
