#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/training/tensor_io.h"

namespace atelier {

/// Thrown by a task that was told to stop (`StopSignal`) while it measures or draws: the loop saves, and the training
/// does it when it goes on.
struct StoppedEarly {};

/// What is trained, as the training loop sees it. A step must be a function of the state and the step's number alone:
/// then an interrupted run and an uninterrupted one are the same.
class Task {
 public:
  virtual ~Task() = default;

  virtual std::int64_t total_steps() const = 0;
  /// The part of the training that a step belongs to, for instance "pretrain". Parts are contiguous.
  virtual std::string phase(std::int64_t step) const = 0;
  virtual double epoch(std::int64_t step) const = 0;  ///< Passes over the data before this step.

  /// The names of what `step` returns in a phase.
  virtual std::vector<std::string> metric_names(const std::string& phase) const = 0;

  /// One update of everything. Returns the raw losses (1-D, on any device, not read by the loop until it writes a
  /// record), scaled so that the sum over ranks is the mean over the global batch. Collective.
  virtual at::Tensor step(std::int64_t step) = 0;

  /// What a record holds besides the losses: learning rates, health. Called once a record, after `steps` updates, the
  /// same on every rank. Collective.
  virtual std::map<std::string, double> observe(std::int64_t steps) = 0;

  /// Why the training should end now, judged by what was observed and by the means of a record just written (by name);
  /// none to go on. Called once a record on every rank with the same numbers; what it remembers is part of `save`.
  virtual std::optional<std::string> reason_to_end(const std::map<std::string, double>& record) = 0;

  /// The first tensor that is not finite, for instance "generator.block3.conv1.weight", in the order in which a step
  /// computes them; empty when there is none. Called when a loss, or a measure, was not finite, after `steps` updates.
  virtual std::string first_not_finite(std::int64_t steps) = 0;

  /// Measures on held-out data, the same on every rank. Collective. May throw `StoppedEarly`, on all ranks together.
  virtual std::map<std::string, double> evaluate() = 0;

  /// Pictures (or whatever a person should see) into two folders: what goes in, always the same, and what comes out.
  /// Called on rank 0 alone; may throw `StoppedEarly`.
  virtual void write_inputs(const std::filesystem::path& folder) = 0;
  virtual void write_samples(const std::filesystem::path& folder) = 0;

  /// Everything that the next step depends on. `model` holds what others use later, the same bits on every rank; `rest`
  /// the optimizers and the like. The maps share the task's memory. Not collective.
  virtual void save(TensorMap& model, TensorMap& rest) const = 0;
  virtual void load(const TensorMap& model, const TensorMap& rest) = 0;
};

}  // namespace atelier
