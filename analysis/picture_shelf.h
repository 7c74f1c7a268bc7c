#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/storage/json_lines.h"

namespace atelier {

/// The pictures that go into a report, as `data:` addresses. A picture that several trials share (the validation
/// photos) is kept once.
class PictureShelf {
 public:
  /// `budget`: bytes of picture files to take at most; 24 MB make a page that still opens at once.
  explicit PictureShelf(std::size_t budget) : budget_(budget) {}

  /// The picture's place on the shelf; nothing when it cannot be read, is no PNG or the budget is spent.
  std::optional<std::size_t> add(const std::filesystem::path& png);

  /// The addresses, by place.
  Json json() const { return pictures_; }
  /// Pictures that did not fit any more.
  std::size_t left_out() const { return left_out_; }

 private:
  std::size_t budget_, left_out_ = 0;
  std::map<std::uint64_t, std::size_t> places_;  ///< By digest of the bytes.
  Json pictures_ = Json::array();
};

/// RFC 4648, section 4.
std::string base64(std::string_view bytes);

}  // namespace atelier
