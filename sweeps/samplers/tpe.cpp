#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numbers>
#include <unordered_set>

#include "framework/core/random.h"
#include "sweeps/sampler.h"
#include "sweeps/samplers/sobol.h"

namespace atelier {
namespace {

double knob(const char* name, double fallback) {
  const char* text = std::getenv(name);
  return text ? std::atof(text) : fallback;
}

constexpr std::uint64_t tpe_stream = 0x79e;

struct Knobs {
  double startup = knob("K_STARTUP", 10);
  double gamma_linear = knob("K_GLIN", 0.1), gamma_sqrt = knob("K_GSQRT", 0), below_cap = knob("K_CAP", 25);
  int candidates = static_cast<int>(knob("K_CAND", 24));
  double prior = knob("K_PRIOR", 1);
  int rule = static_cast<int>(knob("K_RULE", 0));   // 0 neighbours, 1 Scott
  double floor_scale = knob("K_FLOOR", 1), floor_power = knob("K_FPOW", 1), floor_min = knob("K_FMIN", 0.01);
  double afloor_scale = knob("K_AFLOOR", knob("K_FLOOR", 1)), afloor_power = knob("K_AFPOW", knob("K_FPOW", 1)), afloor_min = knob("K_AFMIN", knob("K_FMIN", 0.01));
  double scott = knob("K_SCOTT", 1), ascott = knob("K_ASCOTT", knob("K_SCOTT", 1));
  int arule = static_cast<int>(knob("K_ARULE", knob("K_RULE", 0)));
  int ramp = static_cast<int>(knob("K_RAMP", 1));
  int ei_weights = static_cast<int>(knob("K_EI", 0));
  int local = static_cast<int>(knob("K_LOCAL", 0));
  double cat = knob("K_CAT", 1), cat_least = knob("K_CATMIN", 0);
  double wpow = knob("K_WPOW", 1);
  double aprior = knob("K_APRIOR", knob("K_PRIOR", 1));
};

/// The dimensions that trials have together.
struct Group {
  std::vector<std::size_t> dimensions;
  int depth = 0;
};

/// A trial as the sampler keeps it.
struct Observation {
  std::int64_t number = -1;
  TrialState state = TrialState::waiting;
  std::vector<double> values;
  std::vector<double> violations;
  double resource = 0;
  Parameters parameters;

  bool same_as(const Trial& trial) const {
    return number == trial.number && state == trial.state && values == trial.values && violations == trial.violations &&
           resource == (trial.curve.empty() ? 0 : trial.curve.back().first) && parameters == trial.parameters;
  }
};

/// A density over the dimensions of a group, relative to the even one: a mixture of products of kernels.
struct Mixture {
  struct Axis {
    std::vector<float> centre, inverse_width;  // ordered: of the kernels
    float match = 0, mismatch = 0;             // choices: log densities
    bool ordered = true;
  };
  std::vector<Axis> axes;
  std::vector<float> log_weight;  // with the normalisers of the kernels
  std::vector<double> weight;     // for sampling, the prior's last
  double log_prior = 0;
};

constexpr double one_over_sqrt2 = 0.70710678118654752440;
double normal_cdf(double z) { return 0.5 * std::erfc(-z * one_over_sqrt2); }

class TpeSampler : public Sampler {
 public:
  TpeSampler(const SearchSpace& space, const SamplerOptions& options) : space_(space), options_(options), start_(space.dimensions().size(), static_cast<std::uint64_t>(options.seed)) {
    make_groups();
    positions_.resize(space.dimensions().size());
  }

  bool learns() const override { return true; }

  std::optional<Suggestion> suggest(std::int64_t number, const History& history) const override {
    read(history);
    std::vector<int> order = ranked();
    if (order.size() < static_cast<std::size_t>(knobs_.startup)) {
      return Suggestion{.parameters = space_.at(start_.at(static_cast<std::uint64_t>(number)))};
    }
    const auto n_below = below_count(order.size());
    std::vector<int> above;
    std::vector<char> is_below(seen_.size(), 0);
    std::vector<int> below(order.begin(), order.begin() + static_cast<long>(n_below));
    for (const int i : below) is_below[static_cast<std::size_t>(i)] = 1;
    for (std::size_t i = 0; i < seen_.size(); ++i) if (!is_below[i]) above.push_back(static_cast<int>(i));
    std::vector<double> point(space_.dimensions().size(), 0.5);
    CounterRandom random(static_cast<std::uint64_t>(options_.seed), tpe_stream, static_cast<std::uint64_t>(number));
    for (const Group& group : groups_) {
      const Parameters so_far = space_.at(point);
      if (!active(group, so_far)) continue;
      if (knobs_.local) {
        std::vector<int> mine, lower, upper;
        for (const int i : order) if (has(group, i)) mine.push_back(i);
        const auto n = mine.empty() ? 0 : below_count(mine.size());
        std::vector<char> low(seen_.size(), 0);
        lower.assign(mine.begin(), mine.begin() + static_cast<long>(n));
        for (const int i : lower) low[static_cast<std::size_t>(i)] = 1;
        for (std::size_t i = 0; i < seen_.size(); ++i) if (!low[i]) upper.push_back(static_cast<int>(i));
        choose(group, lower, upper, random, point);
      } else {
        choose(group, below, above, random, point);
      }
    }
    return Suggestion{.parameters = space_.at(point)};
  }

 private:
  std::size_t below_count(std::size_t n) const {
    const double x = static_cast<double>(n);
    const double count = knobs_.gamma_sqrt > 0 ? knobs_.gamma_sqrt * std::sqrt(x) : knobs_.gamma_linear * x;
    return std::min<std::size_t>(n, static_cast<std::size_t>(std::min(knobs_.below_cap, std::ceil(count))));
  }

  void make_groups() {
    const auto& dimensions = space_.dimensions();
    std::vector<int> depth(dimensions.size(), 0);
    std::vector<std::string> names;
    for (std::size_t d = 0; d < dimensions.size(); ++d) {
      std::string name;
      for (const Condition& c : dimensions[d].when) {
        name += c.key + "=" + to_toml(Value(c.values)) + ";";
        for (std::size_t o = 0; o < d; ++o) if (dimensions[o].key == c.key) depth[d] = std::max(depth[d], depth[o] + 1);
      }
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) {
        names.push_back(name);
        groups_.push_back({.dimensions = {d}, .depth = depth[d]});
      } else {
        groups_[static_cast<std::size_t>(found - names.begin())].dimensions.push_back(d);
      }
    }
    std::stable_sort(groups_.begin(), groups_.end(), [](const Group& a, const Group& b) { return a.depth < b.depth; });
  }

  bool active(const Group& group, const Parameters& parameters) const {
    return space_.active(space_.dimensions()[group.dimensions.front()], parameters);
  }

  void read(const History& history) const {
    for (std::size_t i = 0; i < history.trials.size(); ++i) {
      const Trial& trial = history.trials[i];
      if (i < seen_.size() && seen_[i].same_as(trial)) continue;
      if (i >= seen_.size()) {
        seen_.emplace_back();
        for (auto& p : positions_) p.push_back(0);
      }
      seen_[i] = {.number = trial.number, .state = trial.state, .values = trial.values, .violations = trial.violations,
                  .resource = trial.curve.empty() ? 0 : trial.curve.back().first, .parameters = trial.parameters};
      for (std::size_t d = 0; d < positions_.size(); ++d) {
        const Value* value = find(trial.parameters, space_.dimensions()[d].key);
        positions_[d][i] = value ? static_cast<float>(space_.dimensions()[d].position(*value)) : std::numeric_limits<float>::quiet_NaN();
      }
    }
    seen_.resize(history.trials.size());
    for (auto& p : positions_) p.resize(history.trials.size());
  }

  std::vector<int> ranked() const {
    std::vector<int> order;
    for (std::size_t i = 0; i < seen_.size(); ++i) if (seen_[i].state == TrialState::finished) order.push_back(static_cast<int>(i));
    std::sort(order.begin(), order.end(), [&](int a, int b) {
      return std::pair(seen_[static_cast<std::size_t>(a)].values[0], a) < std::pair(seen_[static_cast<std::size_t>(b)].values[0], b);
    });
    return order;
  }

  bool has(const Group& group, int i) const {
    for (const std::size_t d : group.dimensions) if (std::isnan(positions_[d][static_cast<std::size_t>(i)])) return false;
    return true;
  }

  Mixture build(const Group& group, const std::vector<int>& trials_in, bool below) const {
    std::vector<int> trials;
    for (const int i : trials_in) if (has(group, i)) trials.push_back(i);
    if (!below || !knobs_.ei_weights) std::sort(trials.begin(), trials.end());
    const std::size_t n = trials.size();
    Mixture m;
    m.weight.assign(n, 1.0);
    if (!below && knobs_.ramp && n >= 25) {
      for (std::size_t i = 0; i + 25 < n; ++i) {
        const double a = 1.0 / static_cast<double>(n);
        m.weight[i] = n - 25 == 1 ? a : a + (1 - a) * static_cast<double>(i) / static_cast<double>(n - 26);
      }
    }
    if (below && knobs_.ei_weights == 1) {
      // ranks
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += m.weight[i] = std::pow(std::log(static_cast<double>(n) + 1) - std::log(static_cast<double>(i) + 1), knobs_.wpow);
      for (std::size_t i = 0; i < n; ++i) m.weight[i] *= static_cast<double>(n) / sum;
    }
    m.weight.push_back(below ? knobs_.prior : knobs_.aprior);
    double total = 0;
    for (const double w : m.weight) total += w;
    for (double& w : m.weight) w /= total;
    m.log_prior = std::log(m.weight.back());
    m.log_weight.resize(n);
    for (std::size_t i = 0; i < n; ++i) m.log_weight[i] = static_cast<float>(std::log(m.weight[i]));
    const double dims = static_cast<double>(group.dimensions.size());
    for (const std::size_t d : group.dimensions) {
      const Dimension& dimension = space_.dimensions()[d];
      Mixture::Axis axis;
      axis.ordered = dimension.ordered();
      for (const int i : trials) axis.centre.push_back(positions_[d][static_cast<std::size_t>(i)]);
      if (!axis.ordered) {
        const double k = static_cast<double>(dimension.choices.size());
        const double p = std::max(knobs_.cat_least, knobs_.cat / static_cast<double>(n + 1));
        axis.match = static_cast<float>(std::log(k * (1 + p / k) / (1 + p)));
        axis.mismatch = static_cast<float>(std::log(k * (p / k) / (1 + p)));
        m.axes.push_back(std::move(axis));
        continue;
      }
      const double scale = below ? knobs_.floor_scale : knobs_.afloor_scale, power = below ? knobs_.floor_power : knobs_.afloor_power,
                   least = below ? knobs_.floor_min : knobs_.afloor_min;
      double floor = std::max(least, scale * std::pow(1.0 / (2.0 + static_cast<double>(n)), power));
      const auto cells = dimension.cells();
      if (cells > 0) floor = std::max(floor, 0.5 / static_cast<double>(cells));
      axis.inverse_width.resize(n);
      std::vector<double> width(n);
      if ((below ? knobs_.rule : knobs_.arule) == 0) {
        std::vector<std::size_t> by(n);
        for (std::size_t i = 0; i < n; ++i) by[i] = i;
        std::sort(by.begin(), by.end(), [&](std::size_t a, std::size_t b) { return std::pair(axis.centre[a], a) < std::pair(axis.centre[b], b); });
        for (std::size_t i = 0; i < n; ++i) {
          const double left = i ? axis.centre[by[i - 1]] : n >= 2 ? axis.centre[by[i]] : 0, right = i + 1 < n ? axis.centre[by[i + 1]] : n >= 2 ? axis.centre[by[i]] : 1;
          width[by[i]] = std::max(axis.centre[by[i]] - left, right - axis.centre[by[i]]);
        }
      } else {
        double mean = 0, square = 0, sum = 0;
        for (std::size_t i = 0; i < n; ++i) {
          const double w = m.weight[i];
          sum += w; mean += w * axis.centre[i]; square += w * axis.centre[i] * axis.centre[i];
        }
        const double variance = n ? std::max(0.0, square / sum - mean / sum * mean / sum) : 0;
        const double s = (below ? knobs_.scott : knobs_.ascott) * std::sqrt(variance) * std::pow(static_cast<double>(n + 1), -1 / (dims + 4));
        std::fill(width.begin(), width.end(), s);
      }
      for (std::size_t i = 0; i < n; ++i) {
        const double w = std::clamp(width[i], std::min(floor, 1.0), 1.0), mu = axis.centre[i];
        axis.inverse_width[i] = static_cast<float>(1 / w);
        const double mass = normal_cdf((1 - mu) / w) - normal_cdf(-mu / w);
        m.log_weight[i] -= static_cast<float>(std::log(w * std::sqrt(2 * std::numbers::pi) * mass));
      }
      m.axes.push_back(std::move(axis));
    }
    return m;
  }

  double log_density(const Mixture& m, const std::vector<float>& x) const {
    const std::size_t n = m.log_weight.size();
    std::vector<float> terms = m.log_weight;
    for (std::size_t a = 0; a < m.axes.size(); ++a) {
      const Mixture::Axis& axis = m.axes[a];
      if (axis.ordered) {
        for (std::size_t i = 0; i < n; ++i) {
          const float z = (x[a] - axis.centre[i]) * axis.inverse_width[i];
          terms[i] -= 0.5f * z * z;
        }
      } else {
        for (std::size_t i = 0; i < n; ++i) terms[i] += axis.centre[i] == x[a] ? axis.match : axis.mismatch;
      }
    }
    double most = m.log_prior;
    for (const float t : terms) most = std::max(most, static_cast<double>(t));
    double sum = std::exp(m.log_prior - most);
    for (const float t : terms) sum += std::exp(t - most);
    return most + std::log(sum);
  }

  void choose(const Group& group, const std::vector<int>& below, const std::vector<int>& above, CounterRandom& random, std::vector<double>& point) const {
    const Mixture good = build(group, below, true), bad = build(group, above, false);
    double best = -std::numeric_limits<double>::infinity();
    std::vector<float> x(group.dimensions.size());
    for (int c = 0; c < knobs_.candidates; ++c) {
      double u = random.uniform();
      std::size_t kernel = 0;
      while (kernel + 1 < good.weight.size() && u >= good.weight[kernel]) u -= good.weight[kernel++];
      const bool prior = kernel + 1 == good.weight.size();
      for (std::size_t a = 0; a < x.size(); ++a) {
        const Dimension& dimension = space_.dimensions()[group.dimensions[a]];
        const Mixture::Axis& axis = good.axes[a];
        const auto cells = static_cast<double>(dimension.cells());
        double v;
        if (prior) v = random.uniform();
        else if (!axis.ordered) {
          const double k = static_cast<double>(dimension.choices.size());
          v = random.uniform() < std::exp(axis.mismatch) ? random.uniform() : axis.centre[kernel];  // mismatch density is that of the even part
          static_cast<void>(k);
        } else {
          do v = axis.centre[kernel] + random.normal() / axis.inverse_width[kernel];
          while (v < 0 || v >= 1);
        }
        if (cells > 0) v = dimension.position(dimension.at(v));
        x[a] = static_cast<float>(v);
      }
      const double score = log_density(good, x) - log_density(bad, x);
      if (score > best) {
        best = score;
        for (std::size_t a = 0; a < x.size(); ++a) point[group.dimensions[a]] = x[a];
      }
    }
  }

  const SearchSpace& space_;
  SamplerOptions options_;
  Knobs knobs_;
  SobolSequence start_;
  std::vector<Group> groups_;
  mutable std::vector<Observation> seen_;
  mutable std::vector<std::vector<float>> positions_;
};

}  // namespace

std::unique_ptr<Sampler> make_tpe_sampler(const SearchSpace& space, const SamplerOptions& options) {
  return std::make_unique<TpeSampler>(space, options);
}

}  // namespace atelier
