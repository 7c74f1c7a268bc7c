#include "analysis/export.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "analysis/report_data.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

/// A cell as RFC 4180 writes it.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return format("{}", value);
}

std::string line(const std::vector<std::string>& cells) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) text += (i ? "," : "") + cell(cells[i]);
  return text + "\n";
}

/// What sweeps chose, whether it varies or not, and what runs of their own differ in.
std::vector<std::string> parameter_keys(const Comparison& comparison) {
  std::vector<std::string> keys;
  std::set<std::string> seen;
  const auto add = [&](const std::string& key) {
    if (seen.insert(key).second) keys.push_back(key);
  };
  for (const Comparison::Trial& trial : comparison.trials) {
    for (const auto& [key, value] : trial.run.parameters.items) add(key);
  }
  for (const Parameter& parameter : comparison.parameters) add(parameter.key);
  return keys;
}

}  // namespace

std::string trials_csv(const Comparison& comparison) {
  const std::vector<std::string> keys = parameter_keys(comparison);
  std::set<std::string> measures;
  for (const Comparison::Trial& trial : comparison.trials) {
    for (const auto& [metric, value] : trial.run.values) measures.insert(metric);
  }
  std::vector<std::string> head{"sweep", "trial", "state",      "reason",   "setting",
                                "seed",  "data",  "comparable", "feasible", "rank"};
  std::set<std::string> taken(head.begin(), head.end());
  taken.insert({"steps", "seconds", "folder"});
  for (const std::string& key : keys) head.push_back(taken.insert(key).second ? key : "parameter." + key);
  for (const std::string& metric : measures) head.push_back(taken.insert(metric).second ? metric : "measure." + metric);
  for (const char* last : {"steps", "seconds", "folder"}) head.emplace_back(last);

  std::string text = line(head);
  for (const Comparison::Trial& trial : comparison.trials) {
    const RunRecord& run = trial.run;
    const Comparison::Source& source = comparison.sources[trial.source];
    const Value *seed = setting(run, "seed"), *data = run.provenance.find("data_digest");
    std::vector<std::string> row{source.name,
                                 run.number ? format("{}", *run.number) : "",
                                 std::string(to_text(run.state)),
                                 run.reason,
                                 format("{}", trial.setting),
                                 run.seed ? format("{}", *run.seed)
                                 : seed   ? to_text(*seed)
                                          : "",
                                 data ? to_text(*data) : "",
                                 trial.comparable ? "true" : "false",
                                 trial.feasible ? "true" : "false",
                                 trial.rank ? format("{}", *trial.rank + 1) : ""};
    for (const std::string& key : keys) {
      const auto known = std::find_if(comparison.parameters.begin(), comparison.parameters.end(),
                                      [&](const auto& p) { return p.key == key; });
      const Value* value = known == comparison.parameters.end() ? setting(run, key) : setting_of(run, *known);
      row.push_back(!value ? "" : value->is_number() ? number(value->number()) : to_text(*value));
    }
    for (const std::string& metric : measures) row.push_back(run.values.count(metric) ? number(run.value(metric)) : "");
    row.push_back(format("{}", run.steps));
    row.push_back(number(run.seconds));
    row.push_back(run.folder.string());
    text += line(row);
  }
  return text;
}

Json report_json(const Comparison& comparison) {
  ReportOptions options;
  options.plain = true;
  options.photos = 0;
  Json data = report_data(comparison, options);
  for (const char* key : {"pictures", "pictures_left_out", "reload_seconds"}) data.erase(key);
  for (Json& trial : data["trials"]) {
    for (const char* key : {"input", "samples"}) trial.erase(key);
    if (trial["rank"].is_number())
      trial["rank"] = trial["rank"].get<std::size_t>() + 1;  // As the table and the page count.
  }
  return data;
}

}  // namespace atelier
