#include "framework/training/checkpoint.h"

#include <charconv>

#include "framework/config/document.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/digest.h"
#include "framework/storage/mapped_file.h"

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

constexpr const char* model_file = "model.safetensors";
constexpr const char* state_file = "state.safetensors";
constexpr const char* digests_file = "digests.toml";

std::string digest_of(const std::filesystem::path& file) { return hex(digest(MappedFile(file).bytes())); }

template <class T>
T parsed(const std::map<std::string, std::string>& numbers, const std::string& name) {
  const auto found = numbers.find(name);
  if (found == numbers.end()) throw Error(format("it has no {}", name));
  const std::string& text = found->second;
  T value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size())
    throw Error(format("its {} is \"{}\", which is no number", name, text));
  return value;
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
  write_tensors(aside.path() / model_file, model);
  write_tensors(aside.path() / state_file, state, numbers);
  std::string digests;
  for (const char* file : {model_file, state_file})
    digests += format("{} = \"{}\"\n", toml_key(file), digest_of(aside.path() / file));
  write_file(aside.path() / digests_file, digests);
  before_rename();
  aside.commit();
}

Checkpoint Checkpoint::read(const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder / digests_file)) {  // earlier versions wrote none
    const Document digests = Document::from_file(folder / digests_file);
    for (const Document::Entry& entry : digests.entries()) {
      const std::filesystem::path file = folder / entry.path.back();
      if (!std::filesystem::exists(file)) throw Error(format("{} is missing", file.string()));
      if (!entry.value.is_text() || entry.value.text() != digest_of(file))
        throw Error(format("{} is damaged", file.string()));
    }
  }
  Checkpoint checkpoint;
  checkpoint.model = read_tensors(folder / model_file);
  checkpoint.state = read_tensors(folder / state_file, &checkpoint.numbers);
  return checkpoint;
}

Checkpoint Checkpoint::read(const RunFolder& run, std::int64_t step) {
  try {
    Checkpoint checkpoint = read(run.checkpoint(step));
    if (const std::int64_t own = checkpoint.whole_number("step"); own != step)
      throw Error(format("it is of step {}", own));
    for (const char* name : {"count", "seconds"}) checkpoint.number(name);
    return checkpoint;
  } catch (const Error& problem) {
    const std::optional<std::int64_t> older = run.checkpoint_before(step);
    throw Error(format("cannot go on from {}: {}; delete that folder to go on {}", run.checkpoint(step).string(),
                       problem.what(), older ? "from " + RunFolder::step_name(*older) : "from the beginning"));
  }
}

double Checkpoint::number(const std::string& name) const { return parsed<double>(numbers, name); }
std::int64_t Checkpoint::whole_number(const std::string& name) const { return parsed<std::int64_t>(numbers, name); }

}  // namespace atelier
