#pragma once

#include "framework/config/value.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// A spec's value as JSON; numbers that are not finite become "nan", "inf" and "-inf".
Json to_json(const Value& value);

}  // namespace atelier
