#include "experiments/function/run.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "experiments/spec.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/stop_signal.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/json_lines.h"

namespace atelier {
namespace {

RunResult run_function(const FunctionSpec& function, std::int64_t seed, const RunFolder& folder,
                       const RunContext& context) {
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  RunResult result;
  std::int64_t done = 0;
  double before = 0;  // seconds of earlier sessions
  std::unique_ptr<JsonLinesWriter> records;
  if (function.steps > 1) {
    filter_json_lines(
        folder.metrics(), [](const Json&) { return true; }, context.before_write);
    for (const Json& record : read_json_lines(folder.metrics())) {
      done = record.value(record_key::step, std::int64_t{0});
      before = record.value(record_key::time, 0.0);
    }
    records = std::make_unique<JsonLinesWriter>(folder.metrics());
  }
  for (std::int64_t step = std::min(done, function.steps - 1) + 1; step <= function.steps; ++step) {
    // Short sleeps, so that a signal ends it soon.
    const double until = seconds() + function.seconds;
    while (seconds() < until) {
      if (StopSignal::requested())
        throw Interrupted(format("stopped before step {} of {}; run the same command to go on", step, function.steps));
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(0.02, until - seconds())));
    }
    const double value = evaluate(function, seed, step);
    result.values["value"] = value;
    result.steps = step;
    result.seconds = before + seconds();
    if (!records) break;
    context.before_write();
    if (step > done)
      records->write({{record_key::step, step}, {record_key::time, result.seconds}, {"value", json_number(value)}});
    if (step == function.steps || !context.reason_to_prune) continue;
    if (const auto reason = context.reason_to_prune(
            {.step = static_cast<double>(step), .time = result.seconds, .measures = {{"value", value}}})) {
      result.state = TrialState::pruned;
      result.reason = *reason;
      return result;
    }
  }
  return result;
}
class PreparedFunction : public PreparedExperiment {
 public:
  PreparedFunction(const FunctionSpec& function, std::int64_t seed) : function_(function), seed_(seed) {}

  void check(const Communicator&) override {}

  RunResult run(const RunFolder& folder, const RunContext& context, Communicator& ranks) override {
    RunResult result;
    on_first_rank(ranks, [&] { result = run_function(function_, seed_, folder, context); });
    return result;
  }

 private:
  FunctionSpec function_;
  std::int64_t seed_;
};

}  // namespace

std::unique_ptr<PreparedExperiment> prepare_function(const ExperimentSpec& spec) {
  return std::make_unique<PreparedFunction>(spec.as<FunctionSpec>(), spec.seed);
}

}  // namespace atelier
