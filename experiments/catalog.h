#pragma once

#include <string_view>
#include <vector>

namespace atelier {

// The architectures by name. Each list is one table: `generators/catalog.def` and its like, one line an entry, read on
// both sides of libtorch's wall: here for the names, beside the networks for what makes them.

std::vector<std::string_view> generator_names();
std::vector<std::string_view> discriminator_names();
std::vector<std::string_view> norm_names();
std::vector<std::string_view> activation_names();
std::vector<std::string_view> adversarial_names();

/// What an architecture is, in a sentence; empty for a name that is not in the catalog.
std::string_view generator_summary(std::string_view name);
std::string_view discriminator_summary(std::string_view name);
std::string_view norm_summary(std::string_view name);
std::string_view activation_summary(std::string_view name);
std::string_view adversarial_summary(std::string_view name);

}  // namespace atelier
