#pragma once

#include "experiments/generators/generator_spec.h"
#include "experiments/kind.h"
#include "framework/training/optimizer_options.h"
#include "framework/training/record_options.h"

namespace atelier {

/// Supervised translation of pictures: a data set of pairs, and a generator that comes as near to the second as it can.
struct PairTranslationSpec : KindSpec {
  std::filesystem::path pairs;  ///< Packed data set with a column `target`.
  std::int64_t crop = 16;       ///< Of the inputs; targets are cut at the same place.
  std::int64_t batch = 2;
  GeneratorSpec generator;
  Length training;
  OptimizerOptions optimizer;
  RecordOptions record;

  std::unique_ptr<KindSpec> clone() const override { return std::make_unique<PairTranslationSpec>(*this); }
  void describe_keys(Fields& fields) override;
  void check_keys(const Document& document) const override;
  Measures measures() const override { return {{{.name = "eval.l1", .group = "evaluation", .better = Better::lower}}}; }
  bool depends_on_length() const override { return optimizer.schedule.kind != Schedule::Kind::constant; }
  Length* length() override { return &training; }
};

}  // namespace atelier
