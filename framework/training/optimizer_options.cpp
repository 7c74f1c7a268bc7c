#include "framework/training/optimizer_options.h"

#include "framework/core/format.h"

namespace atelier {

std::vector<std::string_view> optimizer_names() {
  return {
#define ATELIER_OPTIMIZER(name, make, summary) name,
#include "framework/training/optimizers.def"
#undef ATELIER_OPTIMIZER
  };
}

void describe(Fields& fields, std::string_view table, OptimizerOptions& options) {
  Schedule& schedule = options.schedule;
  fields.begin(table);
  fields.choice("optimizer", options.optimizer, optimizer_names(),
                "adam in Keras' form; adamw: decoupled weight decay; sgd: with momentum betas[0]");
  fields.real("lr", schedule.lr, Range::positive(), "learning rate");
  fields.reals("betas", options.betas, 2, {.min = 0, .max = 0.999999}, "decay of the first and second moment");
  fields.real("epsilon", options.epsilon, Range::positive(), "added to the root of the second moment");
  fields.real("weight_decay", options.weight_decay, Range::at_least(0), "of adamw and sgd");
  fields.choice("schedule", schedule.kind, {"constant", "linear", "cosine"},
                "how the learning rate falls to its final part");
  fields.integer("warmup", schedule.warmup, Range::at_least(0), "steps in which the learning rate grows from 0");
  fields.real("hold", schedule.hold, {.min = 0, .max = 1},
              "part of the training before the learning rate begins to fall");
  fields.real("final", schedule.final, {.min = 0, .max = 1}, "learning rate at the end, as a part of lr");
  fields.end();
}

void check(const OptimizerOptions& options, std::string_view table, const Length& training, const Document& document) {
  const auto place = [&](const char* key) { return document.place_of(format("{}.{}", table, key)); };
  if (options.optimizer == "adam" && options.weight_decay != 0) {
    throw spec_error(place("weight_decay"), format("{}.weight_decay = {}: adam has none; \"adamw\" and \"sgd\" have",
                                                   table, options.weight_decay));
  }
  // A length in epochs becomes steps where the number of samples is known.
  if (training.steps && options.schedule.warmup > training.steps) {
    throw spec_error(
        place("warmup"),
        format("{}.warmup = {} is longer than the training, train.steps = {}; the learning rate would never be reached",
               table, options.schedule.warmup, training.steps));
  }
}

}  // namespace atelier
