#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/random.h"
#include "sweeps/linear_algebra.h"
#include "sweeps/normal_distribution.h"
#include "sweeps/pareto.h"
#include "sweeps/samplers/population_options.h"
#include "sweeps/unit_cube.h"

namespace atelier {
namespace {

constexpr std::uint64_t cma_draw_stream = 0xc3a;
constexpr std::uint64_t cma_fill_stream = 0xc3b;

/// A coordinate on the line, folded back into [0, 1] at its ends.
double reflected(double u) {
  u = std::fmod(std::fabs(u), 2.0);
  return u > 1 ? 2 - u : u;
}

/// What CMA-ES knows after some generations: a normal distribution of the ordered coordinates, and for each choice the
/// probability of its values.
///
/// Sources: Hansen, "The CMA evolution strategy: a tutorial", arXiv 1604.00772v2, 2023 (the update with negative
/// weights, equations 46 to 58); Hamano et al., "CMA-ES with margin", GECCO 2022, section 4 (whole numbers); Hamano et
/// al., "CatCMA", GECCO 2024, section 3 (choices: the natural gradient, and their margin).
class CmaState {
 public:
  CmaState(const UnitCube& cube, std::vector<double> mean, double step, std::size_t population)
      : cube_(&cube), mean_(std::move(mean)), step_(step), population_(population) {
    for (std::size_t i = 0; i < cube.size(); ++i) {
      const UnitCube::Axis& axis = cube.axes()[i];
      if (axis.choice) {
        probabilities_.emplace_back(static_cast<std::size_t>(axis.cells), 1 / static_cast<double>(axis.cells));
      } else {
        probabilities_.emplace_back();
        if (axis.cells != 1) ordered_.push_back(i);
      }
    }
    const std::size_t n = ordered_.size();
    covariance_ = Matrix(n, n);
    for (std::size_t i = 0; i < n; ++i) covariance_(i, i) = 1;
    margin_scale_.assign(n, 1.0);
    step_path_.assign(n, 0.0);
    covariance_path_.assign(n, 0.0);
    decompose();
  }

  std::size_t population() const { return population_; }

  /// A draw: unsettled coordinates in [0, 1]; those of choices in the middle of a value.
  UnitCube::Point draw(CounterRandom& random) const {
    const std::size_t n = ordered_.size();
    UnitCube::Point point = mean_;
    std::vector<double> z(n);
    for (double& number : z) number = random.normal();
    for (std::size_t i = 0; i < n; ++i) {
      point[ordered_[i]] = reflected(mean_[ordered_[i]] + step_ * margin_scale_[i] * dot(root_.row(i), z));
    }
    for (std::size_t i = 0; i < cube_->size(); ++i) {
      if (!cube_->axes()[i].choice) continue;
      double u = random.uniform();
      std::size_t value = 0;
      while (value + 1 < probabilities_[i].size() && u >= probabilities_[i][value]) u -= probabilities_[i][value++];
      point[i] = cube_->axes()[i].middle(static_cast<std::int64_t>(value));
    }
    return point;
  }

  struct Member {
    UnitCube::Point point;  ///< As drawn: coordinates that the trial does not have are set all the same.
    std::vector<bool> has;  ///< Which coordinates the trial has.
  };

  /// Shortens the step from the mean to a point that another state has drawn to what this one might draw, so that it
  /// does not dominate the update. Source: Hansen, "Injecting external solutions into CMA-ES", INRIA RR-7748, 2011,
  /// equation 4.
  void shorten(Member& member) const {
    if (ordered_.empty()) return;
    const std::size_t n = ordered_.size();
    const auto dimension = static_cast<double>(n);
    std::vector<double> step(n);
    for (std::size_t i = 0; i < n; ++i)
      step[i] = (member.point[ordered_[i]] - mean_[ordered_[i]]) / (step_ * margin_scale_[i]);
    double squared = 0;
    for (std::size_t i = 0; i < n; ++i) squared += std::pow(dot(inverse_root_.row(i), step), 2);
    const double factor = (std::sqrt(dimension) + 2 * dimension / (dimension + 2)) / std::sqrt(squared);
    if (!(factor < 1)) return;
    for (std::size_t i = 0; i < n; ++i) {
      member.point[ordered_[i]] = mean_[ordered_[i]] + factor * step[i] * step_ * margin_scale_[i];
    }
  }

  /// One generation, the best first.
  void update(const std::vector<Member>& members) {
    const std::size_t count = members.size(), n = ordered_.size();
    const auto dimension = static_cast<double>(n);
    // Weights: tutorial, equations 49 to 53.
    std::vector<double> weights(count);
    double positive = 0, positive_squares = 0, negative = 0, negative_squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
      weights[i] = std::log((static_cast<double>(count) + 1) / 2) - std::log(static_cast<double>(i) + 1);
      (weights[i] > 0 ? positive : negative) += std::fabs(weights[i]);
      (weights[i] > 0 ? positive_squares : negative_squares) += weights[i] * weights[i];
    }
    const double mass = positive * positive / positive_squares;
    const double negative_mass = negative_squares > 0 ? negative * negative / negative_squares : 0;
    update_choices(members, weights, positive, mass);
    if (n == 0) {
      ++generations_;
      return;
    }
    const double c_step = (mass + 2) / (dimension + mass + 5);
    const double damping = 1 + 2 * std::max(0.0, std::sqrt((mass - 1) / (dimension + 1)) - 1) + c_step;
    const double c_path = (4 + mass / dimension) / (dimension + 4 + 2 * mass / dimension);
    const double c_one = 2 / ((dimension + 1.3) * (dimension + 1.3) + mass);
    const double c_many =
        std::min(1 - c_one, 2 * (0.25 + mass - 2 + 1 / mass) / ((dimension + 2) * (dimension + 2) + mass));
    const double negative_sum =
        std::min({1 + c_one / c_many, 1 + 2 * negative_mass / (mass + 2), (1 - c_one - c_many) / (dimension * c_many)});
    for (double& w : weights) w = w > 0 ? w / positive : negative > 0 ? w * negative_sum / negative : 0;

    // Steps in units of the distribution.
    std::vector<std::vector<double>> steps(count, std::vector<double>(n));
    for (std::size_t k = 0; k < count; ++k) {
      for (std::size_t i = 0; i < n; ++i) {
        steps[k][i] = (members[k].point[ordered_[i]] - mean_[ordered_[i]]) / (step_ * margin_scale_[i]);
      }
    }
    std::vector<double> move(n);
    for (std::size_t k = 0; k < count; ++k) {
      if (weights[k] > 0) add_scaled(move, weights[k], steps[k]);
    }
    const std::vector<double> before = mean_;
    for (std::size_t i = 0; i < n; ++i) {
      double& coordinate = mean_[ordered_[i]];
      coordinate = std::clamp(coordinate + step_ * margin_scale_[i] * move[i], 0.0, 1.0);
    }

    const double keep_step = 1 - c_step,
                 expected = std::sqrt(dimension) * (1 - 1 / (4 * dimension) + 1 / (21 * dimension * dimension));
    for (std::size_t i = 0; i < n; ++i) {
      step_path_[i] =
          keep_step * step_path_[i] + std::sqrt(c_step * (2 - c_step) * mass) * dot(inverse_root_.row(i), move);
    }
    const double length = std::sqrt(dot(step_path_, step_path_));
    const double settled = std::sqrt(1 - std::pow(keep_step, 2 * (static_cast<double>(generations_) + 1)));
    const bool stalled = length / settled >= (1.4 + 2 / (dimension + 1)) * expected;
    for (std::size_t i = 0; i < n; ++i) {
      covariance_path_[i] =
          (1 - c_path) * covariance_path_[i] + (stalled ? 0 : std::sqrt(c_path * (2 - c_path) * mass)) * move[i];
    }
    double weight_sum = 0;
    for (double& w : weights) weight_sum += w;
    const double keep = 1 + (stalled ? c_one * c_path * (2 - c_path) : 0) - c_one - c_many * weight_sum;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j)
        covariance_(i, j) = keep * covariance_(i, j) + c_one * covariance_path_[i] * covariance_path_[j];
    }
    for (std::size_t k = 0; k < count; ++k) {
      double weight = weights[k];
      if (weight < 0) {
        // So that a bad step, however long, takes no more than its share of variance.
        double squared = 0;
        for (std::size_t i = 0; i < n; ++i) {
          const double whitened = dot(inverse_root_.row(i), steps[k]);
          squared += whitened * whitened;
        }
        weight *= dimension / std::max(squared, 1e-12);
      }
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) covariance_(i, j) += c_many * weight * steps[k][i] * steps[k][j];
      }
    }
    step_ *= std::exp(std::min(1.0, c_step / damping * (length / expected - 1)));
    step_ = std::min(step_, 1.0);  // a wider distribution than the cube is no other one
    ++generations_;
    decompose();
    keep_margins();
  }

  /// Nothing more to find here: narrower than any difference that matters to a sweep, or too badly conditioned to go
  /// on.
  bool converged() const {
    double widest = 0;
    bool continuous = false;
    for (std::size_t i = 0; i < ordered_.size(); ++i) {
      // Counted values do not converge: their margin keeps them wide.
      if (cube_->axes()[ordered_[i]].cells > 0) continue;
      continuous = true;
      widest = std::max(widest, step_ * margin_scale_[i] * std::sqrt(covariance_(i, i)));
    }
    return (continuous && widest < 1e-5) || condition_ > 1e14;
  }

 private:
  void decompose() {
    const std::size_t n = ordered_.size();
    if (n == 0) return;
    const SymmetricEigen eigen = symmetric_eigen(covariance_);
    const double largest = eigen.values.back();
    condition_ = largest / std::max(eigen.values.front(), 1e-300);
    root_ = inverse_root_ = Matrix(n, n);
    for (std::size_t k = 0; k < n; ++k) {
      const double root = std::sqrt(std::max(eigen.values[k], 1e-20 * largest));
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          const double product = eigen.vectors(i, k) * eigen.vectors(j, k);
          root_(i, j) += root * product;
          inverse_root_(i, j) += product / root;
        }
      }
    }
  }

  /// Every value of a choice keeps a chance, and those of the selected gain. The rate grows with how many are selected,
  /// so that a few trials do not decide.
  void update_choices(const std::vector<Member>& members, const std::vector<double>& weights, double positive,
                      double mass) {
    for (std::size_t axis = 0; axis < cube_->size(); ++axis) {
      std::vector<double>& p = probabilities_[axis];
      if (p.size() < 2) continue;
      std::vector<double> selected(p.size());
      double share = 0;
      for (std::size_t k = 0; k < members.size(); ++k) {
        if (weights[k] <= 0 || !members[k].has[axis]) continue;
        selected[static_cast<std::size_t>(cube_->axes()[axis].cell(members[k].point[axis]))] += weights[k] / positive;
        share += weights[k] / positive;
      }
      const double rate = mass / (mass + 1.5 * static_cast<double>(p.size() - 1) + 2);
      for (std::size_t v = 0; v < p.size(); ++v) p[v] += rate * (selected[v] - share * p[v]);
      keep_chance(p);
    }
  }

  void keep_chance(std::vector<double>& p) const {
    const double least = 0.5 / (static_cast<double>(population_) * static_cast<double>(p.size() - 1));
    double sum = 0, spare = 0;
    for (double& x : p) {
      x = std::max(x, least);
      sum += x;
      spare += x - least;
    }
    for (double& x : p) x += (1 - sum) * (x - least) / spare;
  }

  /// Moves mean and spread of each counted coordinate so that another value than the likeliest keeps a chance.
  void keep_margins() {
    const double alpha = 1 / (static_cast<double>(ordered_.size()) * static_cast<double>(population_));
    for (std::size_t i = 0; i < ordered_.size(); ++i) {
      const UnitCube::Axis& axis = cube_->axes()[ordered_[i]];
      if (axis.cells == 0) continue;
      double& mean = mean_[ordered_[i]];
      const std::int64_t cell = axis.cell(mean);
      const double low = axis.edges[static_cast<std::size_t>(cell)],
                   high = axis.edges[static_cast<std::size_t>(cell) + 1];
      const double plain = step_ * std::sqrt(covariance_(i, i));  // without the margin's scale
      const double deviation = plain * margin_scale_[i];
      if (cell == 0 || cell + 1 == axis.cells) {
        const double reach = deviation * -normal_quantile(alpha);
        if (cell == 0 && high - mean > reach) mean = high - reach;
        if (cell != 0 && mean - low > reach) mean = low + reach;
        // One deviation wide enough to leave the cell from its middle, where moving alone would leave the cube.
        mean = std::clamp(mean, 0.0, 1.0);
        const double distance = cell == 0 ? high - mean : mean - low;
        const double least = distance / -normal_quantile(alpha);
        if (deviation < least) margin_scale_[i] = least / plain;
        continue;
      }
      double below = normal_probability((low - mean) / deviation),
             above = normal_probability((mean - high) / deviation);
      const double inside = 1 - below - above;
      if (below >= alpha / 2 && above >= alpha / 2) continue;
      const double raised_below = std::max(alpha / 2, below), raised_above = std::max(alpha / 2, above);
      const double total = raised_below + raised_above + inside;
      const double correction = (1 - total) / (total - 1.5 * alpha);
      below = std::clamp(raised_below + correction * (raised_below - alpha / 2), alpha / 2, 0.5 - 1e-6);
      above = std::clamp(raised_above + correction * (raised_above - alpha / 2), alpha / 2, 0.5 - 1e-6);
      const double to_low = -normal_quantile(below), to_high = -normal_quantile(above);
      mean = (low * to_high + high * to_low) / (to_low + to_high);
      margin_scale_[i] = (high - low) / (to_low + to_high) / plain;
    }
  }

  const UnitCube* cube_;
  std::vector<double> mean_;  // one a coordinate of the cube; those of choices do not count
  double step_;
  std::size_t population_;
  std::int64_t generations_ = 0;
  std::vector<std::size_t> ordered_;  // the coordinates that the normal distribution is about
  std::vector<std::vector<double>> probabilities_;
  Matrix covariance_, root_, inverse_root_;
  std::vector<double> margin_scale_, step_path_, covariance_path_;
  double condition_ = 1;
};

/// The covariance matrix adaptation evolution strategy, started where a small Latin hypercube was best, and started
/// anew with twice the population when it has converged (Auger and Hansen, "A restart CMA evolution strategy with
/// increasing population size", CEC 2005).
///
/// Generations are made of trial numbers: each worker replays the history and gets the same state. A trial of one
/// generation is drawn from what has ended of those before; a generation of which fewer than half have ended when it is
/// replayed tells nothing. Trials are compared by rank alone: failed ones are last, infeasible ones before them, then
/// pruned ones.
///
/// A sweep has few trials, so the best so far take part in every generation (Hansen, "Injecting external solutions into
/// CMA-ES", INRIA RR-7748, 2011), and the population is small unless there are many trials for it.
class CmaEsSampler : public Sampler {
 public:
  CmaEsSampler(const SearchSpace& space, const SamplerContext& context, std::int64_t population)
      : context_(context), cube_(space) {
    if (context.objectives > 1) {
      throw UsageError(format("the sampler cma-es works on one objective, not on {}; nsga2, gp and tpe take several",
                              context.objectives));
    }
    if (population != 0 && population < 4) {
      throw UsageError(format("population = {}: cma-es needs at least 4", population));
    }
    std::size_t varied = 0;
    for (const UnitCube::Axis& axis : cube_.axes()) varied += axis.cells != 1;
    const double dimension = static_cast<double>(std::max<std::size_t>(varied, 1));
    const double usual = 4 + std::floor(3 * std::log(dimension));  // tutorial, equation 48
    const double affordable =
        context.trials > 0 ? std::max(4.0, std::floor(static_cast<double>(context.trials) / 25)) : usual;
    population_ =
        static_cast<std::size_t>(population > 0 ? static_cast<double>(population) : std::min(usual, affordable));
    design_ = latin_hypercube(design_generations * population_, cube_.size(), static_cast<std::uint64_t>(context.seed));
  }

  bool learns() const override { return true; }

  std::optional<Suggestion> suggest(std::int64_t number, const History& history) const override {
    if (number < static_cast<std::int64_t>(design_.size())) {
      return Suggestion{.parameters = cube_.parameters(design_[static_cast<std::size_t>(number)])};
    }
    const Progress& progress = replay(number, history);
    UnitCube::Point point = draw(progress.state, number);
    cube_.settle(point);
    return Suggestion{.parameters = cube_.parameters(point)};
  }

 private:
  static constexpr std::size_t design_generations = 2;

  /// The strategy after all generations before the one that begins at trial `next`.
  struct Progress {
    CmaState state;
    std::int64_t next;
    std::size_t trials;  // of the history that lie before `next`
    std::size_t restarts;
    std::vector<Trial> best;  // since the last start
  };

  /// Replays the generations before a trial's. What the last call found is used again as far as the history is the
  /// same, so that a long sweep does not begin at its first trial each time; the result does not depend on it.
  const Progress& replay(std::int64_t number, const History& history) const {
    std::size_t same = 0;
    while (same < seen_.size() && same < history.trials.size() && equal(seen_[same], history.trials[same])) ++same;
    const auto holds = [&](const Progress& progress) {
      const std::size_t trials = progress.trials;
      return progress.next <= number && trials <= same &&
             (trials == history.trials.size() || history.trials[trials].number >= progress.next);
    };
    while (!progress_.empty() && !holds(progress_.back())) progress_.pop_back();
    seen_.resize(progress_.empty() ? 0 : progress_.back().trials);

    const auto take = [&](std::int64_t end) {
      std::vector<const Trial*> ended;
      for (; seen_.size() < history.trials.size() && history.trials[seen_.size()].number < end;) {
        const Trial& trial = history.trials[seen_.size()];
        if (trial.state != TrialState::running && trial.state != TrialState::waiting) ended.push_back(&trial);
        seen_.push_back(trial);
      }
      return ended;
    };
    if (progress_.empty()) {
      const auto next = static_cast<std::int64_t>(design_.size());
      const std::vector<const Trial*> ended = take(next);
      progress_.push_back({begin(ended, 0), next, seen_.size(), 0, {}});
    }
    for (;;) {
      Progress progress = progress_.back();
      const std::size_t population = progress.state.population();
      progress.next += static_cast<std::int64_t>(population);
      if (progress.next > number) return progress_.back();
      const std::vector<const Trial*> ended = take(progress.next);
      progress.trials = seen_.size();
      if (2 * ended.size() >= population) advance(progress, ended);
      if (progress.state.converged()) {
        progress.best.clear();
        progress.state = begin({}, ++progress.restarts);
      }
      // Some older ones stay, for when a trial of the last generations ends late.
      if (progress_.size() == kept_generations) progress_.erase(progress_.begin());
      progress_.push_back(std::move(progress));
    }
  }

  /// One generation.
  void advance(Progress& progress, const std::vector<const Trial*>& ended) const {
    const std::vector<Trial> before = std::move(progress.best);
    progress.best.clear();
    std::vector<const Trial*> all;
    for (const Trial& trial : before) all.push_back(&trial);
    all.insert(all.end(), ended.begin(), ended.end());
    std::vector<CmaState::Member> members;
    for (const std::size_t i : order_of_merit(all)) {
      std::optional<CmaState::Member> member = member_of(*all[i], progress.state);
      if (!member) continue;
      progress.state.shorten(*member);
      members.push_back(std::move(*member));
      if (progress.best.size() < elite && all[i]->state != TrialState::failed) progress.best.push_back(*all[i]);
    }
    if (members.size() >= 3) progress.state.update(members);
  }

  static bool equal(const Trial& a, const Trial& b) {
    return a.number == b.number && a.state == b.state && a.values == b.values && a.violations == b.violations &&
           a.parameters == b.parameters && a.curve.empty() == b.curve.empty() &&
           (a.curve.empty() || a.curve.back().first == b.curve.back().first);
  }

  UnitCube::Point draw(const CmaState& state, std::int64_t number) const {
    CounterRandom random(static_cast<std::uint64_t>(context_.seed), cma_draw_stream,
                         static_cast<std::uint64_t>(number));
    return state.draw(random);
  }

  /// A state to start from: at the best of these trials, or, with none, at random.
  CmaState begin(const std::vector<const Trial*>& design, std::size_t restarts) const {
    CounterRandom random(static_cast<std::uint64_t>(context_.seed), cma_fill_stream, restarts);
    std::vector<double> mean(cube_.size());
    for (double& u : mean) u = random.uniform();
    const std::vector<std::size_t> order = order_of_merit(design);
    for (auto best = order.rbegin(); best != order.rend(); ++best) {
      // From the worst to the best, so that coordinates which the best does not have come from the next that has them.
      if (const std::optional<UnitCube::Point> point = cube_.point(design[*best]->parameters)) {
        for (std::size_t i = 0; i < mean.size(); ++i) mean[i] = std::isnan((*point)[i]) ? mean[i] : (*point)[i];
      }
    }
    CmaState state(cube_, std::move(mean), first_step, population_ << std::min<std::size_t>(restarts, 6));
    return state;
  }

  /// A trial as the state drew it. Its parameters say less than the draw, which whole numbers round and which has
  /// coordinates that conditions hide, so the draw is repeated; where it came from another state (not all before it had
  /// ended) or another sampler, the parameters themselves count.
  std::optional<CmaState::Member> member_of(const Trial& trial, const CmaState& state) const {
    CmaState::Member member{.point = draw(state, trial.number), .has = {}};
    const std::optional<UnitCube::Point> parameters = cube_.point(trial.parameters);
    if (!parameters) return std::nullopt;
    for (std::size_t i = 0; i < cube_.size(); ++i) {
      const double u = (*parameters)[i];
      member.has.push_back(!std::isnan(u));
      if (std::isnan(u)) continue;
      const UnitCube::Axis& axis = cube_.axes()[i];
      if (axis.cells == 0 || axis.cell(u) != axis.cell(member.point[i])) member.point[i] = u;
    }
    return member;
  }

  static constexpr std::size_t kept_generations = 8;
  static constexpr std::size_t elite = 3;     // trials that take part in every generation
  static constexpr double first_step = 0.15;  // of the range; the design has found the right part of it

  SamplerContext context_;
  UnitCube cube_;
  std::size_t population_ = 0;
  std::vector<UnitCube::Point> design_;
  mutable std::vector<Trial> seen_;         // what the newest of the next was made of
  mutable std::vector<Progress> progress_;  // after the last generations, the newest last
};

}  // namespace

std::unique_ptr<SamplerOptions> cma_es_sampler() { return std::make_unique<PopulationOptions<CmaEsSampler>>(); }

}  // namespace atelier
