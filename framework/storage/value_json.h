#pragma once

#include "framework/config/value.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// A value of a spec as JSON; numbers that are not finite as "nan", "inf" or "-inf".
Json to_json(const Value& value);

/// The reverse; whole numbers and real ones stay apart. Objects and nulls, which no spec holds, give their text.
Value value_of_json(const Json& json);

}  // namespace atelier
