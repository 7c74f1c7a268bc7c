#include "framework/training/background_writer.h"

#include <signal.h>

#include <utility>

namespace atelier {

BackgroundWriter::BackgroundWriter() : thread_([this] { work(); }) {}

BackgroundWriter::~BackgroundWriter() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BackgroundWriter::begin(std::function<void()> work) {
  wait();
  {
    const std::lock_guard lock(mutex_);
    work_ = std::move(work);
  }
  changed_.notify_all();
}

void BackgroundWriter::check() {
  if (!failed_.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(mutex_);
  std::rethrow_exception(failure_);
}

void BackgroundWriter::wait() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !work_; });
  }
  check();
}

void BackgroundWriter::work() {
  // Signals are for the thread that computes: it asks for them between steps.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return work_ || ends_; });
    if (!work_) return;
    lock.unlock();
    std::exception_ptr failure;
    try {
      work_();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    work_ = nullptr;
    if (failure) {
      failure_ = failure;
      failed_.store(true, std::memory_order_release);
    }
    changed_.notify_all();
  }
}

}  // namespace atelier
