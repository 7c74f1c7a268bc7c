#include "framework/training/length.h"

#include "framework/core/format.h"

namespace atelier {

std::int64_t Length::steps_over(std::int64_t samples, std::int64_t samples_a_step) const {
  return steps ? steps : (epochs * samples + samples_a_step - 1) / samples_a_step;
}

void describe(Fields& fields, Length& length, Role role) {
  fields.integer("epochs", length.epochs, Range::at_least(0), "length in passes over the data").role = role;
  fields.integer("steps", length.steps, {0, 1e12}, "or in steps").role = role;
}

void check(const Length& length, std::string_view table, const Document& document, bool may_be_none) {
  const Location where = document.place_of(format("{}.{}", table, length.steps ? "steps" : "epochs"));
  if (length.steps && length.epochs)
    throw spec_error(where, format("{0}.steps and {0}.epochs are both set; set one of them to 0", table));
  if (!may_be_none && length.none())
    throw spec_error(where, format("{0} has no length; set {0}.steps or {0}.epochs", table));
}

}  // namespace atelier
