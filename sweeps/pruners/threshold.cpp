#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/records/constraint.h"
#include "sweeps/pruner.h"

namespace atelier {
namespace {

/// What must hold, and what is wrong where it does not; may be empty.
struct Watched {
  Constraint constraint;
  std::string wrong;
};

/// Ends a trial of which a measure is out of its bounds in the last `patience` records in a row. Records that do not
/// hold the measure, or hold no finite number, leave the count as it is: not every record looks at every measure.
class Threshold : public Pruner {
 public:
  Threshold(std::string name, std::vector<Watched> bounds, double min, std::int64_t patience)
      : name_(std::move(name)), bounds_(std::move(bounds)), min_(min), patience_(patience) {}

  std::optional<std::string> reason_to_end(const Trial&, std::span<const Record> records,
                                           const History&) const override {
    if (records.empty() || records.back().at < min_) return std::nullopt;
    for (const Watched& bound : bounds_) {
      if (broken(records, bound.constraint) < patience_) continue;
      const Constraint& constraint = bound.constraint;
      const std::string what =
          !bound.wrong.empty() ? bound.wrong
                               : format("{} was not {} {:.4g}", constraint.metric, constraint.test(), constraint.limit);
      return format("{}: {} in {} record{} in a row", name_, what, patience_, patience_ == 1 ? "" : "s");
    }
    return std::nullopt;
  }

 private:
  /// In how many of the last records in a row.
  static std::int64_t broken(std::span<const Record> records, const Constraint& constraint) {
    std::int64_t count = 0;
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
      const auto found = record->measures.find(constraint.metric);
      if (found == record->measures.end() || !std::isfinite(found->second)) continue;
      if (constraint.holds(found->second)) break;
      ++count;
    }
    return count;
  }

  std::string name_;
  std::vector<Watched> bounds_;
  double min_;
  std::int64_t patience_;
};

class AnyThresholdOptions : public PrunerOptions {
 public:
  void describe(Fields& fields) override {
    fields.real("min", min_, Range::at_least(0), "before which no trial ends");
    fields.integer("patience", patience_, {1, 1'000'000}, "records in a row that are out of bounds");
  }

 protected:
  std::unique_ptr<Pruner> make(std::string name, std::vector<Watched> bounds) const {
    return std::make_unique<Threshold>(std::move(name), std::move(bounds), min_, patience_);
  }

 private:
  double min_ = 0;
  std::int64_t patience_ = 5;
};

class ThresholdOptions : public AnyThresholdOptions {
 public:
  void describe(Fields& fields) override {
    fields.texts("bounds", bounds_, "what must hold on the way, for instance \"eval.fid <= 400\"");
    AnyThresholdOptions::describe(fields);
  }

  std::unique_ptr<Pruner> make() const override {
    if (bounds_.empty())
      throw UsageError("the pruner threshold needs prune.bounds, for instance bounds = [\"eval.fid <= 400\"]");
    std::vector<Watched> bounds;
    for (const std::string& text : bounds_) {
      const std::optional<Constraint> bound = Constraint::from(text);
      if (!bound)
        throw UsageError(format("prune.bounds: \"{}\": expected MEASURE, one of >=, <=, > and <, and a number", text));
      bounds.push_back({*bound, {}});
    }
    return AnyThresholdOptions::make("threshold", std::move(bounds));
  }

 private:
  std::vector<std::string> bounds_;
};

class PresetOptions : public AnyThresholdOptions {
 public:
  explicit PresetOptions(const PrunerPreset& preset) : preset_(preset) {}

  void describe(Fields& fields) override {
    AnyThresholdOptions::describe(fields);
    fields.real("limit", limit_, Range::at_least(0), "what the measure must not pass; 0: what is usual");
  }

  std::unique_ptr<Pruner> make() const override {
    std::vector<Watched> bounds;
    for (const auto& [measure, broken] : preset_.bounds) {
      const double limit = limit_ > 0 ? limit_ * (broken.limit / preset_.bounds.front().broken.limit) : broken.limit;
      bounds.push_back({{.text = {}, .metric = measure, .at_least = !broken.above, .limit = limit},
                        filled(broken.reason, format("{:.4g}", limit))});
    }
    return AnyThresholdOptions::make(preset_.name, std::move(bounds));
  }

 private:
  PrunerPreset preset_;
  double limit_ = 0;
};

}  // namespace

std::unique_ptr<PrunerOptions> threshold_pruner() { return std::make_unique<ThresholdOptions>(); }
std::unique_ptr<PrunerOptions> threshold_preset(const PrunerPreset& preset) {
  return std::make_unique<PresetOptions>(preset);
}

}  // namespace atelier
