#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace atelier {

struct Hdf5Array {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// Writes arrays of 32-bit floats by path, "group/group/name", with the C library alone.
inline void write_hdf5(const std::filesystem::path& file, const std::map<std::string, Hdf5Array>& arrays) {
  const hid_t out = H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t groups = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(groups, 1);
  for (const auto& [path, array] : arrays) {
    const std::vector<hsize_t> extents(array.shape.begin(), array.shape.end());
    const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
    const hid_t set = H5Dcreate2(out, path.c_str(), H5T_IEEE_F32LE, space, groups, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.values.data());
    H5Dclose(set);
    H5Sclose(space);
  }
  H5Pclose(groups);
  H5Fclose(out);
}

}  // namespace atelier
