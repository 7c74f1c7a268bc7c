#pragma once

#include <string>

namespace atelier {

/// The text with nothing in it that a terminal would obey.
std::string printable(std::string text);

/// A number with four significant digits, as a table or a sentence shows it.
std::string short_number(double value);

/// "45 s", "3 min 20 s", "2 h 5 min".
std::string duration_in_words(double seconds);

}  // namespace atelier
