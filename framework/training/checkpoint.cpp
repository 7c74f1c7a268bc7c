#include "framework/training/checkpoint.h"

#include "framework/storage/atomic_file.h"

namespace atelier {
namespace {

void copy_tensors(const TensorMap& from, TensorMap& to) {
  std::erase_if(to, [&](const auto& entry) { return !from.contains(entry.first); });
  for (const auto& [name, tensor] : from) {
    at::Tensor& own = to[name];
    if (!own.defined() || own.sizes() != tensor.sizes() || own.scalar_type() != tensor.scalar_type()) {
      own = at::empty(tensor.sizes(), at::TensorOptions().dtype(tensor.scalar_type()));
    }
    own.copy_(tensor.detach());
  }
}

}  // namespace

void Checkpoint::copy(const Checkpoint& other) {
  const at::NoGradGuard no_grad;
  copy_tensors(other.model, model);
  copy_tensors(other.state, state);
  numbers = other.numbers;
}

void Checkpoint::write(const std::filesystem::path& folder, const std::function<void()>& before_rename) const {
  make_folder(folder.parent_path());
  FolderAside aside(folder);
  write_tensors(aside.path() / "model.safetensors", model);
  write_tensors(aside.path() / "state.safetensors", state, numbers);
  before_rename();
  aside.commit();
}

Checkpoint Checkpoint::read(const std::filesystem::path& folder) {
  Checkpoint checkpoint;
  checkpoint.model = read_tensors(folder / "model.safetensors");
  checkpoint.state = read_tensors(folder / "state.safetensors", &checkpoint.numbers);
  return checkpoint;
}

}  // namespace atelier
