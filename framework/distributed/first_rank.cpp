#include "framework/distributed/first_rank.h"

#include "framework/core/error.h"

namespace atelier {

void together(Communicator& ranks, const std::function<void()>& work) {
  // What went wrong, behind one letter for its kind; empty when nothing did.
  std::string outcome;
  try {
    work();
  } catch (const UsageError& problem) {
    outcome = std::string("u") + problem.what();
  } catch (const Interrupted& problem) {
    outcome = std::string("i") + problem.what();
  } catch (const StorageError& problem) {
    outcome = std::string("s") + problem.what();
  } catch (const std::exception& problem) {
    outcome = std::string("e") + problem.what();
  }
  for (const std::string& theirs : ranks.gather(outcome)) {
    if (theirs.empty()) continue;
    const std::string message = theirs.substr(1);
    if (theirs[0] == 'u') throw UsageError(message);
    if (theirs[0] == 'i') throw Interrupted(message);
    if (theirs[0] == 's') throw StorageError(message);
    throw Error(message);
  }
}

void on_first_rank(Communicator& ranks, const std::function<void()>& work) {
  together(ranks, [&] {
    if (ranks.rank() == 0) work();
  });
}

}  // namespace atelier
