#include <ATen/Parallel.h>
#include <torch/version.h>

#include <algorithm>

#include "experiments/run.h"
#include "experiments/training_kind.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/provenance.h"
#include "framework/training/out_of_memory.h"
#include "framework/training/processors.h"

namespace atelier {
namespace {

class PreparedTraining : public PreparedExperiment {
 public:
  PreparedTraining(const ExperimentSpec& spec, const TrainingKind& kind) : spec_(spec), kind_(kind) {}

  void check(const Communicator& ranks) override { training().check(ranks); }
  std::string data_digest() override { return training().data_digest(); }

  RunResult run(const RunFolder& folder, const RunContext& context, Communicator& ranks) override {
    share_processors(ranks);
    try {
      return train_into(folder, context, ranks);
    } catch (const std::exception& problem) {
      const std::optional<OutOfMemory> memory = as_out_of_memory(problem);
      if (!memory) throw;
      throw Error(format("{}; {}", memory->what(), training().memory_hint()));
    }
  }

 private:
  const Training& training() {
    if (!training_) training_ = kind_.open(spec_);
    return *training_;
  }

  RunResult train_into(const RunFolder& folder, const RunContext& context, Communicator& ranks) {
    const std::unique_ptr<Task> task = training().make_task(ranks);
    std::vector<InputDigest> digests = training().other_digests();
    digests.insert(digests.begin(), {data_digest_key, data_digest(), "pictures"});
    on_first_rank(ranks, [&] { check_same_inputs(folder, digests); });
    const Measures measures = spec_.own->measures();
    std::optional<LogFile> log;
    if (ranks.rank() == 0) {
      log.emplace(folder.log());
      write_provenance(folder, context, ranks, digests);
      write_file(folder.measures(), measures.to_toml());
      // Paths, and what is recorded how often, may be others than when it began.
      if (read_file(folder.spec()) != spec_.fields().to_toml()) write_run_spec(spec_, folder);
    }
    LoopOptions options = training().loop_options();
    options.highest_is_best = measures.of(options.record.best).better == Better::higher;
    options.context = context;
    return train(*task, folder, options, ranks);
  }

  /// A run that goes on must go on with what it began with. Throws `UsageError`.
  static void check_same_inputs(const RunFolder& folder, const std::vector<InputDigest>& digests) {
    if (!folder.newest_checkpoint() || !std::filesystem::exists(folder.provenance())) return;
    const Document before = Document::from_file(folder.provenance());
    for (const InputDigest& now : digests) {
      const Document::Entry* entry = before.find(now.key);
      if (now.what.empty() || !entry || entry->value == Value(now.value)) continue;
      throw UsageError(format("{} was begun with other {} (digest {}, now {}); choose another --out",
                              folder.path().string(), now.what, to_text(entry->value), now.value));
    }
  }

  void write_provenance(const RunFolder& folder, const RunContext& context, const Communicator& ranks,
                        const std::vector<InputDigest>& digests) {
    std::vector<std::pair<std::string, std::string>> entries{
        {"libtorch", to_toml(Value(TORCH_VERSION))},
        {"device", to_toml(Value(training().device(ranks)))},
        {"ranks", std::to_string(ranks.size())},
        {"threads_per_rank", std::to_string(at::get_num_threads())},
        {"command_line", to_toml(Value(context.command_line))}};
    for (const InputDigest& digest : digests) entries.emplace_back(digest.key, to_toml(Value(digest.value)));
    write_file(folder.provenance(), provenance_text(entries));
  }

  ExperimentSpec spec_;
  const TrainingKind& kind_;
  std::unique_ptr<Training> training_;
};

}  // namespace

std::function<std::unique_ptr<PreparedExperiment>(const ExperimentSpec&)> train_with(std::vector<TrainingKind> kinds) {
  return [kinds = std::make_shared<const std::vector<TrainingKind>>(std::move(kinds))](const ExperimentSpec& spec) {
    const auto kind = std::ranges::find(*kinds, std::string_view(spec.kind), &TrainingKind::name);
    if (kind == kinds->end()) throw Error(format("nothing trains experiments of kind \"{}\"", spec.kind));
    return std::make_unique<PreparedTraining>(spec, *kind);
  };
}

}  // namespace atelier
