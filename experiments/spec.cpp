#include "experiments/spec.h"

#include <array>

namespace atelier {

Fields ExperimentSpec::fields() {
  Fields fields;
  fields.text("name", name, "what the run is called").affects_result = false;
  fields.integer("seed", seed, Range::at_least(0), "of everything random");
  fields.choice("kind", kind, {"photo-to-anime", "function"}, "what is tried");
  if (kind == "function") {
    describe(fields, function);
  } else {
    describe(fields, photo_to_anime);
  }
  return fields;
}

ExperimentSpec ExperimentSpec::from(const Document& document) {
  ExperimentSpec spec;
  if (const Document::Entry* entry = document.find("kind")) {
    spec.fields().find("kind")->assign(entry->value, entry->where);
  }
  spec.fields().read(document);
  check_folder_name(document, "name", spec.name);
  if (spec.kind == "photo-to-anime") check(spec.photo_to_anime, document);
  return spec;
}

std::vector<std::string_view> ExperimentSpec::measures() const {
  if (kind == "function") return {"value"};
  return photo_to_anime_measures();
}

std::string ExperimentSpec::identity() { return fields().to_toml({.identity_only = true}); }

}  // namespace atelier
