#include "experiments/catalog.h"

#include <span>

namespace atelier {
namespace {

struct Entry {
  std::string_view name, summary;
};

constexpr Entry generators[] = {
#define ATELIER_GENERATOR(name, make, summary) {name, summary},
#include "experiments/generators/catalog.def"
#undef ATELIER_GENERATOR
};

constexpr Entry discriminators[] = {
#define ATELIER_DISCRIMINATOR(name, make, summary) {name, summary},
#include "experiments/discriminators/catalog.def"
#undef ATELIER_DISCRIMINATOR
};

constexpr Entry norms[] = {
#define ATELIER_NORM(name, make, summary) {name, summary},
#include "experiments/layers/norms.def"
#undef ATELIER_NORM
};

constexpr Entry activations[] = {
#define ATELIER_ACTIVATION(name, function, summary) {name, summary},
#include "experiments/layers/activations.def"
#undef ATELIER_ACTIVATION
};

constexpr Entry adversarials[] = {
#define ATELIER_ADVERSARIAL(name, kind, summary) {name, summary},
#include "experiments/losses/adversarial.def"
#undef ATELIER_ADVERSARIAL
};

std::vector<std::string_view> names(std::span<const Entry> entries) {
  std::vector<std::string_view> result;
  for (const Entry& entry : entries) result.push_back(entry.name);
  return result;
}

std::string_view summary(std::span<const Entry> entries, std::string_view name) {
  for (const Entry& entry : entries) {
    if (entry.name == name) return entry.summary;
  }
  return {};
}

}  // namespace

std::vector<std::string_view> generator_names() { return names(generators); }
std::vector<std::string_view> discriminator_names() { return names(discriminators); }
std::vector<std::string_view> norm_names() { return names(norms); }
std::vector<std::string_view> activation_names() { return names(activations); }
std::vector<std::string_view> adversarial_names() { return names(adversarials); }
std::string_view generator_summary(std::string_view name) { return summary(generators, name); }
std::string_view discriminator_summary(std::string_view name) { return summary(discriminators, name); }
std::string_view norm_summary(std::string_view name) { return summary(norms, name); }
std::string_view activation_summary(std::string_view name) { return summary(activations, name); }
std::string_view adversarial_summary(std::string_view name) { return summary(adversarials, name); }

}  // namespace atelier
