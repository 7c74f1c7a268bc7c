#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "experiments/kind.h"
#include "framework/config/document.h"
#include "framework/config/fields.h"

namespace atelier {

/// One experiment, complete: what a run's `spec.toml` holds. Before libtorch's boundary, so that a sweep, a plan or a
/// typo is checked in milliseconds.
struct ExperimentSpec {
  /// One with all defaults. Throws `UsageError` for a kind that is not among `kinds`.
  explicit ExperimentSpec(const Kinds& kinds = known_kinds(), std::string_view kind = {});
  ExperimentSpec(const ExperimentSpec& other)
      : kinds(other.kinds), name(other.name), seed(other.seed), kind(other.kind), own(other.own->clone()) {}
  ExperimentSpec(ExperimentSpec&&) = default;
  ExperimentSpec& operator=(ExperimentSpec&&) = default;

  Kinds kinds;  ///< Those that its `kind` is among.
  std::string name = "run";
  std::int64_t seed = 0;
  std::string kind;
  std::unique_ptr<KindSpec> own;  ///< What this kind adds.

  /// `own` as the struct of its kind. Throws `std::bad_cast` for another.
  template <class Spec>
  const Spec& as() const {
    return dynamic_cast<const Spec&>(*own);
  }

  /// The row of its kind.
  const Kind& row() const { return kinds.at(kind); }

  /// The keys of this kind of experiment. They point into this object: keep it in place while they are used.
  Fields fields();

  /// Reads a document, fills in defaults and checks what belongs together. Throws `UsageError`.
  static ExperimentSpec from(const Document& document, const Kinds& kinds = known_kinds());

  /// Everything that can change the result, as one text: equal texts give equal results. What `data_digest` tells apart
  /// counts by that, not by its place; when it is empty, by its place.
  std::string identity(const std::string& data_digest = {}) const;
};

/// What runs of all kinds record, with the usual limits: for runs that do not say it themselves.
Measures known_measures();

}  // namespace atelier
