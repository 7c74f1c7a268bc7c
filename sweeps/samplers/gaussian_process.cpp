#include "sweeps/gaussian_process.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "framework/core/random.h"
#include "sweeps/box_minimizer.h"
#include "sweeps/normal_distribution.h"
#include "sweeps/pareto.h"
#include "sweeps/sampler.h"
#include "sweeps/unit_cube.h"

namespace atelier {
namespace {

constexpr std::uint64_t gp_random_stream = 0x69b;
constexpr std::size_t gp_most_points = 250;    // a fit costs the third power of them
constexpr std::int64_t gp_few_cells = 64;      // whole numbers with more values than that are searched as if continuous
constexpr std::int64_t gp_small_space = 1024;  // spaces of so few trials are searched whole

/// The points of a unit cube as a Gaussian process compares them. A number that not every trial has is two features:
/// its value, or the middle of its range where it is missing, and whether it is there; so all missing ones are at one
/// point, off the line of the present ones.
class GpEncoding {
 public:
  explicit GpEncoding(const UnitCube& cube) : cube_(cube) {
    for (std::size_t i = 0; i < cube.size(); ++i) {
      const UnitCube::Axis& axis = cube.axes()[i];
      if (axis.cells == 1) continue;  // a constant tells nothing; whether it is there follows from the others
      features_.push_back({.category = axis.choice, .scale = scales_});
      axes_.push_back(i);
      if (!axis.choice && axis.conditional) {
        features_.push_back({.category = false, .scale = scales_});
        axes_.push_back(presence);
      }
      ++scales_;
    }
  }

  const std::vector<GaussianProcess::Feature>& features() const { return features_; }
  std::size_t scales() const { return scales_; }
  std::size_t size() const { return features_.size(); }
  /// The coordinate that a feature shows; `presence` for those that say whether the one before is there.
  std::size_t axis(std::size_t feature) const { return axes_[feature]; }
  static constexpr std::size_t presence = std::numeric_limits<std::size_t>::max();

  void encode(std::span<const double> point, std::span<double> row) const {
    for (std::size_t f = 0; f < size(); ++f) {
      if (axes_[f] == presence) {
        row[f] = std::isnan(point[axes_[f - 1]]) ? 0 : 0.5;
        continue;
      }
      const double u = point[axes_[f]];
      if (features_[f].category) {
        row[f] = std::isnan(u) ? -1 : static_cast<double>(cube_.axes()[axes_[f]].cell(u));
      } else {
        row[f] = std::isnan(u) ? 0.5 : u;
      }
    }
  }

 private:
  const UnitCube& cube_;
  std::vector<GaussianProcess::Feature> features_;
  std::vector<std::size_t> axes_;
  std::size_t scales_ = 0;
};

struct Standardised {
  std::vector<double> values;
  double log_slope = 0;  // sum of log dz/dy: by it densities of differently warped values compare
};

Standardised standardise(std::vector<double> values, double log_slope) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double square = 0;
  for (const double v : values) square += (v - mean) * (v - mean);
  const double deviation = std::sqrt(square / count);
  const double scale = deviation > 0 && std::isfinite(deviation) ? 1 / deviation : 1;
  for (double& v : values) v = (v - mean) * scale;
  return {std::move(values), log_slope + count * std::log(scale)};
}

/// log(1 + (y - min) / softness): values much above the best by more than `softness` are drawn together.
Standardised warp(std::vector<double> values, double softness) {
  const double least = *std::min_element(values.begin(), values.end());
  double log_slope = 0;
  for (double& v : values) {
    log_slope -= std::log(v - least + softness);
    v = std::log1p((v - least) / softness);
  }
  return standardise(std::move(values), log_slope);
}

/// How much better than the best a point is expected to be, with the chance that it holds the constraints; logarithms.
class GpAcquisition {
 public:
  GpAcquisition(const UnitCube& cube, const GpEncoding& encoding, std::optional<GaussianProcess> objective, double best,
                std::vector<std::pair<GaussianProcess, double>> constraints)
      : cube_(cube),
        encoding_(encoding),
        objective_(std::move(objective)),
        best_(best),
        constraints_(std::move(constraints)),
        row_(encoding.size()),
        by_mean_(encoding.size()),
        by_variance_(encoding.size()),
        by_feature_(encoding.size()) {}

  double at(std::span<const double> point) const {
    encoding_.encode(point, row_);
    double sum = 0;
    if (objective_) {
      const GaussianProcess::Posterior p = objective_->at(row_);
      const double deviation = std::sqrt(p.variance);
      sum += std::log(deviation) + log_improvement((best_ - p.mean) / deviation).value;
    }
    for (const auto& [process, limit] : constraints_) {
      const GaussianProcess::Posterior p = process.at(row_);
      sum += log_normal_probability((limit - p.mean) / std::sqrt(p.variance)).value;
    }
    return sum;
  }

  /// The gradient by the coordinates; 0 for choices and what the point does not have.
  double at(std::span<const double> point, std::span<double> gradient) const {
    encoding_.encode(point, row_);
    std::fill(by_feature_.begin(), by_feature_.end(), 0.0);
    double sum = 0;
    if (objective_) {
      const GaussianProcess::Posterior p = objective_->at(row_, by_mean_, by_variance_);
      const double deviation = std::sqrt(p.variance), z = (best_ - p.mean) / deviation;
      const LogProbability improvement = log_improvement(z);
      sum += std::log(deviation) + improvement.value;
      add_scaled(by_feature_, -improvement.slope / deviation, by_mean_);
      add_scaled(by_feature_, (1 - improvement.slope * z) / (2 * p.variance), by_variance_);
    }
    for (const auto& [process, limit] : constraints_) {
      const GaussianProcess::Posterior p = process.at(row_, by_mean_, by_variance_);
      const double deviation = std::sqrt(p.variance), z = (limit - p.mean) / deviation;
      const LogProbability holds = log_normal_probability(z);
      sum += holds.value;
      add_scaled(by_feature_, -holds.slope / deviation, by_mean_);
      add_scaled(by_feature_, -holds.slope * z / (2 * p.variance), by_variance_);
    }
    std::fill(gradient.begin(), gradient.end(), 0.0);
    for (std::size_t f = 0; f < encoding_.size(); ++f) {
      if (encoding_.axis(f) != GpEncoding::presence && !std::isnan(point[encoding_.axis(f)])) {
        gradient[encoding_.axis(f)] = by_feature_[f];
      }
    }
    return sum;
  }

  const UnitCube& cube() const { return cube_; }

 private:
  const UnitCube& cube_;
  const GpEncoding& encoding_;
  std::optional<GaussianProcess> objective_;  // none while no trial holds the constraints: then only those are sought
  double best_;
  std::vector<std::pair<GaussianProcess, double>> constraints_;  // with the value (standardised) below which they hold
  mutable std::vector<double> row_, by_mean_, by_variance_, by_feature_;
};

struct Candidate {
  UnitCube::Point point;
  double score;
};

/// Climbs from a candidate: along the gradient for what is continuous, to better neighbours for what is counted, in
/// turn.
void climb(const GpAcquisition& acquisition, Candidate& candidate, CounterRandom& random) {
  const UnitCube& cube = acquisition.cube();
  const auto fill = [&](std::size_t) { return random.uniform(); };
  for (int round = 0; round < 3; ++round) {
    const double before = candidate.score;
    std::vector<double> lower(cube.size(), 0.0), upper(cube.size(), 1.0);
    bool continuous = false;
    for (std::size_t i = 0; i < cube.size(); ++i) {
      const UnitCube::Axis& axis = cube.axes()[i];
      const bool fixed =
          axis.choice || (axis.cells > 0 && axis.cells <= gp_few_cells) || std::isnan(candidate.point[i]);
      if (fixed) lower[i] = upper[i] = candidate.point[i];
      continuous |= !fixed;
    }
    if (continuous) {
      // Coordinates that a point does not have stay NaN through any arithmetic, and their gradient is 0.
      UnitCube::Point start = candidate.point;
      std::vector<bool> absent(cube.size());
      for (std::size_t i = 0; i < cube.size(); ++i) {
        absent[i] = std::isnan(start[i]);
        if (absent[i]) start[i] = lower[i] = upper[i] = 0.5;
      }
      UnitCube::Point point(cube.size());
      const auto with_absent = [&](std::span<const double> x) {
        for (std::size_t i = 0; i < x.size(); ++i)
          point[i] = absent[i] ? std::numeric_limits<double>::quiet_NaN() : x[i];
      };
      const BoxMinimum found = minimize_in_box(
          [&](std::span<const double> x, std::span<double> gradient) {
            with_absent(x);
            const double value = acquisition.at(point, gradient);
            for (std::size_t i = 0; i < x.size(); ++i) gradient[i] = lower[i] == upper[i] ? 0 : -gradient[i];
            return -value;
          },
          start, lower, upper, {.iterations = 40, .tolerance = 1e-3, .least_decrease = 1e-5, .first_step = 0.02});
      with_absent(found.x);
      cube.settle(point, fill);
      const double score = acquisition.at(point);
      if (score > candidate.score) candidate = {point, score};
    }
    bool counted = false;
    for (std::size_t i = 0; i < cube.size(); ++i) {
      const UnitCube::Axis& axis = cube.axes()[i];
      if (axis.cells <= 1 || std::isnan(candidate.point[i])) continue;
      counted = true;
      const std::int64_t now = axis.cell(candidate.point[i]);
      std::vector<std::int64_t> others;
      if (axis.choice || axis.cells <= 12) {
        for (std::int64_t k = 0; k < axis.cells; ++k) others.push_back(k);
      } else {
        for (std::int64_t step = 1; step < axis.cells; step *= 3) {
          others.push_back(now - step);
          others.push_back(now + step);
        }
      }
      for (const std::int64_t other : others) {
        if (other == now || other < 0 || other >= axis.cells) continue;
        UnitCube::Point point = candidate.point;
        point[i] = axis.middle(other);
        cube.settle(point, fill);
        const double score = acquisition.at(point);
        if (score > candidate.score) candidate = {std::move(point), score};
        if (std::isnan(candidate.point[i])) break;
      }
    }
    if (!counted || candidate.score < before + 1e-4) break;
  }
}

/// Bayesian optimisation with a Gaussian process: log expected improvement (Ament et al., "Unexpected improvements to
/// expected improvement for Bayesian optimization", NeurIPS 2023) times the probability that the constraints hold
/// (Gardner et al., "Bayesian optimization with inequality constraints", ICML 2014), after a Latin hypercube. For small
/// budgets: the cost of a suggestion grows with the third power of the trials, and beyond 250 it looks at the best and
/// the newest alone.
///
/// The values may be warped by a logarithm, when that makes them more probable under the process (Snelson, Rasmussen
/// and Ghahramani, "Warped Gaussian processes", NIPS 2003). One trial in three must promise a substantial improvement,
/// so that not all are spent on polishing a local optimum (Lizotte, PhD thesis, Alberta 2008, section 4.2).
///
/// Several objectives are weighed anew at random for every trial (Knowles, "ParEGO", IEEE Trans. Evol. Comput. 2006).
/// Running trials are believed to end as predicted. Failed trials count as the worst that was seen, and pruned ones as
/// no better than the median of the finished: their values were measured too early to compare.
class GaussianProcessSampler : public Sampler {
 public:
  GaussianProcessSampler(const SearchSpace& space, const SamplerContext& context)
      : space_(space), context_(context), cube_(space), encoding_(cube_) {
    // As many as there are parameters; from then on the process chooses better than any design.
    design_ = latin_hypercube(std::clamp<std::size_t>(encoding_.scales(), 6, 20), cube_.size(),
                              static_cast<std::uint64_t>(context.seed));
  }

  bool learns() const override { return true; }

  std::optional<Suggestion> suggest(std::int64_t number, const History& history) const override {
    CounterRandom random(static_cast<std::uint64_t>(context_.seed), gp_random_stream,
                         static_cast<std::uint64_t>(number));
    const auto fresh = [&](const Parameters& parameters) {
      return std::none_of(history.trials.begin(), history.trials.end(),
                          [&](const Trial& trial) { return trial.number != number && trial.parameters == parameters; });
    };
    if (number < static_cast<std::int64_t>(design_.size())) {
      const Parameters parameters = cube_.parameters(design_[static_cast<std::size_t>(number)]);
      if (fresh(parameters)) return Suggestion{.parameters = parameters};
    }

    std::vector<UnitCube::Point> all;  // of small spaces
    const std::int64_t size = space_.size();
    if (size > 0 && size <= gp_small_space) {
      for (std::int64_t i = 0; i < size; ++i) {
        const Parameters parameters = space_.grid_at(i, 1);
        if (fresh(parameters)) all.push_back(*cube_.point(parameters));
      }
      if (all.empty()) return std::nullopt;
    }
    const Data data = gather(number, history);
    std::vector<Candidate> candidates;
    if (data.values.size() >= 2 && encoding_.size() > 0) {
      const GpAcquisition acquisition = model(data, number % 3 == 0 ? substantial : 0, random);
      candidates = all.empty() ? search(acquisition, data, random) : std::vector<Candidate>();
      for (UnitCube::Point& point : all) {
        const double score = acquisition.at(point);
        candidates.push_back({std::move(point), score});
      }
      std::stable_sort(candidates.begin(), candidates.end(),
                       [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
    } else if (!all.empty()) {
      candidates.push_back({all[random.below(all.size())], 0});
    }
    for (const Candidate& candidate : candidates) {
      Parameters parameters = cube_.parameters(candidate.point);
      if (fresh(parameters)) return Suggestion{.parameters = std::move(parameters)};
    }
    UnitCube::Point point(cube_.size());
    for (double& u : point) u = random.uniform();
    return Suggestion{.parameters = space_.at(point)};
  }

 private:
  struct Data {
    std::vector<UnitCube::Point> points;          // of ended trials
    std::vector<std::vector<double>> values;      // their objectives, failed and pruned ones filled in
    std::vector<std::vector<double>> violations;  // empty where not known
    std::vector<bool> feasible;                   // finished, and every constraint holds
    std::vector<UnitCube::Point> running;
  };

  /// Infinite values are as good as none: a process cannot learn from them.
  bool measured(const Trial& trial) const {
    return static_cast<std::int64_t>(trial.values.size()) == context_.objectives &&
           std::all_of(trial.values.begin(), trial.values.end(), [](double value) { return std::isfinite(value); });
  }

  Data gather(std::int64_t number, const History& history) const {
    std::vector<const Trial*> ended;
    Data data;
    for (const Trial& trial : history.trials) {
      if (trial.number == number) continue;
      if (trial.state == TrialState::running || trial.state == TrialState::waiting) {
        if (auto point = cube_.point(trial.parameters); point && !trial.parameters.empty())
          data.running.push_back(std::move(*point));
      } else {
        ended.push_back(&trial);
      }
    }
    if (ended.size() > gp_most_points) {
      std::vector<const Trial*> kept(ended.end() - gp_most_points / 2, ended.end());
      for (const std::size_t i : order_of_merit(ended)) {
        if (kept.size() == gp_most_points) break;
        if (i < ended.size() - gp_most_points / 2) kept.push_back(ended[i]);
      }
      ended = std::move(kept);
    }
    const auto objectives = static_cast<std::size_t>(context_.objectives);
    std::vector<std::vector<double>> finished(objectives);
    for (const Trial* trial : ended) {
      if (trial->state != TrialState::finished || !measured(*trial)) continue;
      for (std::size_t k = 0; k < objectives; ++k) finished[k].push_back(trial->values[k]);
    }
    if (finished[0].empty()) return data;
    for (std::vector<double>& values : finished) std::sort(values.begin(), values.end());
    for (const Trial* trial : ended) {
      std::optional<UnitCube::Point> point = cube_.point(trial->parameters);
      if (!point) continue;
      const bool known = measured(*trial);
      std::vector<double> values;
      for (std::size_t k = 0; k < objectives; ++k) {
        double value = known ? trial->values[k] : finished[k].back();
        if (trial->state == TrialState::pruned) value = std::max(value, finished[k][finished[k].size() / 2]);
        values.push_back(value);
      }
      data.points.push_back(std::move(*point));
      data.values.push_back(std::move(values));
      data.violations.push_back(trial->violations);
      data.feasible.push_back(known && trial->state == TrialState::finished && trial->feasible());
    }
    return data;
  }

  /// One value a trial. Several objectives are each scaled to [0, 1] and weighed by the augmented Chebyshev norm.
  std::vector<double> scalars(const Data& data, CounterRandom& random) const {
    const std::size_t objectives = data.values[0].size();
    std::vector<double> weights(objectives, 1.0), low(objectives), high(objectives), result;
    if (objectives == 1) {
      for (const std::vector<double>& values : data.values) result.push_back(values[0]);
      return result;
    }
    double sum = 0;
    for (double& weight : weights) sum += weight = -std::log(1 - random.uniform());  // even over the simplex
    for (std::size_t k = 0; k < objectives; ++k) {
      low[k] = high[k] = data.values[0][k];
      for (const std::vector<double>& values : data.values) {
        low[k] = std::min(low[k], values[k]);
        high[k] = std::max(high[k], values[k]);
      }
    }
    for (const std::vector<double>& values : data.values) {
      double most = 0, total = 0;
      for (std::size_t k = 0; k < objectives; ++k) {
        const double share = high[k] > low[k] ? (values[k] - low[k]) / (high[k] - low[k]) : 0;
        most = std::max(most, weights[k] / sum * share);
        total += weights[k] / sum * share;
      }
      result.push_back(most + 0.05 * total);
    }
    return result;
  }

  GaussianProcess::Hyperparameters start() const {
    return {
        .length_scales = std::vector<double>(encoding_.scales(), prior_.length_scale), .variance = 1, .noise = 1e-3};
  }

  /// A process of the values, warped where that makes them more probable.
  GaussianProcess fit_objective(const Matrix& inputs, std::vector<double> values) const {
    double largest = 0;
    for (const double v : values) largest = std::max(largest, std::fabs(v));
    for (double& v : values) v = largest > 0 ? v / largest : 0;  // so that no square overflows
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const double typical = sorted[sorted.size() / 2] - sorted[0];
    std::vector<Standardised> forms{standardise(values, 0)};
    if (typical > 0) {
      for (const double softness : {1.0, 0.1}) forms.push_back(warp(values, softness * typical));
    }
    std::optional<GaussianProcess::Hyperparameters> best;
    GaussianProcess::Hyperparameters from = start();
    const Standardised* chosen = nullptr;
    double best_score = -std::numeric_limits<double>::infinity();
    for (const Standardised& form : forms) {
      double score = 0;
      GaussianProcess::Hyperparameters found =
          GaussianProcess::most_probable(encoding_.features(), inputs, form.values, prior_, from, 40, &score);
      from = found;
      from.noise = std::max(from.noise, 1e-5);
      if (chosen == nullptr || score + form.log_slope > best_score) {
        best_score = score + form.log_slope;
        best = std::move(found);
        chosen = &form;
      }
    }
    return {encoding_.features(), inputs, chosen->values, *best};
  }

  /// `demand`: by how much the best must be improved on, in standard deviations of the values.
  GpAcquisition model(const Data& data, double demand, CounterRandom& random) const {
    const std::size_t count = data.points.size();
    Matrix inputs(count, encoding_.size());
    for (std::size_t a = 0; a < count; ++a) encoding_.encode(data.points[a], inputs.row(a));
    std::vector<double> row(encoding_.size());

    std::vector<std::pair<GaussianProcess, double>> constraints;
    std::size_t constraint_count = 0;
    for (const std::vector<double>& violations : data.violations)
      constraint_count = std::max(constraint_count, violations.size());
    for (std::size_t k = 0; k < constraint_count; ++k) {
      std::vector<std::size_t> known;
      std::vector<double> missed;
      for (std::size_t a = 0; a < count; ++a) {
        if (data.violations[a].size() <= k) continue;
        known.push_back(a);
        missed.push_back(std::clamp(data.violations[a][k], -1e100, 1e100));
      }
      // A constraint that never bound tells nothing, and one that a single trial knows neither.
      if (missed.size() < 2 || *std::max_element(missed.begin(), missed.end()) <= 0) continue;
      Matrix where(known.size(), encoding_.size());
      for (std::size_t a = 0; a < known.size(); ++a)
        std::copy(inputs.row(known[a]).begin(), inputs.row(known[a]).end(), where.row(a).begin());
      const double mean = std::accumulate(missed.begin(), missed.end(), 0.0) / static_cast<double>(missed.size());
      double square = 0;
      for (const double m : missed) square += (m - mean) * (m - mean);
      const double scale = square > 0 ? 1 / std::sqrt(square / static_cast<double>(missed.size())) : 1;
      for (double& m : missed) m = (m - mean) * scale;
      const auto found = GaussianProcess::most_probable(encoding_.features(), where, missed, prior_, start(), 40);
      constraints.emplace_back(GaussianProcess(encoding_.features(), where, missed, found), -mean * scale);
    }

    const bool any = std::any_of(data.feasible.begin(), data.feasible.end(), [](bool f) { return f; });
    std::optional<GaussianProcess> objective;
    double best = std::numeric_limits<double>::infinity();
    if (any || constraints.empty()) {
      objective = fit_objective(inputs, scalars(data, random));
      // What the process believes at the best trial, not what was measured there: noise is not progress.
      for (std::size_t a = 0; a < count; ++a) {
        if (data.feasible[a] || !any) best = std::min(best, objective->at(inputs.row(a)).mean);
      }
    }
    for (const UnitCube::Point& point : data.running) {
      encoding_.encode(point, row);
      if (objective) {
        best = std::min(best, objective->at(row).mean);
        objective->believe(row);
      }
      for (auto& [process, limit] : constraints) process.believe(row);
    }
    return {cube_, encoding_, std::move(objective), best - demand, std::move(constraints)};
  }

  std::vector<Candidate> search(const GpAcquisition& acquisition, const Data& data, CounterRandom& random) const {
    const auto fill = [&](std::size_t) { return random.uniform(); };
    std::vector<Candidate> candidates;
    const auto add = [&](UnitCube::Point point) {
      cube_.settle(point, fill);
      const double score = acquisition.at(point);
      candidates.push_back({std::move(point), score});
    };
    for (int i = 0; i < 300; ++i) {
      UnitCube::Point point(cube_.size());
      for (double& u : point) u = random.uniform();
      add(std::move(point));
    }
    // Around the best trials, near and nearer: there the improvement is a narrow peak that random points miss.
    std::vector<std::size_t> order(data.points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::vector<std::vector<std::size_t>> fronts = non_dominated_fronts(data.values);
    order.clear();
    for (const auto& front : fronts) order.insert(order.end(), front.begin(), front.end());
    for (std::size_t rank = 0; rank < std::min<std::size_t>(4, order.size()); ++rank) {
      double radius = 0.3;
      for (int i = 0; i < 25; ++i, radius *= 0.8) {
        UnitCube::Point point = data.points[order[rank]];
        for (std::size_t k = 0; k < point.size(); ++k) {
          if (std::isnan(point[k])) continue;
          if (cube_.axes()[k].choice) {
            if (random.uniform() < radius) point[k] = random.uniform();
          } else {
            point[k] = std::clamp(point[k] + radius * random.normal(), 0.0, 1.0);
          }
        }
        add(std::move(point));
      }
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
    constexpr std::size_t climbers = 6;
    for (std::size_t i = 0; i < std::min(climbers, candidates.size()); ++i) climb(acquisition, candidates[i], random);
    return candidates;
  }

  static constexpr double substantial = 0.1;

  const SearchSpace& space_;
  SamplerContext context_;
  UnitCube cube_;
  GpEncoding encoding_;
  GaussianProcess::Prior prior_;
  std::vector<UnitCube::Point> design_;
};

}  // namespace

std::unique_ptr<SamplerOptions> gaussian_process_sampler() {
  return std::make_unique<NoSamplerOptions<GaussianProcessSampler>>();
}

}  // namespace atelier
