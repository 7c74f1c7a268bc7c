#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace atelier {

// Arrays of numbers in any HDF5 file, for instance weights that another program saved. Nothing a file says is trusted:
// only plain arrays inside the file itself are read, never links to other files.

/// Whether a file begins as HDF5 files do, whatever it is called.
bool is_hdf5(const std::filesystem::path& file);

/// The arrays of floats (32 or 64 bits) in a file: "group/group/name" to extents. Throws `Error` (the file, and what is
/// wrong with it).
std::map<std::string, std::vector<std::int64_t>> hdf5_tensor_shapes(const std::filesystem::path& file);

/// The numbers of one of them, row-major, as 32-bit floats. Throws `Error`.
std::vector<float> read_hdf5_tensor(const std::filesystem::path& file, const std::string& name);

}  // namespace atelier
