#pragma once

#include <memory>
#include <string_view>
#include <type_traits>
#include <vector>

#include "framework/config/catalog.h"
#include "framework/config/fields.h"

namespace atelier {

/// The options of everything in a catalog, so that a spec may set the keys of any, whichever is chosen.
///
/// Each entry has options of its own: `Entry::options` makes an object with their defaults, whose `describe(Fields&)`
/// names their keys. Keys that several entries describe are one: they have one value. Copies are independent.
template <class Entry>
class OptionsByName {
 public:
  using Options = typename std::invoke_result_t<decltype(Entry::options)>::element_type;

  /// `sort`: what one of them is called in messages, for instance "pruner".
  OptionsByName(std::string_view sort, std::vector<Entry> entries)
      : sort_(sort), entries_(std::make_shared<const std::vector<Entry>>(std::move(entries))) {
    for (const Entry& entry : *entries_) options_.push_back(entry.options());
  }
  OptionsByName(const OptionsByName& other) : sort_(other.sort_), entries_(other.entries_) {
    for (std::size_t i = 0; i < entries_->size(); ++i) {
      options_.push_back((*entries_)[i].options());
      Fields from, to;
      other.options_[i]->describe(from);
      options_[i]->describe(to);
      for (std::size_t k = 0; k < to.all().size(); ++k) to.all()[k].assign(from.all()[k].value(), {});
    }
  }
  OptionsByName(OptionsByName&&) noexcept = default;
  OptionsByName& operator=(OptionsByName other) noexcept {
    std::swap(sort_, other.sort_);
    std::swap(entries_, other.entries_);
    std::swap(options_, other.options_);
    return *this;
  }
  ~OptionsByName() = default;

  Catalog<Entry> catalog() const { return Catalog<Entry>(sort_, *entries_); }

  /// The keys of all, below the present table, with one role. They point into this object: keep it while they are used.
  void describe(Fields& fields, Role role) {
    for (std::size_t i = 0; i < entries_->size(); ++i) {
      Fields own;
      options_[i]->describe(own);
      fields.share((*entries_)[i].name, own, role);
    }
  }

  /// Throws `UsageError` for a name that is not in the catalog.
  const Options& at(std::string_view name) const {
    return *options_[static_cast<std::size_t>(&catalog().at(name) - entries_->data())];
  }
  Options& at(std::string_view name) {
    return *options_[static_cast<std::size_t>(&catalog().at(name) - entries_->data())];
  }

 private:
  std::string_view sort_;
  std::shared_ptr<const std::vector<Entry>> entries_;  // the same for all copies
  std::vector<std::unique_ptr<Options>> options_;      // one an entry
};

}  // namespace atelier
