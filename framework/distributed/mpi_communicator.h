#pragma once

#include <memory>

#include "framework/distributed/communicator.h"

namespace atelier {

/// All processes of this MPI launch. Starts MPI, which is ended when the program ends. Throws `Error`.
std::unique_ptr<Communicator> make_mpi_world();

/// Ends all processes of the launch, when MPI runs and there are several.
void end_mpi_launch(int exit_status);

}  // namespace atelier
