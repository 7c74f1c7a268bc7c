#include "framework/storage/atomic_file.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "framework/core/error.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(WriteFile, ReplacesAndLeavesNothingBeside) {
  const ScratchFolder folder;
  write_file(folder / "a", "one");
  write_file(folder / "a", "two");
  EXPECT_EQ(read_file(folder / "a"), "two");
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(WriteFile, SaysWhichFileAndWhy) {
  try {
    write_file("/nowhere/at/all", "x");
    FAIL();
  } catch (const Error& problem) {
    EXPECT_STREQ(problem.what(), "cannot write /nowhere/at/all: No such file or directory");
  }
}

TEST(CreateExclusively, GivesTheFileToExactlyOne) {
  const ScratchFolder folder;
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { winners += create_file_exclusively(folder / "claim", std::string(1000, 'a' + i)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
  const std::string content = read_file(folder / "claim");
  EXPECT_EQ(content, std::string(1000, content[0]));
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(FolderAside, IsCompleteOrAbsent) {
  const ScratchFolder folder;
  {
    FolderAside aside(folder / "checkpoint");
    write_file(aside.path() / "a", "x");
    EXPECT_FALSE(fs::exists(folder / "checkpoint"));
  }
  EXPECT_EQ(entries(folder.path()), 0u);
  FolderAside aside(folder / "checkpoint");
  write_file(aside.path() / "a", "x");
  aside.commit();
  EXPECT_EQ(read_file(folder / "checkpoint" / "a"), "x");
}

}  // namespace
}  // namespace atelier
