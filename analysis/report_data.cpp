#include "analysis/report_data.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <set>

#include "analysis/findings.h"
#include "analysis/image_store.h"
#include "analysis/journal_reader.h"
#include "analysis/packed_curves.h"
#include "analysis/summary.h"
#include "framework/core/format.h"
#include "framework/storage/value_json.h"

namespace atelier {
namespace {

/// Five significant digits: more than a screen shows, a third of the bytes. Null where there is no number.
Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  return std::stod(format("{:.5g}", value));
}

/// The curves of a trial as lists, for other programs.
Json plain_curves(const RunRecord& run) {
  Json metrics = Json::object();
  for (const auto& [metric, curve] : run.curves) {
    Json seconds = Json::array(), values = Json::array();
    for (const double second : curve.seconds) seconds.push_back(std::isfinite(second) ? Json(second) : Json(nullptr));
    for (const double value : curve.values) values.push_back(json_number(value));
    metrics[metric] = {{"steps", curve.steps}, {"seconds", std::move(seconds)}, {"values", std::move(values)}};
  }
  return {{"metrics", std::move(metrics)}};
}

/// Settings as what differs from those of the first trial that has any: a thousand trials of one sweep share nearly
/// all.
class SettingsStore {
 public:
  /// `whole`: other programs get all settings of every trial.
  explicit SettingsStore(bool whole) : whole_(whole) {}

  /// `{"set": {KEY: VALUE}, "absent": [KEY]}`; null for a trial without settings.
  Json add(const Settings& settings) {
    if (settings.empty()) return nullptr;
    Json all = Json::object();
    for (const auto& [key, value] : settings.items) all[key] = to_json(value);
    if (whole_) return all;
    if (base_.is_null()) base_ = all;
    Json set = Json::object(), absent = Json::array();
    for (const auto& [key, value] : all.items()) {
      const auto shared = base_.find(key);
      if (shared == base_.end() || *shared != value) set[key] = value;
    }
    for (const auto& [key, value] : base_.items()) {
      if (!all.contains(key)) absent.push_back(key);
    }
    return {{"set", std::move(set)}, {"absent", std::move(absent)}};
  }
  Json base() const { return base_; }

 private:
  bool whole_;
  Json base_;  ///< Null until there is one.
};

/// What is known of everything that some run recorded.
std::map<std::string, Measure> recorded_measures(const Comparison& comparison) {
  std::set<std::string> recorded;
  for (const Comparison::Trial& trial : comparison.trials) {
    for (const auto& [metric, curve] : trial.run.curves) recorded.insert(metric);
    for (const auto& [metric, value] : trial.run.values) recorded.insert(metric);
  }
  std::map<std::string, Measure> known;
  for (const std::string& metric : recorded) known[metric] = comparison.measures.of(metric);
  return known;
}

/// The weight each raw loss has in the total, where the spec says so.
Json weights_json(const RunRecord& run, const std::map<std::string, Measure>& measures) {
  Json weights = Json::object();
  for (const auto& [metric, curve] : run.curves) {
    const std::string& key = measures.at(metric).weight;
    const Value* weight = key.empty() ? nullptr : setting(run, key);
    if (weight && weight->is_number()) weights[metric] = weight->number();
  }
  return weights;
}

Json measure_json(const Measure& measure) {
  Json json{{"group", measure.group},
            {"lower", measure.better == Better::lower},
            {"higher", measure.better == Better::higher},
            {"better", in_words(measure.better)},
            {"read_as", measure.read_as},
            {"exact", measure.exact},
            {"logarithmic", measure.logarithmic},
            {"marks", Json::array()},
            {"failure_modes", Json::array()}};
  for (const Mark& mark : measure.marks) json["marks"].push_back({{"at", mark.at}, {"label", mark.label}});
  for (const FailureMode& mode : measure.failure_modes) {
    json["failure_modes"].push_back({{"name", mode.name},
                                     {"above", mode.above},
                                     {"limit", mode.limit},
                                     {"setting", mode.setting},
                                     {"complement", mode.complement}});
  }
  return json;
}

/// The groups of measures that something was recorded of, every measure, and those whose curves come first.
void add_measures(Json& data, const Comparison& comparison, const std::map<std::string, Measure>& measures) {
  std::set<std::string_view> groups;
  data["measures"] = Json::object();
  for (const auto& [metric, measure] : measures) {
    groups.insert(measure.group);
    data["measures"][metric] = measure_json(measure);
  }
  data["groups"] = Json::array();
  for (const MeasureGroup& group : measure_groups()) {
    if (groups.count(group.name)) data["groups"].push_back({{"name", group.name}, {"heading", group.heading}});
  }
  data["shown_first"] = Json::array();
  for (const Measure& measure : comparison.measures.all()) {
    if (measure.shown_first && measures.count(measure.name)) data["shown_first"].push_back(measure.name);
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

Json pictures_json(ImageStore& store, const std::map<std::string, std::filesystem::path>& pictures,
                   const std::set<std::string>& photos) {
  Json result = Json::object();
  for (const auto& [name, file] : pictures) {
    if (!photos.count(name)) continue;
    if (const auto place = store.add(file)) result[name] = *place;
  }
  return result;
}

/// Puts the pictures of all trials in the store: the photos first, then the last step of every trial, best first, then
/// the steps before, so that what does not fit is what is missed least.
class SampleSheet {
 public:
  SampleSheet(const Comparison& comparison, const ReportOptions& options)
      : comparison_(comparison), options_(options), photos_(chosen_photos()), store_(store_options()) {
    const std::vector<std::size_t> order = by_merit();
    for (const std::size_t i : order) inputs_[i] = pictures_json(store_, comparison_.trials[i].run.inputs, photos_);
    for (std::size_t back = 0; back < options_.sample_steps; ++back) {
      for (const std::size_t i : order) add_step(i, back);
    }
    if (!options_.assets.empty()) store_.sweep_folder();
  }

  Json pictures() const { return store_.json(); }
  std::size_t left_out() const { return store_.left_out(); }
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
  std::set<std::string> chosen_photos() const {
    std::set<std::string> all;
    for (const Comparison::Trial& trial : comparison_.trials) {
      for (const auto& [name, file] : trial.run.inputs) all.insert(name);
      for (const SampleStep& sample : trial.run.samples) {
        for (const auto& [name, file] : sample.pictures) all.insert(name);
      }
    }
    std::set<std::string> photos;
    for (const std::string& name : all) {
      if (photos.size() < options_.photos) photos.insert(name);
    }
    return photos;
  }

  /// Pictures go into the page as they are while there is room for all of them.
  ImageStore::Options store_options() const {
    std::size_t bytes = 0;
    const auto count = [&](const std::map<std::string, std::filesystem::path>& pictures) {
      for (const auto& [name, file] : pictures) {
        std::error_code problem;
        const auto size = photos_.count(name) ? std::filesystem::file_size(file, problem) : 0;
        if (!problem) bytes += size;
      }
    };
    for (const Comparison::Trial& trial : comparison_.trials) {
      for (const std::size_t i : evenly(trial.run.samples.size(), options_.sample_steps)) {
        count(trial.run.samples[i].pictures);
      }
    }
    // The photos are counted once: trials nearly always share them.
    if (!comparison_.trials.empty()) count(comparison_.trials.front().run.inputs);
    return {options_.picture_bytes, bytes > options_.picture_bytes, options_.assets};
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
    const std::vector<std::size_t> chosen = evenly(all.size(), options_.sample_steps);
    if (back >= chosen.size()) return;
    const SampleStep& sample = all[chosen[chosen.size() - 1 - back]];
    Json pictures = pictures_json(store_, sample.pictures, photos_);
    if (!pictures.empty()) samples_[trial][sample.step] = std::move(pictures);
  }

  const Comparison& comparison_;
  const ReportOptions& options_;
  std::set<std::string> photos_;
  ImageStore store_;
  std::map<std::size_t, Json> inputs_;
  std::map<std::size_t, std::map<std::int64_t, Json>> samples_;
};

/// `points` of a curve at most; 0: all, as lists.
Json trial_json(const Comparison& comparison, std::size_t index, const SampleSheet& sheet, std::size_t points,
                const std::map<std::string, Measure>& measures, SettingsStore& specs, SettingsStore& origins) {
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
  for (const auto& [key, value] : {std::pair("setting", run.setting), {"seed", run.seed}, {"parent", run.parent}}) {
    if (value) json[key] = *value;
  }
  json["group"] = trial.setting;  // Also of runs of their own, which no sweep counts.
  if (!trial.comparable) json["comparable"] = false;
  if (!trial.feasible) json["feasible"] = false;
  json["rank"] = trial.rank ? Json(*trial.rank) : Json(nullptr);
  json["best"] = trial.best;
  json["parameters"] = Json::object();
  for (const Parameter& parameter : comparison.parameters) {
    const Value* value = setting_of(run, parameter);
    if (value) json["parameters"][parameter.key] = to_json(*value);
  }
  json["values"] = Json::object();
  for (const auto& [metric, value] : run.values) json["values"][metric] = json_number(value);
  json["steps"] = run.steps;
  json["seconds"] = rounded(run.seconds);
  json["curves"] = points == 0 ? plain_curves(run) : packed_curves(run.curves, points);
  json["weights"] = weights_json(run, measures);
  json["input"] = sheet.input(index);
  json["samples"] = sheet.samples(index);
  json["spec"] = specs.add(run.spec);
  json["provenance"] = origins.add(run.provenance);
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

/// The commands that renew and continue what the report shows; how one trial is repeated the page says itself.
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
      const std::string sweep =
          "atelier sweep " + shell_quoted((source.folder / "sweep.toml").string()) + " --out " + folder;
      const bool failed = std::any_of(comparison.trials.begin(), comparison.trials.end(), [&](const auto& trial) {
        return &comparison.sources[trial.source] == &source && trial.run.state == TrialState::failed;
      });
      add("Continue the sweep " + source.name + "; trials that ended are not run again", sweep);
      if (failed) add("Run the failed trials of " + source.name + " again", sweep + " --retry-failed");
    }
    add("See where " + source.name + " stands", "atelier status " + folder);
  }
  add("Write this report anew", "atelier report" + everything);
  return commands;
}

std::string in_words(std::time_t time) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

/// Times in seconds since 1970. A stretch of work is `[trial, begin, end or null, state]`.
Json workers_json(const Comparison& comparison) {
  Json workers = Json::array();
  for (std::size_t source = 0; source < comparison.sources.size(); ++source) {
    if (!comparison.sources[source].is_sweep) continue;
    for (const WorkerRecord& worker : read_journal(comparison.sources[source].folder)) {
      Json work = Json::array();
      for (const WorkerRecord::Stretch& stretch : worker.work) {
        work.push_back({stretch.trial, stretch.begin, stretch.end ? Json(*stretch.end) : Json(nullptr),
                        stretch.state ? to_text(*stretch.state)
                        : stretch.end ? "interrupted"
                                      : ""});
      }
      workers.push_back({{"source", source},
                         {"name", worker.name},
                         {"host", worker.host},
                         {"pid", worker.pid},
                         {"ranks", worker.ranks},
                         {"begin", worker.begin},
                         {"last", worker.last},
                         {"left", worker.left},
                         {"work", std::move(work)}});
    }
  }
  return workers;
}

std::size_t points_each(const Comparison& comparison, const ReportOptions& options) {
  if (options.plain) return 0;
  std::size_t curves = 1;
  for (const Comparison::Trial& trial : comparison.trials) curves += trial.run.curves.size();
  return std::clamp<std::size_t>(options.all_points / curves, 20, options.points);
}

}  // namespace

Json report_data(const Comparison& comparison, const ReportOptions& options) {
  const SampleSheet sheet(comparison, options);
  const std::size_t points = points_each(comparison, options);
  Json data;
  data["title"] = comparison.title;
  const std::time_t now = std::time(nullptr);
  data["written"] = in_words(now);
  data["now"] = now;
  data["reload_seconds"] = options.reload_seconds;
  data["counts"] = counts_in_words(comparison);
  data["sources"] = Json::array();
  for (const Comparison::Source& source : comparison.sources) {
    Json constraints = Json::array();
    for (const Constraint& constraint : source.constraints) {
      constraints.push_back({{"text", constraint.text},
                             {"metric", constraint.metric},
                             {"test", constraint.test()},
                             {"limit", constraint.limit}});
    }
    data["sources"].push_back({{"name", source.name},
                               {"folder", source.folder.string()},
                               {"sweep", source.is_sweep},
                               {"planned", source.planned},
                               {"constraints", std::move(constraints)},
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
  const std::map<std::string, Measure> measures = recorded_measures(comparison);
  add_measures(data, comparison, measures);
  SettingsStore specs(options.plain), origins(options.plain);
  data["trials"] = Json::array();
  for (std::size_t i = 0; i < comparison.trials.size(); ++i) {
    data["trials"].push_back(trial_json(comparison, i, sheet, points, measures, specs, origins));
  }
  if (!options.plain) {
    data["spec"] = specs.base();
    data["provenance"] = origins.base();
  }
  data["workers"] = workers_json(comparison);
  data["pictures"] = sheet.pictures();
  data["pictures_left_out"] = sheet.left_out();
  data["commands"] = commands_json(comparison);
  add_statistics(data, comparison);
  return data;
}

}  // namespace atelier
