#include "framework/data/hdf5_tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/core/error.h"
#include "tests/command.h"
#include "tests/error_of.h"
#include "tests/hdf5_file.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

using testing::HasSubstr;

class Hdf5Tensors : public testing::Test {
 protected:
  Hdf5Tensors() {
    write_hdf5(file_, {{"first/inner/kernel:0", {{2, 3}, {1, 2, 3, 4, 5, 6}}}, {"second", {{2}, {-1.5f, 0.25f}}}});
  }
  ScratchFolder folder_;
  const std::filesystem::path file_ = folder_ / "weights.h5";
};

TEST_F(Hdf5Tensors, AreListedByPathAndReadInOrder) {
  const std::map<std::string, std::vector<std::int64_t>> expected{{"first/inner/kernel:0", {2, 3}}, {"second", {2}}};
  EXPECT_EQ(hdf5_tensor_shapes(file_), expected);
  EXPECT_EQ(read_hdf5_tensor(file_, "first/inner/kernel:0"), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read_hdf5_tensor(file_, "second"), (std::vector<float>{-1.5f, 0.25f}));
}

TEST_F(Hdf5Tensors, AreRecognisedByContent) {
  std::filesystem::rename(file_, folder_ / "weights.safetensors");
  EXPECT_TRUE(is_hdf5(folder_ / "weights.safetensors"));
  write_text(folder_ / "text.h5", "not HDF5");
  EXPECT_FALSE(is_hdf5(folder_ / "text.h5"));
  EXPECT_FALSE(is_hdf5(folder_ / "missing.h5"));
  EXPECT_THAT(error_of<Error>([&] { hdf5_tensor_shapes(folder_ / "text.h5"); }),
              HasSubstr("text.h5: not an HDF5 file"));
}

TEST_F(Hdf5Tensors, OtherFilesAreNeverReadThroughALink) {
  {
    const hid_t out = H5Fopen(file_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Lcreate_external("/etc/other.h5", "/second", out, "elsewhere", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/second", out, "soft", H5P_DEFAULT, H5P_DEFAULT);
    // An array whose numbers lie in another file.
    write_text(folder_ / "secret", "12345678");
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(how, (folder_ / "secret").c_str(), 0, 8);
    const hsize_t extent = 2;
    const hid_t space = H5Screate_simple(1, &extent, nullptr);
    H5Dclose(H5Dcreate2(out, "outside", H5T_IEEE_F32LE, space, H5P_DEFAULT, how, H5P_DEFAULT));
    H5Sclose(space);
    H5Pclose(how);
    H5Fclose(out);
  }
  EXPECT_EQ(hdf5_tensor_shapes(file_).size(), 3u);  // the two of before and "outside"
  EXPECT_THAT(error_of<Error>([&] { read_hdf5_tensor(file_, "outside"); }), HasSubstr("outside the file"));
}

TEST_F(Hdf5Tensors, AnEndlessCircleOfGroupsIsRefused) {
  const hid_t out = H5Fopen(file_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  H5Lcreate_hard(out, "/", out, "first/again", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(out);
  EXPECT_THAT(error_of<Error>([&] { hdf5_tensor_shapes(file_); }), HasSubstr("nested"));
}

TEST_F(Hdf5Tensors, AFileCutAnywhereIsRefusedInALine) {
  const std::string whole = read_text(file_);
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{100}, std::size_t{8}}) {
    write_text(file_, whole.substr(0, size));
    const std::string problem = error_of<Error>([&] {
      for (const auto& [name, shape] : hdf5_tensor_shapes(file_)) read_hdf5_tensor(file_, name);
    });
    EXPECT_THAT(problem, HasSubstr("weights.h5: damaged or truncated HDF5 file")) << size;
    EXPECT_EQ(problem.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace atelier
