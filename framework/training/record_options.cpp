#include "framework/training/record_options.h"

namespace atelier {

void describe(Fields& fields, RecordOptions& options) {
  const auto bookkeeping = [](Field& field) { field.role = Role::bookkeeping; };
  const auto every = [&](const char* key, std::int64_t& value, const char* help) {
    bookkeeping(fields.integer(key, value, Range::at_least(0), help));
  };
  fields.begin("record");
  every("metrics_every", options.metrics_every, "steps between records of the losses");
  every("samples_every", options.samples_every, "steps between sample pictures; 0: at the end");
  every("checkpoint_every", options.checkpoint_every, "steps between checkpoints; 0: at the end");
  every("evaluate_every", options.evaluate_every, "steps between evaluations; 0: at the end");
  every("samples", options.samples, "validation samples shown");
  bookkeeping(fields.integer("keep", options.keep, Range::at_least(1), "checkpoints kept, the newest"));
  bookkeeping(
      fields.text("best", options.best, "measure by which the best checkpoint is kept too, for instance \"eval.kid\""));
  fields.retired("best_is");  // The measure itself says which values are good.
  bookkeeping(fields.boolean("tensorboard", options.tensorboard, "also write TensorBoard's event file"));
  fields.end();
}

}  // namespace atelier
