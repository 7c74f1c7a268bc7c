#pragma once

#include <memory>

#include "experiments/function/function_spec.h"

namespace atelier {

/// Evaluates a test function of optimisation; its value is `value`. With several steps each is a record, and it goes on
/// where its records end. Needs no libtorch.
std::unique_ptr<PreparedExperiment> prepare_function(const ExperimentSpec& spec);

}  // namespace atelier
