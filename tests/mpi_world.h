#pragma once

#include "framework/distributed/communicator.h"

/// All ranks of the running test program.
atelier::Communicator& world();
