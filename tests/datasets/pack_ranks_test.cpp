#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <optional>

#include "datasets/pack.h"
#include "framework/core/error.h"
#include "framework/images/image_file.h"
#include "framework/storage/atomic_file.h"
#include "tests/error_of.h"
#include "tests/mpi_world.h"
#include "tests/scratch_folder.h"
#include "tests/test_picture.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// A folder with pictures, made by rank 0, seen by all.
class PackOnRanks : public ::testing::Test {
 protected:
  PackOnRanks() {
    if (world().rank() == 0) {
      scratch_.emplace();
      make_folder(*scratch_ / "pictures");
      for (int i = 0; i < 12; ++i)
        write_image(*scratch_ / ("pictures/p" + std::to_string(i) + ".png"), test_picture(90, 90, i));
    }
    folder_ = world().broadcast(scratch_ ? scratch_->path().string() : "", 0);
  }
  ~PackOnRanks() override { world().barrier(); }

  Recipe recipe() const {
    const std::string text =
        "name = \"t\"\n[set.a]\ninputs = [\"pictures\"]\nsize = 64\ncut = \"random\"\nper_image = 3\nsmooth = "
        "true\nshards = 5\n";
    return Recipe::from(Document::from_text(text, "r.toml", folder_));
  }
  static std::map<std::string, std::string> contents(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder)) files[entry.path().filename()] = read_file(entry.path());
    return files;
  }

  std::optional<ScratchFolder> scratch_;
  fs::path folder_;
};

TEST_F(PackOnRanks, GivesTheBytesOfOneProcess) {
  pack(recipe(), folder_ / "together", world());
  if (world().rank() != 0) return;
  pack(recipe(), folder_ / "alone", *make_serial_communicator());
  const auto together = contents(folder_ / "together/a"), alone = contents(folder_ / "alone/a");
  EXPECT_EQ(together.size(), 7u);
  EXPECT_EQ(together, alone);
}

TEST_F(PackOnRanks, ABadPictureEndsEveryRankWithItsName) {
  if (world().rank() == 0) std::ofstream(folder_ / "pictures/p7.png") << "no picture";
  world().barrier();
  EXPECT_THAT(error_of<Error>([&] { pack(recipe(), folder_ / "out", world()); }), ::testing::HasSubstr("p7.png"));
  world().barrier();
  EXPECT_TRUE(fs::is_empty(folder_ / "out"));
}

}  // namespace
}  // namespace atelier
