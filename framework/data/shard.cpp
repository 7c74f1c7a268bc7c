#include "framework/data/shard.h"

#include <algorithm>
#include <tuple>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/data/hdf5_handle.h"
#include "framework/images/jpeg.h"

namespace atelier {
namespace {

/// One shard file being read. Everything it says is checked before it is used.
class ShardReader {
 public:
  ShardReader(const std::filesystem::path& path, std::span<const std::uint8_t> mapped)
      : name_(path.string()), mapped_(mapped), damaged_(name_ + ": damaged or truncated; pack the data set again") {
    const Hdf5Handle how(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, damaged_);
    H5Pset_file_locking(how, false,
                        true);  // Nobody writes a finished shard, and network file systems may refuse locks.
    if (H5Fis_hdf5(path.c_str()) <= 0) throw Error(name_ + ": not an HDF5 file, or its beginning is damaged");
    file_ = {H5Fopen(path.c_str(), H5F_ACC_RDONLY, how), H5Fclose, damaged_};
  }

  /// What the shard says of itself. Its text attributes are for people: HDF5 1.10 keeps them in a heap and crashes when
  /// that is damaged, so what they say is taken from elsewhere.
  ShardLayout layout() const {
    if (H5Aexists(file_, "format") <= 0 || H5Aexists(file_, "version") <= 0) {
      throw Error(name_ + ": an HDF5 file, but not of Atelier (it has no attributes \"format\" and \"version\")");
    }
    if (const std::int64_t version = number_attribute("version"); version != ShardLayout::format_version) {
      throw Error(format("{}: has format version {}, this program reads version {}", name_, version,
                         ShardLayout::format_version));
    }
    ShardLayout layout;
    const std::string file = std::filesystem::path(name_).stem().string();
    layout.split = file.substr(0, file.find('-'));
    layout.set.encoding = encoding();
    layout.set.add({.name = std::string(images_column)});
    for (std::string& name : groups()) layout.set.add({.name = std::move(name)});
    layout.shard = number_attribute("shard");
    layout.shards = number_attribute("shards");
    return layout;
  }

  /// Sets the size of the column, and the count in the layout or checks that it agrees.
  Shard::Part part(Column& column, ShardLayout& layout) const {
    const std::string prefix = column.name == images_column ? "" : column.name + "/";
    Shard::Part part;
    part.digests = numbers<std::uint64_t>(prefix + "digests", H5T_NATIVE_UINT64, 1);
    const bool raw = layout.set.encoding == Encoding::raw;
    std::tie(column.height, column.width) = raw ? raw_part(prefix, part) : encoded_part(prefix, part);
    if (layout.count == 0) layout.count = static_cast<std::int64_t>(part.digests.size());
    const bool agrees = static_cast<std::int64_t>(part.digests.size()) == layout.count && layout.count > 0 &&
                        part.offsets.size() == part.digests.size() + 1;
    if (!agrees) throw Error(damaged_);
    return part;
  }

  std::vector<std::string> sources(std::int64_t count) const {
    const Hdf5Handle dataset = open("sources");
    const auto shape = shape_of(dataset);
    const Hdf5Handle type(H5Dget_type(dataset), H5Tclose, damaged_);
    const std::size_t size = H5Tget_size(type);
    const bool fixed_text = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
    if (!fixed_text || shape.size() != 1 || static_cast<std::int64_t>(shape[0]) != count || size > mapped_.size()) {
      throw Error(damaged_);
    }
    std::vector<char> texts(size * count);
    if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()) < 0) throw Error(damaged_);
    std::vector<std::string> result;
    for (std::int64_t i = 0; i < count; ++i) {
      const char* text = texts.data() + i * size;
      result.emplace_back(text, std::find(text, text + size, '\0'));
    }
    return result;
  }

 private:
  using Size = std::pair<int, int>;

  Hdf5Handle open(const std::string& name) const {
    return {H5Dopen2(file_, name.c_str(), H5P_DEFAULT), H5Dclose, damaged_};
  }

  /// The names of the groups in the file's root: columns beside the images.
  std::vector<std::string> groups() const {
    H5G_info_t root{};
    if (H5Gget_info(file_, &root) < 0) throw Error(damaged_);
    std::vector<std::string> names;
    for (hsize_t i = 0; i < root.nlinks; ++i) {
      char name[256];
      const auto length = H5Lget_name_by_idx(file_, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name, H5P_DEFAULT);
      if (length <= 0 || length >= static_cast<ssize_t>(sizeof name)) throw Error(damaged_);
      const hid_t group = H5Gopen2(file_, name, H5P_DEFAULT);
      if (group < 0) continue;  // A data set of the images.
      H5Gclose(group);
      names.emplace_back(name);
    }
    return names;
  }

  Encoding encoding() const {
    if (H5Lexists(file_, "images", H5P_DEFAULT) > 0) return Encoding::raw;
    return is_jpeg(mapped_bytes(open("bytes"))) ? Encoding::jpeg : Encoding::png;
  }

  std::vector<hsize_t> shape_of(hid_t dataset) const {
    const Hdf5Handle space(H5Dget_space(dataset), H5Sclose, damaged_);
    const int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 1 || rank > 4) throw Error(damaged_);
    std::vector<hsize_t> shape(rank);
    H5Sget_simple_extent_dims(space, shape.data(), nullptr);
    return shape;
  }

  /// The bytes of a uint8 data set where they lie in the mapped file.
  std::span<const std::uint8_t> mapped_bytes(hid_t dataset) const {
    const Hdf5Handle type(H5Dget_type(dataset), H5Tclose, damaged_);
    if (H5Tequal(type, H5T_NATIVE_UINT8) <= 0) throw Error(damaged_);
    const haddr_t offset = H5Dget_offset(dataset);
    if (offset == HADDR_UNDEF) {
      throw Error(name_ + ": its images are chunked or compressed; Atelier maps contiguous data sets only");
    }
    std::uint64_t size = 1;
    for (const hsize_t side : shape_of(dataset)) {
      if (side != 0 && size > mapped_.size() / side) throw Error(damaged_);
      size *= side;
    }
    if (offset > mapped_.size() || size > mapped_.size() - offset) throw Error(damaged_);
    return mapped_.subspan(offset, size);
  }

  Size raw_part(const std::string& prefix, Shard::Part& part) const {
    const Hdf5Handle images = open(prefix + "images");
    const auto shape = shape_of(images);
    part.bytes = mapped_bytes(images);
    if (shape.size() != 4 || shape[3] != 3 || part.bytes.empty() || shape[1] > INT32_MAX || shape[2] > INT32_MAX) {
      throw Error(damaged_);
    }
    for (hsize_t i = 0; i <= shape[0]; ++i) part.offsets.push_back(i * shape[1] * shape[2] * 3);
    return {static_cast<int>(shape[1]), static_cast<int>(shape[2])};
  }

  Size encoded_part(const std::string& prefix, Shard::Part& part) const {
    part.bytes = mapped_bytes(open(prefix + "bytes"));
    part.offsets = numbers<std::uint64_t>(prefix + "offsets", H5T_NATIVE_UINT64, 1);
    const auto shapes = numbers<std::int64_t>(prefix + "shapes", H5T_NATIVE_INT64, 2);
    const bool rising = std::is_sorted(part.offsets.begin(), part.offsets.end());
    if (!rising || part.offsets.empty() || part.offsets.back() > part.bytes.size()) throw Error(damaged_);
    if (shapes.size() != 2 * (part.offsets.size() - 1) || shapes.empty()) throw Error(damaged_);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      if (shapes[i] != shapes[i % 2]) throw Error(name_ + ": holds images of different sizes");
      if (shapes[i] < 1 || shapes[i] > INT32_MAX) throw Error(damaged_);
    }
    return {static_cast<int>(shapes[0]), static_cast<int>(shapes[1])};
  }

  template <typename T>
  std::vector<T> numbers(const std::string& name, hid_t type, std::size_t rank) const {
    const Hdf5Handle dataset = open(name);
    const auto shape = shape_of(dataset);
    std::uint64_t count = 1;
    for (const hsize_t side : shape) count = side > mapped_.size() ? mapped_.size() : count * side;
    if (shape.size() != rank || count > mapped_.size() / sizeof(T)) throw Error(damaged_);
    std::vector<T> values(count);
    if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) throw Error(damaged_);
    return values;
  }

  std::int64_t number_attribute(const char* name) const {
    const Hdf5Handle attribute(H5Aopen(file_, name, H5P_DEFAULT), H5Aclose, damaged_);
    const Hdf5Handle space(H5Aget_space(attribute), H5Sclose, damaged_);
    std::int64_t value = 0;
    if (H5Sget_simple_extent_npoints(space) != 1 || H5Aread(attribute, H5T_NATIVE_INT64, &value) < 0) {
      throw Error(damaged_);
    }
    return value;
  }

  std::string name_;
  std::span<const std::uint8_t> mapped_;
  std::string damaged_;
  Hdf5Handle file_;
};

MappedFile map_shard(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file))
    throw UsageError(file.string() + ": this shard is missing; pack the data set again");
  return MappedFile(file);
}

}  // namespace

Shard::Shard(const std::filesystem::path& file) try : path_(file), file_(map_shard(file)) {
  const auto lock = lock_hdf5();
  const ShardReader reader(file, file_.bytes());
  layout_ = reader.layout();
  for (Column& column : layout_.set.columns) parts_.push_back(reader.part(column, layout_));
  sources_ = reader.sources(layout_.count);
} catch (const UsageError&) {
  throw;
} catch (const Error& problem) {
  throw UsageError(problem.what());
}

}  // namespace atelier
