#include "analysis/page.h"

#include <map>
#include <stdexcept>

// The files themselves, put into the program by page_assets.S.
extern "C" {
extern const char atelier_page_html[], atelier_page_html_end[];
extern const char atelier_page_css[], atelier_page_css_end[];
extern const char atelier_page_js[], atelier_page_js_end[];
extern const char atelier_page_plotly[], atelier_page_plotly_end[];
}

namespace atelier {
namespace {

std::string_view between(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

}  // namespace

std::string page(const std::string& title, const Json& data, bool files) {
  const std::string safe_title = escape_html(title), safe_data = script_json(data);
  const std::map<std::string_view, std::string_view> parts{
      {"title", safe_title},
      {"data", safe_data},
      {"pictures", files ? "data: blob: file: 'self'" : "data: blob:"},
      {"style", between(atelier_page_css, atelier_page_css_end)},
      {"script", between(atelier_page_js, atelier_page_js_end)},
      {"plotly", between(atelier_page_plotly, atelier_page_plotly_end)},
  };
  std::string_view rest = between(atelier_page_html, atelier_page_html_end);
  std::string result;
  for (std::size_t open = rest.find("{{"); open != std::string_view::npos; open = rest.find("{{")) {
    const std::size_t close = rest.find("}}", open);
    if (close == std::string_view::npos) throw std::logic_error("report.html: {{ without }}");
    result += rest.substr(0, open);
    result += parts.at(rest.substr(open + 2, close - open - 2));
    rest.remove_prefix(close + 2);
  }
  return result.append(rest);
}

std::string script_json(const Json& data) {
  const std::string plain = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    switch (plain[i]) {
      case '<':
        safe += "\\u003c";
        break;
      case '>':
        safe += "\\u003e";
        break;
      case '&':
        safe += "\\u0026";
        break;
      case '\xe2':  // U+2028 and U+2029 end a line in JavaScript, but not in JSON.
        if (plain.compare(i, 3, "\xe2\x80\xa8") == 0 || plain.compare(i, 3, "\xe2\x80\xa9") == 0) {
          safe += plain[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
          i += 2;
          break;
        }
        [[fallthrough]];
      default:
        safe += plain[i];
    }
  }
  return safe;
}

std::string escape_html(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '&':
        safe += "&amp;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

}  // namespace atelier
