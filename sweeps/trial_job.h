#pragma once

#include <cstdint>
#include <memory>

#include "framework/distributed/communicator.h"
#include "framework/records/trial_file.h"
#include "framework/storage/claim.h"
#include "sweeps/trial.h"
#include "sweeps/trial_runner.h"

namespace atelier {

/// A trial that a group of ranks has taken: its leader holds the claim, all ranks know what it is.
struct TrialJob {
  TrialFile file;
  std::int64_t ranks = 1;                ///< Of the group, that work on it; the first ones.
  std::int64_t generation = 0;           ///< The claim's fencing token.
  std::shared_ptr<Claim> claim;          ///< On the leader alone.
  std::shared_ptr<PreparedTrial> trial;  ///< Read once: by the leader for its identity, by other ranks to run it.

  std::int64_t number() const { return file.number; }
};

/// The ranks that a trial asks for; 0: all of the group.
std::int64_t ranks_of(const TrialFile& file);

/// What is run: the setting's parameters and the seed, without what is the sweep's own.
Parameters run_parameters(const TrialFile& file);

/// What the leader of a group decided to do next.
struct Decision {
  enum class Kind { run, wait, leave };
  Kind kind = Kind::leave;
  TrialJob job;  ///< Of `run`.
};

/// The leader's decision on every rank. Collective.
Decision broadcast(Decision decision, Communicator& group);

}  // namespace atelier
