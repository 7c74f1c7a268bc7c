#include "framework/distributed/first_rank.h"

#include "framework/core/error.h"

namespace atelier {

void on_first_rank(Communicator& ranks, const std::function<void()>& work) {
  // What went wrong, behind one letter for its kind.
  std::string outcome = "-";
  if (ranks.rank() == 0) {
    try {
      work();
    } catch (const UsageError& problem) {
      outcome = std::string("U") + problem.what();
    } catch (const std::exception& problem) {
      outcome = std::string("E") + problem.what();
    }
  }
  outcome = ranks.broadcast(outcome, 0);
  if (outcome[0] == 'U') throw UsageError(outcome.substr(1));
  if (outcome[0] == 'E') throw Error(outcome.substr(1));
}

}  // namespace atelier
