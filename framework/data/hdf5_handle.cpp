#include "framework/data/hdf5_handle.h"

#include "framework/core/error.h"

namespace atelier {

Hdf5Handle::Hdf5Handle(hid_t id, Close close, const std::string& what) : id_(id), close_(close) {
  if (id < 0) throw Error(what);
}

Hdf5Handle::~Hdf5Handle() {
  if (id_ >= 0) close_(id_);
}

std::unique_lock<std::recursive_mutex> lock_hdf5() {
  static std::recursive_mutex mutex;
  std::unique_lock lock(mutex);
  // Before anything else: the library's own end crashes over a file that a full disk kept from closing.
  static const herr_t without_exit_handler = H5dont_atexit();
  (void)without_exit_handler;
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  return lock;
}

}  // namespace atelier
