#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/function/function_spec.h"
#include "experiments/photo_to_anime_spec.h"
#include "framework/config/document.h"
#include "framework/config/fields.h"

namespace atelier {

/// One experiment, complete: what a run's `spec.toml` holds. This side of libtorch's wall, so that a sweep, a plan or a
/// typo is checked in milliseconds.
struct ExperimentSpec {
  std::string name = "run";
  std::int64_t seed = 0;
  std::string kind = "photo-to-anime";  ///< Which of the following counts.
  PhotoToAnimeSpec photo_to_anime;
  FunctionSpec function;

  /// The keys of this kind of experiment. They point into this object: keep it in place while they are used.
  Fields fields();

  /// Reads a document, fills in defaults and checks what belongs together. Throws `UsageError`.
  static ExperimentSpec from(const Document& document);

  /// The measures that its runs end with, by which trials can be compared.
  std::vector<std::string_view> measures() const;

  /// Everything that can change the result, as one text: equal texts give equal results on equal data. Data sets stand
  /// in it by their place; a trial's identity replaces that by their digests.
  std::string identity();
};

}  // namespace atelier
