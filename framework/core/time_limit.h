#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace atelier {

/// Asks the program to stop (`StopSignal::request`) after a time, unless it is destroyed before.
class TimeLimit {
 public:
  /// `seconds` of 0 or less: never.
  explicit TimeLimit(double seconds);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace atelier
