#include "analysis/report_data.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <set>

#include "analysis/findings.h"
#include "analysis/measure.h"
#include "analysis/picture_shelf.h"
#include "analysis/summary.h"
#include "framework/storage/value_json.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

/// Five significant digits: more than a screen shows, a third of the bytes. Null where there is no number.
Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  return std::stod(format("{:.5g}", value));
}

Json rounded(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(rounded(value));
  return list;
}

Json settings_json(const Settings& settings) {
  Json object = Json::object();
  for (const auto& [key, value] : settings.items) object[key] = to_json(value);
  return object;
}

/// The curves of a trial. Those measured at the same steps share one list of steps.
Json curves_json(const RunRecord& run, std::size_t points) {
  std::vector<std::vector<double>> steps;
  Json step_lists = Json::array(), clocks = Json::array(), metrics = Json::object();
  for (const auto& [metric, curve] : run.curves) {
    const Curve shown = thin(curve, points);
    auto place = std::find(steps.begin(), steps.end(), shown.steps);
    if (place == steps.end()) {
      step_lists.push_back(rounded(shown.steps));
      clocks.push_back(rounded(shown.seconds));
      steps.push_back(shown.steps);
      place = steps.end() - 1;
    }
    metrics[metric] = {{"at", place - steps.begin()}, {"values", rounded(shown.values)}};
  }
  return {{"steps", step_lists}, {"seconds", clocks}, {"metrics", metrics}};
}

/// The weight each raw loss has in the total, where the spec says so: "generator.content" has "loss.content.weight".
Json weights_json(const RunRecord& run) {
  Json weights = Json::object();
  for (const auto& [metric, curve] : run.curves) {
    const std::size_t dot = metric.rfind('.');
    if (dot == std::string::npos || (metric.rfind("generator.", 0) != 0 && metric.rfind("discriminator.", 0) != 0))
      continue;
    const Value* weight = setting(run, "loss" + metric.substr(dot) + ".weight");
    if (weight && weight->is_number()) weights[metric] = weight->number();
  }
  return weights;
}

/// The groups of measures that something was recorded of, and of every measure its group, direction and reading.
void add_measures(Json& data, const Comparison& comparison) {
  std::set<std::string> recorded;
  for (const Comparison::Trial& trial : comparison.trials) {
    for (const auto& [metric, curve] : trial.run.curves) recorded.insert(metric);
    for (const auto& [metric, value] : trial.run.values) recorded.insert(metric);
  }
  std::set<std::string_view> groups;
  data["measures"] = Json::object();
  for (const std::string& metric : recorded) {
    const Measure known = measure(metric);
    groups.insert(known.group);
    data["measures"][metric] = {{"group", known.group},
                                {"lower", known.better == Better::lower},
                                {"higher", known.better == Better::higher},
                                {"better", in_words(known.better)},
                                {"read_as", known.read_as}};
  }
  data["groups"] = Json::array();
  for (const MeasureGroup& group : measure_groups()) {
    if (groups.count(group.name)) data["groups"].push_back({{"name", group.name}, {"heading", group.heading}});
  }
}

/// Indices of at most `limit` of `size` things, evenly spaced, both ends among them.
std::vector<std::size_t> evenly(std::size_t size, std::size_t limit) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < std::min(size, limit); ++i) {
    chosen.push_back(size <= limit ? i : limit < 2 ? size - 1 : i * (size - 1) / (limit - 1));
  }
  return chosen;
}

Json pictures_json(PictureShelf& shelf, const std::map<std::string, std::filesystem::path>& pictures,
                   const std::set<std::string>& photos) {
  Json result = Json::object();
  for (const auto& [name, file] : pictures) {
    if (!photos.count(name)) continue;
    if (const auto place = shelf.add(file)) result[name] = *place;
  }
  return result;
}

/// Puts the pictures of all trials on the shelf: the photos first, then the last step of every trial, best first, then
/// the steps before, so that what does not fit is what is missed least.
class SampleSheet {
 public:
  SampleSheet(const Comparison& comparison, const ReportLimits& limits)
      : comparison_(comparison), limits_(limits), shelf_(limits.picture_bytes) {
    choose_photos();
    const std::vector<std::size_t> order = by_merit();
    for (const std::size_t i : order) inputs_[i] = pictures_json(shelf_, comparison_.trials[i].run.inputs, photos_);
    for (std::size_t back = 0; back < limits_.sample_steps; ++back) {
      for (const std::size_t i : order) add_step(i, back);
    }
  }

  Json pictures() const { return shelf_.json(); }
  std::size_t left_out() const { return shelf_.left_out(); }
  Json input(std::size_t trial) const { return inputs_.at(trial); }
  /// Ascending steps, each with its pictures.
  Json samples(std::size_t trial) const {
    Json list = Json::array();
    const auto found = samples_.find(trial);
    if (found == samples_.end()) return list;
    for (const auto& [step, pictures] : found->second) list.push_back({{"step", step}, {"pictures", pictures}});
    return list;
  }

 private:
  void choose_photos() {
    std::set<std::string> all;
    for (const Comparison::Trial& trial : comparison_.trials) {
      for (const auto& [name, file] : trial.run.inputs) all.insert(name);
      for (const SampleStep& sample : trial.run.samples) {
        for (const auto& [name, file] : sample.pictures) all.insert(name);
      }
    }
    for (const std::string& name : all) {
      if (photos_.size() < limits_.photos) photos_.insert(name);
    }
  }

  std::vector<std::size_t> by_merit() const {
    std::vector<std::size_t> order = comparison_.ranking();
    for (std::size_t i = 0; i < comparison_.trials.size(); ++i) {
      if (!comparison_.trials[i].rank) order.push_back(i);
    }
    return order;
  }

  /// The step that is `back` places before the last of those chosen.
  void add_step(std::size_t trial, std::size_t back) {
    const std::vector<SampleStep>& all = comparison_.trials[trial].run.samples;
    const std::vector<std::size_t> chosen = evenly(all.size(), limits_.sample_steps);
    if (back >= chosen.size()) return;
    const SampleStep& sample = all[chosen[chosen.size() - 1 - back]];
    Json pictures = pictures_json(shelf_, sample.pictures, photos_);
    if (!pictures.empty()) samples_[trial][sample.step] = std::move(pictures);
  }

  const Comparison& comparison_;
  const ReportLimits& limits_;
  PictureShelf shelf_;
  std::set<std::string> photos_;
  std::map<std::size_t, Json> inputs_;
  std::map<std::size_t, std::map<std::int64_t, Json>> samples_;
};

Json trial_json(const Comparison& comparison, std::size_t index, const SampleSheet& sheet, std::size_t points) {
  const Comparison::Trial& trial = comparison.trials[index];
  const RunRecord& run = trial.run;
  Json json;
  json["label"] = trial.label;
  json["name"] = run.name;
  json["number"] = run.number ? Json(*run.number) : Json(nullptr);
  json["folder"] = run.folder.string();
  json["source"] = trial.source;
  json["state"] = to_text(run.state);
  json["reason"] = run.reason;
  json["rank"] = trial.rank ? Json(*trial.rank) : Json(nullptr);
  json["best"] = trial.best;
  json["parameters"] = Json::object();
  for (const Parameter& parameter : comparison.parameters) {
    if (const Value* value = setting(run, parameter.key)) json["parameters"][parameter.key] = to_json(*value);
  }
  json["values"] = Json::object();
  for (const auto& [metric, value] : run.values) json["values"][metric] = json_number(value);
  json["steps"] = run.steps;
  json["seconds"] = rounded(run.seconds);
  json["curves"] = curves_json(run, points);
  json["weights"] = weights_json(run);
  json["input"] = sheet.input(index);
  json["samples"] = sheet.samples(index);
  json["spec"] = settings_json(run.spec);
  json["provenance"] = settings_json(run.provenance);
  json["log"] = run.log_tail;
  json["problems"] = run.problems;
  return json;
}

std::string shell_quoted(const std::string& text) {
  if (!text.empty() &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./=:@%,") ==
          std::string::npos) {
    return text;
  }
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// The commands that renew, continue and repeat what the report shows.
Json commands_json(const Comparison& comparison) {
  Json commands = Json::array();
  const auto add = [&](const std::string& what, const std::string& command) {
    commands.push_back({{"what", what}, {"command", command}});
  };
  std::string everything;
  for (const Comparison::Source& source : comparison.sources) {
    const std::string folder = shell_quoted(source.folder.string());
    everything += " " + folder;
    if (source.is_sweep) {
      add("Continue the sweep " + source.name + "; trials that ended are not run again",
          "atelier sweep " + shell_quoted((source.folder / "sweep.toml").string()) + " --out " + folder);
    }
    add("See where " + source.name + " stands", "atelier status " + folder);
  }
  const std::vector<std::size_t> ranking = comparison.ranking();
  if (!ranking.empty() && !comparison.trials[ranking.front()].run.spec.empty()) {
    const std::filesystem::path best = comparison.trials[ranking.front()].run.folder;
    add("Train the best again from its own record, " + comparison.trials[ranking.front()].label,
        "atelier train " + shell_quoted((best / "spec.toml").string()) + " --out again");
  }
  add("Write this report anew", "atelier report" + everything);
  return commands;
}

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

std::size_t points_each(const Comparison& comparison, const ReportLimits& limits) {
  std::size_t curves = 1;
  for (const Comparison::Trial& trial : comparison.trials) curves += trial.run.curves.size();
  return std::clamp<std::size_t>(limits.all_points / curves, 20, limits.points);
}

}  // namespace

Json report_data(const Comparison& comparison, const ReportLimits& limits) {
  const SampleSheet sheet(comparison, limits);
  const std::size_t points = points_each(comparison, limits);
  Json data;
  data["title"] = comparison.title;
  data["written"] = now();
  data["counts"] = counts_in_words(comparison);
  data["sources"] = Json::array();
  for (const Comparison::Source& source : comparison.sources) {
    data["sources"].push_back({{"name", source.name},
                               {"folder", source.folder.string()},
                               {"sweep", source.is_sweep},
                               {"planned", source.planned},
                               {"problems", source.problems}});
  }
  data["objectives"] = Json::array();
  for (const Objective& objective : comparison.objectives) {
    data["objectives"].push_back({{"metric", objective.metric}, {"maximize", objective.maximize}});
  }
  data["parameters"] = Json::array();
  for (const Parameter& parameter : comparison.parameters) {
    data["parameters"].push_back({{"key", parameter.key},
                                  {"label", parameter.label},
                                  {"numeric", parameter.numeric},
                                  {"logarithmic", parameter.logarithmic}});
  }
  add_measures(data, comparison);
  data["trials"] = Json::array();
  for (std::size_t i = 0; i < comparison.trials.size(); ++i) {
    data["trials"].push_back(trial_json(comparison, i, sheet, points));
  }
  data["pictures"] = sheet.pictures();
  data["pictures_left_out"] = sheet.left_out();
  data["commands"] = commands_json(comparison);
  add_statistics(data, comparison);
  return data;
}

}  // namespace atelier
