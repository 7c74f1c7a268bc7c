#pragma once

#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>

namespace atelier {

/// An identifier of the HDF5 library, closed when it goes. For the .cpp files of this library alone.
class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);
  /// Throws `Error` with `what` when the library gave no identifier.
  Hdf5Handle(hid_t id, Close close, const std::string& what);
  Hdf5Handle() = default;
  ~Hdf5Handle();
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  Hdf5Handle(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(const Hdf5Handle&) = delete;

  operator hid_t() const { return id_; }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// Holds all use of the HDF5 library, which is not safe from several threads, and keeps it from printing its error
/// stack: our own message says it in a line.
std::unique_lock<std::recursive_mutex> lock_hdf5();

}  // namespace atelier
