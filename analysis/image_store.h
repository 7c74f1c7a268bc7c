#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "framework/storage/json_lines.h"

namespace atelier {

/// The pictures of a report, by their addresses: inside the page (`data:`), or in a folder beside it. A picture that
/// several trials share (the validation photos) is kept once.
class ImageStore {
 public:
  struct Options {
    /// Bytes inside the page to take at most.
    std::size_t budget = 0;
    /// As JPEG, quality 90, and no side longer than 320 pixels, which is about a fifth of the bytes: for more pictures
    /// than the budget holds as they are.
    bool compact = false;
    /// The folder beside the page; then nothing is inside it, nothing is made smaller and there is no budget. The
    /// folder's name is the start of the addresses. Empty: inside.
    std::filesystem::path folder;
  };
  /// Throws `Error` when the folder cannot be made.
  explicit ImageStore(Options options);

  /// The picture's place in the store; nothing when it cannot be read, is no PNG or the budget is spent.
  /// Throws `Error` when the folder cannot be written to.
  std::optional<std::size_t> add(const std::filesystem::path& png);

  /// The addresses, by place.
  Json json() const { return pictures_; }
  /// Pictures that did not fit any more.
  std::size_t left_out() const { return left_out_; }
  /// Removes the pictures of an older report from the folder: those named like ours that are not in the store.
  void sweep_folder() const;

 private:
  std::optional<std::string> embedded(const std::string& png);
  std::string copied(const std::string& png, std::uint64_t name);

  Options options_;
  std::size_t left_out_ = 0;
  bool full_ = false;
  std::map<std::uint64_t, std::optional<std::size_t>> places_;  ///< By digest of the bytes; none: damaged or left out.
  std::set<std::string> files_;                                 ///< In the folder.
  Json pictures_ = Json::array();
};

/// RFC 4648, section 4.
std::string base64(std::string_view bytes);

}  // namespace atelier
