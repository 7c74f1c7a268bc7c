#include "tests/experiments/pair_translation/spec.h"

namespace atelier {

void PairTranslationSpec::describe_keys(Fields& fields) {
  fields.begin("data");
  fields.path("pairs", pairs, "packed data set of pairs").lies_at(data_digest_key);
  fields.integer("crop", crop, {16, 4096}, "side of the trained square in pixels, a multiple of 4");
  fields.integer("batch", batch, {1, 65536}, "pairs a step, over all ranks together");
  fields.end();
  describe(fields, generator);
  fields.begin("train");
  describe(fields, training, Role::length);
  fields.end();
  describe(fields, "optimizer", optimizer);
  describe(fields, record);
}

void PairTranslationSpec::check_keys(const Document& document) const {
  if (pairs.empty()) throw spec_error(document.place_of("data.pairs"), "data.pairs is missing: a data set of pairs");
  check(training, "train", document, false);
  check(optimizer, "optimizer", training, document);
}

}  // namespace atelier
