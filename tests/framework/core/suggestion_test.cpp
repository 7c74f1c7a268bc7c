#include "framework/core/suggestion.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(EditDistance, CountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("wieght", "weight"), 1u);  // a swap of neighbours
}

TEST(Nearest, FindsWhatWasMeant) {
  const std::vector<std::string_view> keys{"loss.content.weight", "loss.style.weight", "data.crop"};
  EXPECT_EQ(nearest("loss.contnet.weight", keys), "loss.content.weight");
  EXPECT_EQ(nearest("content.weight", keys), "loss.content.weight");
  EXPECT_EQ(nearest("entirely.different", keys), "");
}

TEST(QuotedList, ReadsAsASentence) {
  const std::vector<std::string_view> items{"a", "b", "c"};
  EXPECT_EQ(quoted_list(items), "\"a\", \"b\" or \"c\"");
}

}  // namespace
}  // namespace atelier
