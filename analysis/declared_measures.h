#pragma once

#include <map>
#include <string>

#include "analysis/run_reader.h"
#include "framework/records/measure.h"

namespace atelier {

/// What the runs of a comparison say about their measures, in `measures.toml`. Runs of one sweep nearly always say the
/// same, so equal files are parsed once.
class DeclaredMeasures {
 public:
  /// `known`: for runs that say nothing.
  explicit DeclaredMeasures(Measures known) : known_(std::move(known)) {}

  /// Reads the file of a run, if there is one; a damaged one becomes a sentence in the run's `problems`.
  void read(RunRecord& run);

  /// All together. Where runs disagree, the one that started last is believed.
  Measures all() const;

 private:
  struct File {
    std::string started;
    Measures measures;
  };
  Measures known_;
  std::map<std::string, File> files_;  ///< By their text.
};

}  // namespace atelier
