#pragma once

#include <string>
#include <vector>

#include "experiments/photo_to_anime/batch.h"
#include "experiments/photo_to_anime/networks.h"
#include "framework/training/tensor_io.h"

namespace atelier {

/// Finds the first tensor of a step that is not finite, while the parameters still are what they were before the
/// update.
class NotFinite {
 public:
  /// `networks` must outlive it.
  NotFinite(GanNetworks& networks, c10::Device device) : networks_(networks), device_(device) {}

  /// Called with each losses that a step computes, before the update. `names`: of the losses, where they shall be
  /// looked at too, after what they were computed from. On a GPU nothing is looked at before `first`, which would hold
  /// the step up.
  void look(const at::Tensor& losses, const std::vector<std::string>& names, const MicroBatches& batches);

  /// For instance "generator.block3.conv1.weight", in the order in which a step computes them; empty: all were finite.
  std::string first();

  /// What was found since the last record, which alone would speak of it.
  void save(TensorMap& state) const;
  void load(const TensorMap& state);

 private:
  struct Step {
    at::Tensor losses;
    std::vector<std::string> names;
    MicroBatches batches;
  };
  void search(const Step& step);
  std::string find(const Step& step) const;

  GanNetworks& networks_;
  c10::Device device_;
  std::string found_;
  Step last_;  // on a GPU
};

}  // namespace atelier
