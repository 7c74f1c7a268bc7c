#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace atelier {

/// A thread that writes while the caller goes on computing, one piece of work after the other. An error of the thread
/// surfaces in the caller's next call here; what was to be written after it is not.
class BackgroundWriter {
 public:
  BackgroundWriter();
  /// Waits for the work that was begun; errors that nobody asked for are lost.
  ~BackgroundWriter();
  BackgroundWriter(const BackgroundWriter&) = delete;
  BackgroundWriter& operator=(const BackgroundWriter&) = delete;

  /// Waits for the work before and begins this. Throws what that failed with.
  void begin(std::function<void()> work);
  /// Throws what the work failed with; costs nothing while there is none. Does not wait.
  void check();
  /// Blocks until the work is done. Throws what it failed with.
  void wait();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;  // what is being done; empty when idle
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace atelier
