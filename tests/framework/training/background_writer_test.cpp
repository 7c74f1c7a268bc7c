#include "framework/training/background_writer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

namespace atelier {
namespace {

using namespace std::chrono_literals;

TEST(BackgroundWriter, DoesOnePieceAfterTheOther) {
  int done = 0;  // written by the thread, read after waiting
  {
    BackgroundWriter writer;
    for (int i = 0; i < 10; ++i) writer.begin([&done, i] { done = 10 * done + i % 10; });
    writer.wait();
    EXPECT_EQ(done, 123456789);
    writer.begin([&] {
      std::this_thread::sleep_for(20ms);
      done = -1;
    });
  }
  EXPECT_EQ(done, -1) << "the end waits for what was begun";
}

TEST(BackgroundWriter, TheCallerDoesNotWait) {
  BackgroundWriter writer;
  std::atomic<bool> go{false};
  writer.begin([&] {
    while (!go) std::this_thread::sleep_for(1ms);
  });
  writer.check();  // returns while the thread works
  go = true;
  writer.wait();
}

TEST(BackgroundWriter, ErrorsSurfaceInTheNextCallAndStay) {
  BackgroundWriter writer;
  writer.begin([] { throw std::runtime_error("disk full"); });
  EXPECT_THROW(writer.wait(), std::runtime_error);
  EXPECT_THROW(writer.check(), std::runtime_error);
  bool ran = false;
  EXPECT_THROW(writer.begin([&] { ran = true; }), std::runtime_error);
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace atelier
