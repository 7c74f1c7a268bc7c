#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "experiments/losses/loss_context.h"
#include "experiments/losses/loss_spec.h"

namespace atelier {

/// A term that a training computes.
struct LossRow {
  std::string name;   ///< In records behind "generator." or "discriminator.".
  double weight = 1;  ///< In the spec. A step reads its own from its inputs.
  LossNeeds needs;
  std::function<at::Tensor(const LossContext&)> value;  ///< A number, before the weight is applied.
  std::function<Features(const Features&)> target;      ///< Targets from features of pictures; empty: those themselves.
};

/// The terms of one network's loss, in the order of records.
class LossTable {
 public:
  /// Those that exist in a training; the adversarial ones always do.
  LossTable(const LossSpec& spec, Side side);
  LossTable(Side side, std::vector<LossRow> rows) : side_(side), rows_(std::move(rows)) {}

  const std::vector<LossRow>& rows() const { return rows_; }
  bool needs(bool LossNeeds::*what) const {
    return std::ranges::any_of(rows_, [&](const LossRow& row) { return row.needs.*what; });
  }

  /// "SIDE.NAME" of each term, "SIDE.total" last.
  std::vector<std::string> names() const;

  /// The weights of the spec, as a step's inputs take them: one-dimensional, where `like` lies.
  at::Tensor weights(const at::Tensor& like) const;

  /// The value of each term and, last, their sum weighted by `weights`. `targets`: of each term that has some, by name.
  /// `features_of` gives the output's features; called once where a term needs them.
  std::vector<at::Tensor> values(LossContext& context, const std::map<std::string, Features>& targets,
                                 const at::Tensor& weights,
                                 const std::function<Features(const at::Tensor&)>& features_of) const;

 private:
  Side side_;
  std::vector<LossRow> rows_;
};

/// A term as a row, whether it exists or not.
template <class Term>
LossRow make_row(std::string_view name, const Term& term) {
  LossRow row{.name = std::string(name),
              .weight = term.weight,
              .needs = needs_of(term),
              .value = [term](const LossContext& context) { return term.value(context); },
              .target = {}};
  if constexpr (requires(Features features) { term.target(features); }) {
    row.target = [term](const Features& features) { return term.target(features); };
  }
  return row;
}

}  // namespace atelier
