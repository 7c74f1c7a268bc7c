#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace atelier {

/// Prepares the next steps' input on a thread of its own while the current one computes: the same numbers as calling
/// `fill` directly, earlier.
///
///     Prefetcher input(first_step, floats, [&](std::int64_t step, float* out) { photos.fill(step * batch, batch, out);
///     }); for (...) train(input.next());
class Prefetcher {
 public:
  /// Writes the input of a step to a buffer of `floats` floats. Called on the thread, for one step after the other.
  using Fill = std::function<void(std::int64_t step, float* out)>;

  /// `depth` is how many steps may be ready ahead; 2 hides the jitter of reading. Throws `OutOfMemory`.
  Prefetcher(std::int64_t first_step, std::size_t floats, Fill fill, std::size_t depth = 2);
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// The input of the next step, valid until the next call. Throws what `fill` threw for that step.
  std::span<const float> next();

 private:
  void run();

  Fill fill_;
  std::int64_t step_;
  std::vector<std::vector<float>> buffers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::size_t> free_, ready_;  ///< Numbers of buffers.
  std::size_t lent_;                      ///< The one that the caller reads; none: buffers_.size().
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace atelier
