#include "framework/storage/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "framework/core/error.h"
#include "framework/storage/atomic_file.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

std::string complaint(const std::filesystem::path& file) {
  return error_of<Error>([&] { SafetensorsFile read(file); });
}

TEST(Safetensors, ReadsBackWhatWasWritten) {
  const ScratchFolder folder;
  const float numbers[6] = {1, 2, 3, 4, 5, 6};
  const StoredTensor tensor{"F32", {2, 3}, {reinterpret_cast<const std::uint8_t*>(numbers), sizeof numbers}};
  write_safetensors(folder / "t", {{"a.b", tensor}}, {{"key", "value"}});
  const SafetensorsFile file(folder / "t");
  EXPECT_EQ(file.metadata().at("key"), "value");
  EXPECT_EQ(file.at("a.b").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(std::memcmp(file.at("a.b").bytes.data(), numbers, sizeof numbers), 0);
  // The format asks for aligned data.
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(file.at("a.b").bytes.data()) % 8, 0u);
}

TEST(Safetensors, NamesWhatThereIs) {
  const ScratchFolder folder;
  write_safetensors(folder / "t", {{"one", {"U8", {0}, {}}}, {"two", {"U8", {0}, {}}}});
  try {
    SafetensorsFile(folder / "t").at("three");
    FAIL();
  } catch (const Error& problem) {
    EXPECT_THAT(problem.what(), testing::HasSubstr("no tensor three; it holds one, two"));
  }
}

TEST(Safetensors, RefusesDamagedFiles) {
  const ScratchFolder folder;
  const std::uint8_t bytes[4] = {};
  write_safetensors(folder / "good", {{"a", {"F32", {1}, bytes}}});
  const std::string good = read_file(folder / "good");
  write_file(folder / "cut", good.substr(0, good.size() - 1));
  EXPECT_THAT(complaint(folder / "cut"), testing::HasSubstr("cut short"));
  write_file(folder / "tiny", "abc");
  EXPECT_THAT(complaint(folder / "tiny"), testing::HasSubstr("shorter than 8 bytes"));
  write_file(folder / "text", std::string(100, 'x'));
  EXPECT_THAT(complaint(folder / "text"), testing::HasSubstr("header is longer than the file"));
  for (const std::string& header :
       {std::string("[]"), std::string("{\"a\":1}"),
        std::string("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}"),
        std::string("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}"),
        std::string("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}")}) {
    std::string file(8, '\0');
    const std::uint64_t size = header.size();
    std::memcpy(file.data(), &size, 8);
    write_file(folder / "bad", file + header + "0000");
    EXPECT_NE(complaint(folder / "bad"), "") << header;
  }
}

}  // namespace
}  // namespace atelier
