#include "framework/distributed/same_tensors.h"

#include <algorithm>
#include <vector>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/storage/digest.h"

namespace atelier {
namespace {

/// The rank whose text most others do not have; -1 when all are equal. Between equals the first rank is right.
int odd_rank(const std::vector<std::string>& texts) {
  const auto count = [&](const std::string& text) { return std::count(texts.begin(), texts.end(), text); };
  const auto usual = std::max_element(texts.begin(), texts.end(),
                                      [&](const std::string& a, const std::string& b) { return count(a) < count(b); });
  for (std::size_t rank = 0; rank < texts.size(); ++rank) {
    if (texts[rank] != *usual) return static_cast<int>(rank);
  }
  return -1;
}

}  // namespace

void check_same_on_all_ranks(const std::map<std::string, at::Tensor>& tensors, Communicator& ranks) {
  if (ranks.size() == 1) return;  // nobody to compare with: the digests would be for nothing
  std::vector<std::pair<std::string, std::string>> digests;
  std::string all;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
    digests.emplace_back(name,
                         hex(digest(std::span(static_cast<const std::uint8_t*>(plain.data_ptr()), plain.nbytes()))));
    all += name + digests.back().second;
  }
  const int odd = odd_rank(ranks.gather(hex(digest(all))));
  if (odd < 0) return;
  // Rare, so one after the other: which tensor it is.
  std::string where;
  for (const auto& [name, own] : digests) {
    if (odd_rank(ranks.gather(own)) < 0) continue;
    where = " in " + name;
    break;
  }
  throw Error(
      format("the ranks no longer hold the same numbers: rank {} of {} differs{}; its memory or network may be damaged",
             odd, ranks.size(), where));
}

}  // namespace atelier
