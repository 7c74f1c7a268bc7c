#include "framework/data/hdf5_tensors.h"

#include <array>
#include <fstream>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/data/hdf5_handle.h"

namespace atelier {
namespace {

using Shape = std::vector<std::int64_t>;

constexpr int deepest = 8;  // Groups in groups: Keras has three; a file may link a group into itself.
constexpr std::size_t most_objects = 100000;

/// A file being read; the lock of HDF5 is held while it lives.
class TensorReader {
 public:
  explicit TensorReader(const std::filesystem::path& file)
      : lock_(lock_hdf5()), name_(file.string()), damaged_(name_ + ": damaged or truncated HDF5 file") {
    if (!std::filesystem::exists(file)) throw Error(name_ + " does not exist");
    if (!is_hdf5(file)) throw Error(name_ + ": not an HDF5 file");
    file_size_ = std::filesystem::file_size(file);
    const Hdf5Handle how(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, damaged_);
    H5Pset_file_locking(how, false, true);  // Only read, and network file systems may refuse locks.
    file_ = {H5Fopen(file.c_str(), H5F_ACC_RDONLY, how), H5Fclose, damaged_};
  }

  void list(const std::string& group, int depth, std::map<std::string, Shape>& shapes) {
    if (depth > deepest) throw Error(format("{}: its groups are nested more than {} deep", name_, deepest));
    for (const std::string& link : hard_links(group)) {
      if (++objects_ > most_objects) throw Error(format("{}: holds more than {} objects", name_, most_objects));
      const std::string path = group.empty() ? link : group + "/" + link;
      const Hdf5Handle object(H5Oopen(file_, path.c_str(), H5P_DEFAULT), H5Oclose, damaged_);
      const H5I_type_t type = H5Iget_type(object);
      if (type == H5I_GROUP) list(path, depth + 1, shapes);
      if (type != H5I_DATASET || !holds_floats(object)) continue;
      Shape shape;
      for (const hsize_t extent : extents(object)) shape.push_back(static_cast<std::int64_t>(extent));
      shapes.emplace(path, std::move(shape));
    }
  }

  std::vector<float> read(const std::string& path) const {
    const Hdf5Handle dataset(H5Dopen2(file_, path.c_str(), H5P_DEFAULT), H5Dclose,
                             format("{}: holds no array {}", name_, path));
    if (!holds_floats(dataset)) throw Error(format("{}: {} does not hold floats", name_, path));
    const Hdf5Handle how(H5Dget_create_plist(dataset), H5Pclose, damaged_);
    const H5D_layout_t layout = H5Pget_layout(how);
    if ((layout != H5D_CONTIGUOUS && layout != H5D_COMPACT) || H5Pget_external_count(how) != 0) {
      throw Error(format("{}: {} is chunked, compressed or outside the file; write it plain, as h5repack -l CONTI does",
                         name_, path));
    }
    const Hdf5Handle type(H5Dget_type(dataset), H5Tclose, damaged_);
    std::uint64_t bytes = H5Tget_size(type), count = 1;
    for (const hsize_t extent : extents(dataset)) {
      if (extent != 0 && bytes > file_size_ / extent)
        throw Error(format("{}: {} is larger than the file", name_, path));
      bytes *= extent;
      count *= extent;
    }
    if (layout == H5D_CONTIGUOUS && count > 0) {
      const haddr_t offset = H5Dget_offset(dataset);
      if (offset == HADDR_UNDEF || offset > file_size_ || bytes > file_size_ - offset) throw Error(damaged_);
    }
    std::vector<float> values(count);
    if (H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) throw Error(damaged_);
    return values;
  }

 private:
  /// What a group holds, without what lies elsewhere: soft and external links.
  std::vector<std::string> hard_links(const std::string& group) const {
    const Hdf5Handle opened(H5Gopen2(file_, group.empty() ? "/" : group.c_str(), H5P_DEFAULT), H5Gclose, damaged_);
    std::vector<std::string> names;
    const auto collect = [](hid_t, const char* link, const H5L_info_t* info, void* into) -> herr_t {
      auto& found = *static_cast<std::vector<std::string>*>(into);
      if (found.size() > most_objects) return -1;
      if (info->type == H5L_TYPE_HARD) found.emplace_back(link);
      return 0;
    };
    if (H5Literate(opened, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, collect, &names) < 0) throw Error(damaged_);
    return names;
  }

  bool holds_floats(hid_t dataset) const {
    const Hdf5Handle type(H5Dget_type(dataset), H5Tclose, damaged_);
    for (const hid_t known : {H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE}) {
      if (H5Tequal(type, known) > 0) return true;
    }
    return false;
  }

  std::vector<hsize_t> extents(hid_t dataset) const {
    const Hdf5Handle space(H5Dget_space(dataset), H5Sclose, damaged_);
    const int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 0 || rank > H5S_MAX_RANK) throw Error(damaged_);
    std::vector<hsize_t> result(static_cast<std::size_t>(rank));
    H5Sget_simple_extent_dims(space, result.data(), nullptr);
    return result;
  }

  std::unique_lock<std::recursive_mutex> lock_;
  std::string name_, damaged_;
  std::uint64_t file_size_ = 0;
  std::size_t objects_ = 0;
  Hdf5Handle file_;
};

}  // namespace

bool is_hdf5(const std::filesystem::path& file) {
  constexpr std::array<char, 8> signature{'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  std::array<char, 8> first{};
  std::ifstream(file, std::ios::binary).read(first.data(), first.size());
  return first == signature;
}

std::map<std::string, std::vector<std::int64_t>> hdf5_tensor_shapes(const std::filesystem::path& file) {
  std::map<std::string, Shape> shapes;
  TensorReader(file).list("", 0, shapes);
  return shapes;
}

std::vector<float> read_hdf5_tensor(const std::filesystem::path& file, const std::string& name) {
  return TensorReader(file).read(name);
}

}  // namespace atelier
