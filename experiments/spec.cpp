#include "experiments/spec.h"

#include "framework/core/format.h"

namespace atelier {

ExperimentSpec::ExperimentSpec(const Kinds& known, std::string_view wanted)
    : kinds(known), kind(wanted.empty() ? kinds.entries().front().name : wanted), own(row().make_spec()) {}

Fields ExperimentSpec::fields() {
  Fields fields;
  fields.text("name", name, "what the run is called").role = Role::bookkeeping;
  fields.integer("seed", seed, Range::at_least(0), "of everything random");
  fields.choice("kind", kind, kinds.names(), "what is tried");
  own->describe_keys(fields);
  return fields;
}

ExperimentSpec ExperimentSpec::from(const Document& document, const Kinds& kinds) {
  ExperimentSpec spec(kinds);
  if (const Document::Entry* entry = document.find("kind")) {
    spec.fields().find("kind")->assign(entry->value, entry->where);
    spec.own = spec.row().make_spec();
  }
  spec.fields().read(document);
  check_folder_name(document, "name", spec.name);
  spec.own->check_keys(document);
  return spec;
}

std::string ExperimentSpec::identity(const std::string& data_digest) const {
  ExperimentSpec copy = *this;
  const Fields fields = copy.fields();
  if (data_digest.empty()) return fields.to_toml({.identity_only = true});
  for (const Field& field : fields.all()) {
    if (field.digest == data_digest_key) std::get<std::filesystem::path*>(field.target)->clear();
  }
  return fields.to_toml({.identity_only = true}) + format("data = {}\n", data_digest);
}

Measures known_measures() {
  Measures all;
  for (const Kind& kind : known_kinds().entries()) all.add(kind.make_spec()->measures().all());
  return all;
}

}  // namespace atelier
