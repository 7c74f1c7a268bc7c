#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/spec.h"
#include "framework/training/task.h"
#include "framework/training/training_loop.h"

namespace atelier {

/// What a run depends on beside its spec, by a digest that is equal wherever it lies.
struct InputDigest {
  std::string_view key;  ///< In the run's provenance.
  std::string value;
  /// What it is, in the plural, for the complaint when a run would go on with another; empty: it may.
  std::string_view what;
};

/// An experiment that is trained: its data is open, its networks are not made yet.
class Training {
 public:
  virtual ~Training() = default;

  /// As `PreparedExperiment::check`.
  virtual void check(const Communicator& ranks) const = 0;

  /// As `PreparedExperiment::data_digest`.
  virtual std::string data_digest() const = 0;
  /// Of everything else that it reads.
  virtual std::vector<InputDigest> other_digests() const { return {}; }

  /// What computes on this rank, for the run's provenance: "cpu" or "cuda:0".
  virtual std::string device(const Communicator&) const { return "cpu"; }

  /// The training at its first step. `this` and `ranks` must outlive it. Collective.
  virtual std::unique_ptr<Task> make_task(Communicator& ranks) const = 0;

  /// What is written how often. Its `context` is filled in by who runs it.
  virtual LoopOptions loop_options() const = 0;

  /// The keys that make it need less memory, to follow on "out of memory: ...; ".
  virtual std::string_view memory_hint() const = 0;
};

/// A kind of experiment behind libtorch's boundary: a row of the table in `training_kinds.cpp`. Its name is that of its
/// row in `kinds.cpp`.
struct TrainingKind {
  std::string_view name;
  /// Opens what the spec names: data sets are opened once and shared by the trainings that read them. Throws
  /// `UsageError`.
  std::function<std::unique_ptr<Training>(const ExperimentSpec&)> open;
};

/// All that are trained.
std::vector<TrainingKind> known_training_kinds();

/// For `Experiments::train`. Data is opened when it is first asked for.
std::function<std::unique_ptr<PreparedExperiment>(const ExperimentSpec&)> train_with(std::vector<TrainingKind> kinds);

}  // namespace atelier
