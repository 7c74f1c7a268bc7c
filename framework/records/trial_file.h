#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "framework/config/document.h"
#include "framework/records/parameters.h"

namespace atelier {

/// What a trial's `trial.toml` says; it is written once and never changed.
struct TrialFile {
  std::int64_t number = 0;
  std::string identity{};   ///< Digest of all that can change the result; empty for parameters that do not fit.
  Parameters parameters{};  ///< Of its setting.
  std::int64_t setting = 0;
  std::optional<std::int64_t> seed{};    ///< Where each setting is run with several.
  std::optional<std::int64_t> parent{};  ///< The trial whose checkpoint it begins from.
  bool enqueued = false;                 ///< By a person, not chosen by the sampler.
  /// Whether the sampler that chose it had learned from other trials. None: the file does not say, since an earlier
  /// version wrote it or a person chose.
  std::optional<bool> learned{};

  /// Whether the choice may depend on what other trials had measured. A file that does not say counts as learned, so
  /// that nothing is claimed that only independent draws can show.
  bool may_have_learned() const { return !enqueued && learned.value_or(true); }
};

/// The text of `trial.toml`.
std::string to_toml(const TrialFile& trial);

/// The reverse; none for an empty document, which a crash of the machine leaves. Keys that are not known are left out.
/// Throws `UsageError` for a file that does not say its number, or holds other than whole numbers.
std::optional<TrialFile> trial_file_from(const Document& document);

}  // namespace atelier
