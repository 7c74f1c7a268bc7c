#include "framework/training/checkpoint.h"

#include "framework/storage/atomic_file.h"

namespace atelier {

void Checkpoint::write(const std::filesystem::path& folder) const {
  make_folder(folder.parent_path());
  FolderAside aside(folder);
  write_tensors(aside.path() / "model.safetensors", model);
  write_tensors(aside.path() / "state.safetensors", state, numbers);
  aside.commit();
}

Checkpoint Checkpoint::read(const std::filesystem::path& folder) {
  Checkpoint checkpoint;
  checkpoint.model = read_tensors(folder / "model.safetensors");
  checkpoint.state = read_tensors(folder / "state.safetensors", &checkpoint.numbers);
  return checkpoint;
}

}  // namespace atelier
