#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/core/error.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/atomic_file.h"
#include "sweeps/command_trials.h"
#include "tests/mpi_world.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

/// A trial's folder that all ranks share.
class SharedTrial {
 public:
  SharedTrial() {
    if (world().rank() == 0) own_ = std::make_unique<ScratchFolder>();
    folder_ = std::make_unique<RunFolder>(world().broadcast(own_ ? (*own_ / "000004").string() : "", 0));
    on_first_rank(world(), [&] { make_folder(folder_->path()); });
  }
  ~SharedTrial() { world().barrier(); }
  const RunFolder& folder() const { return *folder_; }

 private:
  std::unique_ptr<ScratchFolder> own_;
  std::unique_ptr<RunFolder> folder_;
};

TEST(CommandRanks, TheFirstRankRunsTheProgramAndAllLearnHowItEnded) {
  const SharedTrial trial;
  CommandTrials trials({.command = {"sh", "-c", "echo \"{{\\\"ranks\\\": $ATELIER_RANKS}}\"; sleep 0.3"}}, {});
  const RunResult result = trials.prepare({})->run(trial.folder(), world(), {});
  EXPECT_EQ(result.state, TrialState::finished) << result.reason;
  if (world().rank() == 0) {
    EXPECT_EQ(result.values, (std::map<std::string, double>{{"ranks", world().size()}}));  // one line: it ran once
  }
}

TEST(CommandRanks, AFailedProgramEndsNoRank) {
  const SharedTrial trial;
  CommandTrials trials({.command = {"sh", "-c", "echo no >&2; exit 3"}}, {});
  const RunResult result = trials.prepare({})->run(trial.folder(), world(), {});
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_EQ(result.reason, "exit code 3: no");
}

TEST(CommandRanks, AFullDiskIsTheSameErrorOnAllRanks) {
  const SharedTrial trial;
  CommandTrials trials({.command = {"true"}}, {});
  TrialContext context;
  context.before_write = [] { throw StorageError("no space left"); };
  EXPECT_THROW(trials.prepare({})->run(trial.folder(), world(), context), StorageError);
}

TEST(CommandRanks, TheProgramMayStartRanksOfItsOwn) {
  const SharedTrial trial;
  CommandTrials trials({.command = {"mpirun", "-n", "2", "--oversubscribe", "sh", "-c",
                                    "echo $OMPI_COMM_WORLD_SIZE >> $ATELIER_TRIAL_DIR/size; echo '{{\"x\": 1}}'"}},
                       {});
  const RunResult result = trials.prepare({})->run(trial.folder(), world(), {});
  EXPECT_EQ(result.state, TrialState::finished) << result.reason;
  if (world().rank() == 0) {
    EXPECT_EQ(read_file(trial.folder().path() / "size"), "2\n2\n");
  }
}

}  // namespace
}  // namespace atelier
