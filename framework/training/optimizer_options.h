#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "framework/config/document.h"
#include "framework/config/fields.h"
#include "framework/training/length.h"
#include "framework/training/schedule.h"

namespace atelier {

/// How the parameters of one network are updated.
struct OptimizerOptions {
  std::string optimizer = "adam";         ///< A name of `optimizers.def`.
  std::vector<double> betas{0.5, 0.999};  ///< Decay of the first and the second moment; sgd: the first is the momentum.
  double epsilon = 1e-7;                  ///< Added to the root of the second moment; sgd has none.
  double weight_decay = 0;                ///< Of adamw and sgd.
  Schedule schedule;                      ///< Its `total` is set where the number of steps is known.
};

/// The names of `optimizers.def`.
std::vector<std::string_view> optimizer_names();

/// The keys of one optimizer and its schedule, as the table of that name.
void describe(Fields& fields, std::string_view table, OptimizerOptions& options);

/// Checks what single keys cannot say. Throws `UsageError` with the place in `document`. `table` is where the keys are,
/// for instance "train.generator"; `training` is the length of the training, whose keys are in the table `train`.
void check(const OptimizerOptions& options, std::string_view table, const Length& training, const Document& document);

}  // namespace atelier
