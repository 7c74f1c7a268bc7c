#include "framework/distributed/local_job.h"

#include <cstdio>
#include <cstdlib>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {

std::string LocalJob::to_text() const { return format("{}/{}", index, count); }

std::optional<LocalJob> LocalJob::of_this_process() {
  const char* text = std::getenv(variable);
  if (!text) return std::nullopt;
  LocalJob job;
  char rest = 0;
  if (std::sscanf(text, "%d/%d%c", &job.index, &job.count, &rest) == 2 && job.index >= 0 && job.index < job.count) {
    return job;
  }
  throw UsageError(format("{}={}: expected INDEX/COUNT, as `atelier sweep --jobs` sets it; unset it", variable, text));
}

}  // namespace atelier
