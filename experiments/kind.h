#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "framework/config/catalog.h"
#include "framework/config/document.h"
#include "framework/config/fields.h"
#include "framework/distributed/communicator.h"
#include "framework/records/measure.h"
#include "framework/records/pruner_preset.h"
#include "framework/records/run_folder.h"
#include "framework/training/length.h"
#include "framework/training/run_context.h"

namespace atelier {

struct ExperimentSpec;

/// The key of a run's provenance that tells its data apart. A trial's identity holds the same digest.
inline constexpr std::string_view data_digest_key = "data_digest";

/// What one kind of experiment adds to the keys that all have: a plain struct that describes itself.
class KindSpec {
 public:
  virtual ~KindSpec() = default;
  virtual std::unique_ptr<KindSpec> clone() const = 0;

  /// Its keys with their roles. A key says in `Field::fixed` why a sweep cannot vary it.
  virtual void describe_keys(Fields& fields) = 0;

  /// Checks what single keys cannot say. Throws `UsageError` with the place in `document`.
  virtual void check_keys(const Document& document) const = 0;

  /// What its runs record, with the limits of this spec.
  virtual Measures measures() const = 0;

  /// Pruners that watch these measures, each by a name of its own.
  virtual std::vector<PrunerPreset> pruner_presets() const { return {}; }

  /// Whether a longer training would have done something else so far, for instance because learning rates fall towards
  /// its end. Then a run cannot be made longer.
  virtual bool depends_on_length() const { return false; }

  /// What its networks and its steps take, as lines of text with what was counted; empty for a kind without networks.
  virtual std::string costs() const { return {}; }

  /// How long it trains; null when it has no checkpoints that another could begin from.
  virtual Length* length() { return nullptr; }
};

/// An experiment that this program can run. Its data is opened when it is first asked for.
class PreparedExperiment {
 public:
  virtual ~PreparedExperiment() = default;

  /// Everything that can be wrong with data, weights and the number of ranks, before anything is made. Not collective.
  /// Throws `UsageError`.
  virtual void check(const Communicator& ranks) = 0;

  /// Tells its data apart, wherever that lies; empty when it has none. Throws `UsageError` when it cannot be opened.
  virtual std::string data_digest() { return {}; }

  /// Runs it in a prepared run folder, from its newest checkpoint, and writes everything but its `result.toml`.
  /// Collective over `ranks`. Throws `UsageError`, `Error`, and `Interrupted` after a signal.
  virtual RunResult run(const RunFolder& folder, const RunContext& context, Communicator& ranks) = 0;
};

/// A kind of experiment, as far as it needs no libtorch: a row of the table in `kinds.cpp`.
struct Kind {
  std::string_view name, summary;
  std::unique_ptr<KindSpec> (*make_spec)();
  /// Runs it without libtorch; null for what `atelier-engine` trains (`training_kind.h`).
  std::unique_ptr<PreparedExperiment> (*prepare)(const ExperimentSpec& spec);
};

template <class Spec>
std::unique_ptr<KindSpec> make_kind_spec() {
  return std::make_unique<Spec>();
}

using Kinds = Catalog<Kind>;

/// All kinds; the first is what a spec is of that names none.
const Kinds& known_kinds();

/// Those of all kinds: `prune.kind` takes their names, whatever a sweep tries.
std::vector<PrunerPreset> pruner_presets(const Kinds& kinds = known_kinds());

/// The experiments that a program knows, and how it runs them.
struct Experiments {
  Kinds kinds = known_kinds();
  /// Runs what needs libtorch. Empty in `atelier`, which hands over to `atelier-engine` for it.
  std::function<std::unique_ptr<PreparedExperiment>(const ExperimentSpec&)> train;

  bool can_run(const ExperimentSpec& spec) const;
  /// Throws `Error` for a kind that this program cannot run.
  std::unique_ptr<PreparedExperiment> prepare(const ExperimentSpec& spec) const;
};

}  // namespace atelier
