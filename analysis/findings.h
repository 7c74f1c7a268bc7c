#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/comparison.h"
#include "analysis/importance.h"
#include "analysis/replicates.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// One thing that the numbers say, in words, with its n.
struct Finding {
  std::string text;
  std::string kind;                 ///< "best", "baseline", "importance", "cost", "failure" or "caution".
  std::vector<std::size_t> trials;  ///< What it is about: places among the trials compared.
};

/// The numbers that findings are made of. About a third of a second for 1,000 trials, 10 parameters and 2 objectives.
struct Evidence {
  std::vector<Importance> importance;
  std::vector<Replicates> settings;  ///< Best first.
};
Evidence evidence(const Comparison& comparison);

/// What a person would want to be told: which trials are best and how sure that is, what they changed against the
/// baseline (the trial whose parameters are those of the sweep's experiment, or else the first), which parameters
/// matter and which way, whether objectives pull against each other, what it cost, what failed, and what makes the
/// numbers doubtful. Where there is not enough to say something, that is said.
std::vector<Finding> findings(const Comparison& comparison, const Evidence& evidence);

/// What parameters do: which matter, in which direction, which choices are better, whether the range should be wider.
std::vector<Finding> findings_of_parameters(const Comparison& comparison, const Evidence& evidence);

/// [{"text", "kind", "trials"}]
Json findings_json(const std::vector<Finding>& findings);

/// Adds "summary" (the texts of the findings), "findings", "importance", "intervals" and "ranks" to the data of a
/// report.
void add_statistics(Json& data, const Comparison& comparison);

}  // namespace atelier
