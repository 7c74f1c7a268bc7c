#include "framework/data/prefetcher.h"

#include <new>

#include "framework/core/error.h"

namespace atelier {
namespace {

std::vector<std::vector<float>> make_buffers(std::size_t count, std::size_t floats) {
  try {
    return {count, std::vector<float>(floats)};
  } catch (const std::bad_alloc&) {
    throw OutOfMemory(count * floats * sizeof(float));
  }
}

}  // namespace

Prefetcher::Prefetcher(std::int64_t first_step, std::size_t floats, Fill fill, std::size_t depth)
    : fill_(std::move(fill)), step_(first_step), buffers_(make_buffers(depth + 1, floats)), lent_(buffers_.size()) {
  for (std::size_t i = 0; i < buffers_.size(); ++i) free_.push_back(i);
  thread_ = std::thread([this] { run(); });
}

Prefetcher::~Prefetcher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::span<const float> Prefetcher::next() {
  std::unique_lock lock(mutex_);
  if (lent_ < buffers_.size()) free_.push_back(lent_);
  lent_ = buffers_.size();
  changed_.notify_all();
  changed_.wait(lock, [&] { return !ready_.empty() || failure_; });
  if (ready_.empty()) std::rethrow_exception(failure_);
  lent_ = ready_.front();
  ready_.pop_front();
  return buffers_[lent_];
}

void Prefetcher::run() {
  for (;; ++step_) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopping_ || !free_.empty(); });
    if (stopping_) return;
    const std::size_t buffer = free_.front();
    free_.pop_front();
    lock.unlock();
    std::exception_ptr failure;
    try {
      fill_(step_, buffers_[buffer].data());
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    failure_ = failure;
    if (!failure) ready_.push_back(buffer);
    changed_.notify_all();
    if (failure) return;
  }
}

}  // namespace atelier
