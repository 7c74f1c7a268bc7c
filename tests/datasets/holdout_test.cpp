#include "datasets/holdout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "framework/core/error.h"

namespace atelier {
namespace {

std::vector<std::string> many_groups() {
  std::vector<std::string> groups;
  for (int group = 0; group < 40; ++group) {
    for (int i = 0; i <= group % 7; ++i) groups.push_back("group-" + std::to_string(group));
  }
  return groups;
}

TEST(Holdout, KeepsGroupsWholeAndComesNearTheShare) {
  const auto groups = many_groups();
  for (const double share : {0.05, 0.2, 0.5}) {
    const auto held = hold_out(groups, share, 3);
    std::map<std::string, bool> side;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      EXPECT_EQ(side.try_emplace(groups[i], held[i]).first->second, held[i]);
    }
    const auto count = std::count(held.begin(), held.end(), true);
    EXPECT_NEAR(static_cast<double>(count), share * static_cast<double>(groups.size()), 3.5);
  }
}

TEST(Holdout, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const auto groups = many_groups();
  EXPECT_EQ(hold_out(groups, 0.2, 3), hold_out(groups, 0.2, 3));
  EXPECT_NE(hold_out(groups, 0.2, 3), hold_out(groups, 0.2, 4));
}

TEST(Holdout, HoldsOutAtLeastOneGroupAndKeepsAtLeastOne) {
  const std::vector<std::string> two{"a", "a", "a", "b", "b", "b"};
  for (const double share : {0.01, 0.9}) {
    const auto held = hold_out(two, share, 0);
    EXPECT_EQ(std::count(held.begin(), held.end(), true), 3);
  }
}

TEST(Holdout, OfNothingHoldsOutNothing) {
  const auto held = hold_out({"a", "b"}, 0, 0);
  EXPECT_EQ(std::count(held.begin(), held.end(), true), 0);
}

TEST(Holdout, CannotDivideOneGroup) { EXPECT_THROW(hold_out({"a", "a"}, 0.2, 0), UsageError); }

}  // namespace
}  // namespace atelier
