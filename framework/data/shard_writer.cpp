#include "framework/data/shard_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/data/hdf5_handle.h"
#include "framework/storage/digest.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// Where the part-written shard is. Shards are named once a data set, so no two writers meet.
fs::path aside_name(const fs::path& file) { return file.parent_path() / ("." + file.filename().string() + ".part"); }

/// A data set of the kind readers can map: contiguous, its place in the file fixed at once, and without the time of its
/// making, so that the same images give the same bytes.
Hdf5Handle make_dataset(hid_t parent, const char* name, hid_t type, const std::vector<hsize_t>& shape,
                        const std::string& problem) {
  const Hdf5Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose, problem);
  const Hdf5Handle how(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, problem);
  H5Pset_layout(how, H5D_CONTIGUOUS);
  H5Pset_alloc_time(how, H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(how, H5D_FILL_TIME_NEVER);
  H5Pset_obj_track_times(how, false);
  return {H5Dcreate2(parent, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT), H5Dclose, problem};
}

template <typename T>
void write_all(hid_t parent, const char* name, hid_t type, const std::vector<hsize_t>& shape, const T* values,
               const std::string& problem) {
  const Hdf5Handle dataset = make_dataset(parent, name, type, shape, problem);
  if (H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) throw Error(problem);
}

Hdf5Handle text_type(std::size_t size, const std::string& problem) {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, problem);
  H5Tset_size(type, size);
  H5Tset_cset(type, H5T_CSET_UTF8);
  if (size != H5T_VARIABLE) H5Tset_strpad(type, H5T_STR_NULLPAD);
  return type;
}

void write_attribute(hid_t file, const char* name, hid_t type, const void* value, const std::string& problem) {
  const Hdf5Handle space(H5Screate(H5S_SCALAR), H5Sclose, problem);
  const Hdf5Handle attribute(H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, problem);
  if (H5Awrite(attribute, type, value) < 0) throw Error(problem);
}

void write_attribute(hid_t file, const char* name, std::string_view text, const std::string& problem) {
  // Of variable length, which h5py gives as str and not as bytes.
  const std::string owned(text);
  const char* start = owned.c_str();
  write_attribute(file, name, text_type(H5T_VARIABLE, problem), &start, problem);
}

void write_attribute(hid_t file, const char* name, std::int64_t value, const std::string& problem) {
  write_attribute(file, name, H5T_NATIVE_INT64, &value, problem);
}

/// Keeps the links of many columns in the root's own header. Beyond 8 of them HDF5 would use a heap, and 1.10 crashes
/// when that is damaged. Files with no more links stay the bytes they always were.
void keep_links_compact(hid_t file_creation, const SetLayout& layout) {
  constexpr std::size_t of_images = 5, usual = 8;
  const std::size_t links = of_images + layout.columns.size() - 1;
  if (links > usual) H5Pset_link_phase_change(file_creation, static_cast<unsigned>(links), 0);
}

}  // namespace

/// The pictures of one column.
struct ShardWriter::Part {
  Column column;
  Hdf5Handle group;   ///< None of the images, which are in the file's root.
  Hdf5Handle images;  ///< Raw pixels.
  std::vector<std::uint64_t> digests;
  std::vector<std::vector<std::uint8_t>> encoded;
};

struct ShardWriter::State {
  fs::path path, aside;
  ShardLayout layout;
  std::string problem;
  Hdf5Handle file;
  std::vector<Part> parts;  ///< One a column of the layout.
  std::vector<std::string> sources;

  hid_t parent(const Part& part) const { return part.group >= 0 ? part.group : file; }

  void begin(const Column& column) {
    Part& part = parts.emplace_back();
    part.column = column;
    if (column.name != images_column) {
      const Hdf5Handle how(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, problem);
      H5Pset_obj_track_times(how, false);
      part.group = {H5Gcreate2(file, column.name.c_str(), H5P_DEFAULT, how, H5P_DEFAULT), H5Gclose, problem};
    }
    part.digests.resize(layout.count);
    if (layout.set.encoding == Encoding::raw) {
      const std::vector<hsize_t> shape{hsize_t(layout.count), hsize_t(column.height), hsize_t(column.width),
                                       hsize_t(column.channels)};
      part.images = make_dataset(parent(part), "images", H5T_NATIVE_UINT8, shape, problem);
    } else {
      part.encoded.resize(layout.count);
    }
  }

  void put(Part& part, std::int64_t index, std::vector<std::uint8_t> bytes) {
    part.digests[index] = digest(bytes);
    if (layout.set.encoding != Encoding::raw) {
      part.encoded[index] = std::move(bytes);
      return;
    }
    assert(bytes.size() == part.column.pixel_bytes());
    const hsize_t start[4] = {hsize_t(index), 0, 0, 0};
    const hsize_t size[4] = {1, hsize_t(part.column.height), hsize_t(part.column.width), hsize_t(part.column.channels)};
    const auto lock = lock_hdf5();
    const Hdf5Handle place(H5Dget_space(part.images), H5Sclose, problem);
    const Hdf5Handle memory(H5Screate_simple(4, size, nullptr), H5Sclose, problem);
    if (H5Sselect_hyperslab(place, H5S_SELECT_SET, start, nullptr, size, nullptr) < 0 ||
        H5Dwrite(part.images, H5T_NATIVE_UINT8, memory, place, H5P_DEFAULT, bytes.data()) < 0) {
      throw Error(problem);
    }
  }

  void finish(Part& part) {
    if (layout.set.encoding != Encoding::raw) finish_encoded(part);
    write_all(parent(part), "digests", H5T_NATIVE_UINT64, {hsize_t(layout.count)}, part.digests.data(), problem);
    part.images = {};
    part.group = {};
  }

  void finish_encoded(Part& part) {
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint64_t> offsets{0};
    std::vector<std::int64_t> shapes;
    for (std::vector<std::uint8_t>& image : part.encoded) {
      bytes.insert(bytes.end(), image.begin(), image.end());
      offsets.push_back(bytes.size());
      shapes.insert(shapes.end(), {part.column.height, part.column.width});
      image = {};
    }
    write_all(parent(part), "bytes", H5T_NATIVE_UINT8, {bytes.size()}, bytes.data(), problem);
    write_all(parent(part), "offsets", H5T_NATIVE_UINT64, {offsets.size()}, offsets.data(), problem);
    write_all(parent(part), "shapes", H5T_NATIVE_INT64, {hsize_t(layout.count), 2}, shapes.data(), problem);
  }

  void finish_sources() {
    std::size_t longest = 1;
    for (const std::string& source : sources) longest = std::max(longest, source.size());
    std::vector<char> texts(longest * sources.size());
    for (std::size_t i = 0; i < sources.size(); ++i) {
      std::memcpy(texts.data() + i * longest, sources[i].data(), sources[i].size());
    }
    write_all(file, "sources", text_type(longest, problem), {sources.size()}, texts.data(), problem);
  }
};

std::string shard_name(const std::string& split, std::int64_t shard, std::int64_t shards) {
  return format("{}-{:05}-of-{:05}.h5", split, shard, shards);
}

ShardWriter::ShardWriter(const fs::path& file, const ShardLayout& layout) : state_(std::make_unique<State>()) {
  const auto lock = lock_hdf5();
  state_->path = file;
  state_->aside = aside_name(file);
  state_->layout = layout;
  state_->problem = format("cannot write {}: the disk may be full or not writable", file.string());
  state_->sources.resize(layout.count);
  const Hdf5Handle how(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, state_->problem);
  // The format of HDF5 1.8 and later puts checksums on its own structure, so that damage there is found before it is
  // believed.
  H5Pset_libver_bounds(how, H5F_LIBVER_V18, H5F_LIBVER_LATEST);
  H5Pset_alignment(how, 4096, 4096);  // Large data sets begin at a page, as maps like it.
  const Hdf5Handle defaults(H5Pcreate(H5P_FILE_CREATE), H5Pclose, state_->problem);
  H5Pset_obj_track_times(defaults, false);
  keep_links_compact(defaults, layout.set);
  state_->file = {H5Fcreate(state_->aside.c_str(), H5F_ACC_TRUNC, defaults, how), H5Fclose, state_->problem};
  write_attribute(state_->file, "format", ShardLayout::format_name, state_->problem);
  write_attribute(state_->file, "version", ShardLayout::format_version, state_->problem);
  write_attribute(state_->file, "split", layout.split, state_->problem);
  write_attribute(state_->file, "encoding", name_of(layout.set.encoding), state_->problem);
  write_attribute(state_->file, "shard", layout.shard, state_->problem);
  write_attribute(state_->file, "shards", layout.shards, state_->problem);
  for (const Column& column : layout.set.columns) state_->begin(column);
}

ShardWriter::~ShardWriter() {
  const auto lock = lock_hdf5();
  const bool open = state_->file >= 0;
  state_->parts.clear();
  state_->file = {};
  if (open) unlink(state_->aside.c_str());
}

void ShardWriter::put(std::int64_t index, Entry entry) {
  assert(index >= 0 && index < state_->layout.count && entry.pictures.size() == state_->parts.size());
  state_->sources[index] = std::move(entry.source);
  for (std::size_t i = 0; i < entry.pictures.size(); ++i) {
    state_->put(state_->parts[i], index, std::move(entry.pictures[i]));
  }
}

ColumnDigests ShardWriter::commit() {
  const auto lock = lock_hdf5();
  ColumnDigests digests;
  for (Part& part : state_->parts) {
    state_->finish(part);
    digests.push_back(std::move(part.digests));
  }
  state_->finish_sources();
  const bool flushed = H5Fflush(state_->file, H5F_SCOPE_GLOBAL) >= 0;
  state_->file = {};
  const int handle = open(state_->aside.c_str(), O_RDONLY | O_CLOEXEC);
  const bool safe = flushed && handle >= 0 && fsync(handle) == 0;
  if (handle >= 0) close(handle);
  if (!safe || rename(state_->aside.c_str(), state_->path.c_str()) != 0) {
    unlink(state_->aside.c_str());
    throw Error(state_->problem);
  }
  return digests;
}

}  // namespace atelier
