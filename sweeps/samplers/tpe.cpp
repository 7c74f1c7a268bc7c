#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>

#include "framework/core/random.h"
#include "sweeps/sampler.h"
#include "sweeps/samplers/parzen_estimator.h"
#include "sweeps/samplers/sobol.h"
#include "sweeps/samplers/trial_ranking.h"

namespace atelier {
namespace {

constexpr std::uint64_t tpe_stream = 0x79e;

// Chosen on the functions of tests/benchmarks/search_quality, with other seeds than those that are reported.
constexpr std::size_t startup_trials = 10;   // Until so many have ended, points come from a Sobol sequence.
constexpr double good_share = 0.12;          // So many of the trials that have ended are what good ones look like,
constexpr std::size_t most_good = 15;        // but not more.
constexpr std::size_t candidate_count = 24;  // Points drawn from the density of good ones, of which the best is taken.
constexpr std::size_t recent_trials = 25;    // Worse trials older than so many count less with their age.
constexpr std::size_t most_worse = 1000;  // Kernels of worse trials, lest a suggestion of a long sweep costs ever more.
// Narrower than the 1 / (2 + points) that is common, which finds valleys but not their floor; the even kernels weigh
// more instead.
constexpr ParzenEstimator::Options of_good{.even_weight = 1.5, .least_width = 0.01, .width_factor = 0.25};
constexpr ParzenEstimator::Options of_worse{.even_weight = 2, .least_width = 0.03, .width_factor = 0.3};

/// The dimensions that the same trials have: those with the same conditions.
struct Group {
  std::vector<std::size_t> dimensions;
  std::size_t depth = 0;  // of conditions that stand on others
};

std::vector<Group> groups_of(const SearchSpace& space) {
  const std::vector<Dimension>& dimensions = space.dimensions();
  std::vector<Group> groups;
  std::vector<std::string> conditions;  // of each group, as text
  std::vector<std::size_t> depths;
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    std::string text;
    std::size_t depth = 0;
    for (const Condition& condition : dimensions[d].when) {
      text += toml_key(condition.key) + "=" + to_toml(Value(condition.values)) + "\n";
      for (std::size_t other = 0; other < d; ++other) {
        if (dimensions[other].key == condition.key) depth = std::max(depth, depths[other] + 1);
      }
    }
    depths.push_back(depth);
    const auto found =
        static_cast<std::size_t>(std::find(conditions.begin(), conditions.end(), text) - conditions.begin());
    if (found == groups.size()) {
      conditions.push_back(text);
      groups.push_back({.dimensions = {}, .depth = depth});
    }
    groups[found].dimensions.push_back(d);
  }
  // What a group's conditions ask for has been chosen before it.
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.depth < b.depth; });
  return groups;
}

/// What the sampler has read of the history, kept from one suggestion to the next: reading a trial again costs more
/// than seeing that it has not changed. It is a function of the history alone.
class SeenTrials {
 public:
  explicit SeenTrials(const SearchSpace& space)
      : space_(space), positions_(space.dimensions().size()), by_axis_(positions_.size()), finite_(space.size() > 0) {}

  void read(const History& history, std::int64_t objectives) {
    while (trials_.size() > history.trials.size()) forget_last();
    for (std::size_t i = 0; i < history.trials.size(); ++i) {
      const Trial& trial = history.trials[i];
      if (i < trials_.size()) {
        if (!same(trials_[i].parameters, trial.parameters)) {
          // Positions stand in order below; a trial that changes its parameters is of another history.
          while (trials_.size() > i) forget_last();
        } else if (trials_[i].says_the_same_as(trial)) {
          continue;
        }
      }
      if (i == trials_.size()) append(trial);
      Seen& seen = trials_[i];
      seen.number = trial.number;
      seen.state = trial.state;
      seen.values = trial.values;
      seen.violations = trial.violations;
      seen.resource = resource_of(trial);
      seen.standing = standing(trial, objectives);
    }
  }

  std::size_t size() const { return trials_.size(); }
  std::int64_t number(std::size_t i) const { return trials_[i].number; }
  const std::optional<Standing>& standing_of(std::size_t i) const { return trials_[i].standing; }
  /// Where a trial lies on a dimension; NaN when it does not have it.
  float position(std::size_t dimension, std::size_t i) const { return positions_[dimension][i]; }
  /// The trials that have a dimension, in ascending order of where they lie.
  const std::vector<int>& by_axis(std::size_t dimension) const { return by_axis_[dimension]; }

  bool has(const Group& group, std::size_t i) const {
    return std::none_of(group.dimensions.begin(), group.dimensions.end(),
                        [&](std::size_t d) { return std::isnan(positions_[d][i]); });
  }

  /// How many trials have these parameters. Only for spaces with an end.
  int times_tried(const Parameters& parameters) const {
    const auto found = tried_.find(text_of(positions_of(parameters)));
    return found == tried_.end() ? 0 : found->second;
  }

 private:
  struct Seen {
    std::int64_t number = 0;
    TrialState state = TrialState::waiting;
    Parameters parameters;
    std::vector<double> values, violations;
    double resource = 0;
    std::optional<Standing> standing;  // a function of what stands above it

    bool says_the_same_as(const Trial& trial) const {
      return number == trial.number && state == trial.state && values == trial.values &&
             violations == trial.violations && resource == resource_of(trial);
    }
  };

  static double resource_of(const Trial& trial) { return trial.curve.empty() ? -1 : trial.curve.back().first; }

  /// Keys follow from the values: those of conditions decide which parameters there are.
  static bool same(const Parameters& a, const Parameters& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x.second == y.second; });
  }

  std::vector<float> positions_of(const Parameters& parameters) const {
    std::vector<float> positions;
    for (const Dimension& dimension : space_.dimensions()) {
      const Value* value = find(parameters, dimension.key);
      positions.push_back(value ? static_cast<float>(dimension.position(*value))
                                : std::numeric_limits<float>::quiet_NaN());
    }
    return positions;
  }

  static std::string text_of(const std::vector<float>& positions) {
    std::string text(positions.size() * sizeof(float), '\0');
    for (std::size_t d = 0; d < positions.size(); ++d) {
      const float position = std::isnan(positions[d]) ? -1 : positions[d];
      std::memcpy(text.data() + d * sizeof(float), &position, sizeof(float));
    }
    return text;
  }

  void append(const Trial& trial) {
    const auto i = static_cast<int>(trials_.size());
    trials_.push_back({.parameters = trial.parameters});
    const std::vector<float> positions = positions_of(trial.parameters);
    for (std::size_t d = 0; d < positions.size(); ++d) {
      positions_[d].push_back(positions[d]);
      if (!std::isnan(positions[d])) by_axis_[d].insert(place(d, i), i);
    }
    if (finite_) ++tried_[text_of(positions)];
  }

  void forget_last() {
    const auto i = static_cast<int>(trials_.size()) - 1;
    if (finite_) --tried_[text_of(positions_of(trials_.back().parameters))];
    for (std::size_t d = 0; d < positions_.size(); ++d) {
      if (!std::isnan(positions_[d].back())) by_axis_[d].erase(place(d, i));
      positions_[d].pop_back();
    }
    trials_.pop_back();
  }

  std::vector<int>::iterator place(std::size_t d, int i) {
    const std::vector<float>& position = positions_[d];
    return std::lower_bound(by_axis_[d].begin(), by_axis_[d].end(), i, [&](int a, int b) {
      return std::pair(position[static_cast<std::size_t>(a)], a) < std::pair(position[static_cast<std::size_t>(b)], b);
    });
  }

  const SearchSpace& space_;
  std::vector<Seen> trials_;
  std::vector<std::vector<float>> positions_;  // by dimension
  std::vector<std::vector<int>> by_axis_;
  bool finite_;
  std::unordered_map<std::string, int> tried_;
};

/// Models where good trials lie and where the others do, and tries what is likelier among the former: the
/// tree-structured Parzen estimator. Parameters that occur together are modelled together; parameters with a condition
/// from the trials that have them, split into good and others among themselves.
///
/// Good ones are the best of those that ended: finished before pruned, pruned ones by how far they came, those that
/// miss a constraint last, by how much. Failed trials count as worse, and so do running ones.
///
/// Sources: Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011; Bergstra, Yamins and Cox,
/// "Making a science of model search", ICML 2013 (weights that fade); Watanabe, "Tree-structured Parzen estimator:
/// understanding its algorithm components", 2023; Ozaki et al., "Multiobjective tree-structured Parzen estimator", JAIR
/// 2022; weights by rank: Hansen and Ostermeier, "Completely derandomized self-adaptation in evolution strategies",
/// 2001.
///
/// Keeps what it has read of the history: one thread at a time.
class TpeSampler : public Sampler {
 public:
  TpeSampler(const SearchSpace& space, const SamplerContext& context)
      : space_(space),
        seed_(static_cast<std::uint64_t>(context.seed)),
        objectives_(context.objectives),
        size_(space.size()),
        groups_(groups_of(space)),
        start_(std::min(space.dimensions().size(), SobolSequence::max_dimensions), seed_),
        seen_(space) {}

  bool learns() const override { return true; }

  std::optional<Suggestion> suggest(std::int64_t number, const History& history) const override {
    seen_.read(history, objectives_);
    std::vector<RankedTrial> ended;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      const std::optional<Standing>& standing = seen_.standing_of(i);
      if (standing && seen_.number(i) != number)
        ended.push_back({.standing = *standing, .index = i, .values = &history.trials[i].values});
    }
    CounterRandom random(seed_, tpe_stream, static_cast<std::uint64_t>(number));
    const Trial* own = history.find(number);
    const bool start = ended.size() < startup_trials;
    if (start) {
      std::vector<double> point = start_.at(static_cast<std::uint64_t>(number));
      while (point.size() < space_.dimensions().size())
        point.push_back(random.uniform());  // more than Sobol's sequence has
      const Parameters parameters = space_.at(point);
      if (!tried(parameters, own)) return Suggestion{.parameters = parameters};
    }
    // In a space with an end the best candidate has often been tried: look wider then, among fewer.
    for (std::size_t attempt = 0; !start && attempt < (size_ > 0 ? 12 : 1); ++attempt) {
      const Parameters parameters = choose(number, ended, std::max<std::size_t>(1, candidate_count >> attempt), random);
      if (!tried(parameters, own)) return Suggestion{.parameters = parameters};
    }
    // Any that has not been tried: there are more in a row than trials, or none.
    const auto first = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(size_)));
    for (std::int64_t i = 0; i < std::min(size_, static_cast<std::int64_t>(seen_.size()) + 1); ++i) {
      const Parameters parameters = space_.grid_at((first + i) % size_, 1);
      if (!tried(parameters, own)) return Suggestion{.parameters = parameters};
    }
    return std::nullopt;
  }

 private:
  /// Whether another trial has these parameters; never in a space without end.
  bool tried(const Parameters& parameters, const Trial* own) const {
    return size_ > 0 && seen_.times_tried(parameters) > (own && own->parameters == parameters ? 1 : 0);
  }

  Parameters choose(std::int64_t number, const std::vector<RankedTrial>& ended, std::size_t count,
                    CounterRandom& random) const {
    std::vector<double> point(space_.dimensions().size(), 0.5);
    for (const Group& group : groups_) {
      if (space_.active(space_.dimensions()[group.dimensions.front()], space_.at(point)))
        choose(group, number, ended, count, random, point);
    }
    return space_.at(point);
  }

  /// Chooses the coordinates of one group from the trials that have it.
  void choose(const Group& group, std::int64_t number, const std::vector<RankedTrial>& ended, std::size_t count,
              CounterRandom& random, std::vector<double>& point) const {
    std::vector<RankedTrial> ranked;
    for (const RankedTrial& trial : ended) {
      if (seen_.has(group, trial.index)) ranked.push_back(trial);
    }
    const std::size_t good_count =
        std::min(most_good, static_cast<std::size_t>(std::ceil(good_share * static_cast<double>(ranked.size()))));
    rank_best(ranked, good_count, objectives_);

    std::vector<char> is_good(seen_.size(), 0);
    std::vector<std::size_t> trials;
    std::vector<double> weights;
    for (std::size_t rank = 0; rank < good_count; ++rank) {
      is_good[ranked[rank].index] = 1;
      trials.push_back(ranked[rank].index);
      weights.push_back(
          std::log(static_cast<double>(good_count + 1) / static_cast<double>(rank + 1)));  // the better, the more
    }
    const ParzenEstimator good = estimate(group, trials, weights, of_good);

    // All others are what worse trials look like: also the failed ones, and those that run, lest the next one is
    // started beside them.
    trials.clear();
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      if (!is_good[i] && seen_.number(i) != number && seen_.has(group, i)) trials.push_back(i);
    }
    weights = fading(trials);
    const ParzenEstimator worse = estimate(group, trials, weights, of_worse);

    double best = -std::numeric_limits<double>::infinity();
    std::vector<double> drawn;
    std::vector<float> seen_as(group.dimensions.size());
    for (std::size_t c = 0; c < count; ++c) {
      good.draw(random, drawn);
      for (std::size_t a = 0; a < drawn.size(); ++a) {
        const Dimension& dimension = space_.dimensions()[group.dimensions[a]];
        if (cells_[group.dimensions[a]] > 0) drawn[a] = dimension.position(dimension.at(drawn[a]));
        seen_as[a] = static_cast<float>(drawn[a]);
      }
      const double score = good.log_density(seen_as) - worse.log_density(seen_as);
      if (score <= best) continue;
      best = score;
      for (std::size_t a = 0; a < drawn.size(); ++a) point[group.dimensions[a]] = drawn[a];
    }
  }

  /// The weights of worse trials: the newest count fully, those before them less with their age. Removes trials where
  /// there are more than can be modelled, and gives their weight to those that stay.
  static std::vector<double> fading(std::vector<std::size_t>& trials) {
    const std::size_t count = trials.size();
    std::vector<double> weights(count, 1.0);
    const std::size_t old = count > recent_trials ? count - recent_trials : 0;
    const double least = 1 / static_cast<double>(std::max<std::size_t>(count, 1));
    for (std::size_t i = 0; i < old; ++i)
      weights[i] = old == 1 ? least : least + (1 - least) * static_cast<double>(i) / static_cast<double>(old - 1);
    if (count <= most_worse) return weights;
    // The newer half whole, of the rest as many at equal distances.
    std::vector<std::size_t> kept;
    std::vector<double> kept_weights;
    const std::size_t whole = most_worse / 2, thin = count - whole, places = most_worse - whole;
    for (std::size_t k = 0; k < places; ++k) {
      const std::size_t begin = k * thin / places, end = (k + 1) * thin / places;
      double weight = 0;
      for (std::size_t i = begin; i < end; ++i) weight += weights[i];
      kept.push_back(trials[begin]);
      kept_weights.push_back(weight);
    }
    kept.insert(kept.end(), trials.begin() + static_cast<std::ptrdiff_t>(thin), trials.end());
    kept_weights.insert(kept_weights.end(), weights.begin() + static_cast<std::ptrdiff_t>(thin), weights.end());
    trials = std::move(kept);
    return kept_weights;
  }

  ParzenEstimator estimate(const Group& group, const std::vector<std::size_t>& trials,
                           const std::vector<double>& weights, const ParzenEstimator::Options& options) const {
    std::vector<int> kernel_of(seen_.size(), -1);
    for (std::size_t i = 0; i < trials.size(); ++i) kernel_of[trials[i]] = static_cast<int>(i);
    std::vector<ParzenEstimator::Axis> axes;
    std::vector<std::vector<float>> centres;
    std::vector<std::vector<int>> by_axis;
    for (const std::size_t d : group.dimensions) {
      const Dimension& dimension = space_.dimensions()[d];
      axes.push_back({.ordered = dimension.ordered(), .cells = cells_[d]});
      std::vector<float> centre(trials.size());
      for (std::size_t i = 0; i < trials.size(); ++i) centre[i] = seen_.position(d, trials[i]);
      centres.push_back(std::move(centre));
      std::vector<int> order;
      if (dimension.ordered()) {
        order.reserve(trials.size());
        for (const int trial : seen_.by_axis(d)) {
          if (kernel_of[static_cast<std::size_t>(trial)] >= 0)
            order.push_back(kernel_of[static_cast<std::size_t>(trial)]);
        }
      }
      by_axis.push_back(std::move(order));
    }
    return ParzenEstimator(std::move(axes), std::move(centres), by_axis, weights, options);
  }

  static std::vector<std::int64_t> cells_of(const SearchSpace& space) {
    std::vector<std::int64_t> cells;
    for (const Dimension& dimension : space.dimensions()) cells.push_back(dimension.cells());
    return cells;
  }

  const SearchSpace& space_;
  std::uint64_t seed_;
  std::int64_t objectives_;
  std::int64_t size_;  // of the space; 0: without end
  std::vector<Group> groups_;
  std::vector<std::int64_t> cells_ = cells_of(space_);
  SobolSequence start_;
  mutable SeenTrials seen_;
};

}  // namespace

std::unique_ptr<SamplerOptions> tpe_sampler() { return std::make_unique<NoSamplerOptions<TpeSampler>>(); }

}  // namespace atelier
