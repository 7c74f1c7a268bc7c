#include "framework/core/time_limit.h"

#include "framework/core/log.h"
#include "framework/core/stop_signal.h"

namespace atelier {

TimeLimit::TimeLimit(double seconds) {
  if (seconds <= 0) return;
  thread_ = std::thread([this, seconds] {
    std::unique_lock lock(mutex_);
    if (ended_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return end_; })) return;
    log_info("the time limit is reached");
    StopSignal::request();
  });
}

TimeLimit::~TimeLimit() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace atelier
