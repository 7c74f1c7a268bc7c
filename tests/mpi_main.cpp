// Runs tests on every rank of an mpirun at once; rank 0 speaks, any rank's failure fails the run.
#include <gtest/gtest.h>

#include "framework/distributed/communicator.h"
#include "tests/mpi_world.h"

namespace {
atelier::Communicator* the_world = nullptr;
}

atelier::Communicator& world() { return *the_world; }

int main(int argc, char** argv) {
  const auto ranks = atelier::make_world_communicator();
  the_world = ranks.get();
  testing::InitGoogleTest(&argc, argv);
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (ranks->rank() != 0) delete listeners.Release(listeners.default_result_printer());
  const int result = RUN_ALL_TESTS();
  const bool failed = ranks->any(result != 0);
  if (failed && result == 0 && ranks->rank() == 0) printf("a test failed on another rank\n");
  return failed ? 1 : 0;
}
