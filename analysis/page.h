#pragma once

#include <string>
#include <string_view>

#include "framework/storage/json_lines.h"

namespace atelier {

/// The whole report as one HTML document: the page's own files (analysis/page), Plotly.js and the data.
/// `data` may hold any text: nothing in it can end its script element or become markup.
/// `files`: whether it may also show pictures from beside it.
std::string page(const std::string& title, const Json& data, bool files = false);

/// JSON that is safe inside a script element: no `<`, `>` or `&`, and no line ends that only JSON allows.
std::string script_json(const Json& data);

/// Text as HTML shows it.
std::string escape_html(std::string_view text);

}  // namespace atelier
