// Runs a sampler on test functions and prints one line of JSON: the best value less the least there is (for zdt1 the
// hypervolume) after some numbers of trials, one a seed. With --speed the microseconds that a suggestion takes instead;
// with --points values at random points, from which search_quality.py knows that it has the same functions.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <deque>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numbers>

#include "framework/core/format.h"
#include "sweeps/sampler.h"

namespace {

using namespace atelier;
using std::numbers::pi;

using Objective = std::function<std::vector<double>(const Parameters&)>;

struct TestFunction {
  std::string name;
  std::string space;               // the body of [space]
  std::vector<std::string> names;  // of the parameters
  double least = 0;                // of the first objective
  Objective values;
};

double number(const Parameters& parameters, std::string_view key) { return find(parameters, key)->number(); }
const std::string& text(const Parameters& parameters, std::string_view key) { return find(parameters, key)->text(); }

/// A function of real numbers in a box, moved: its optimum lies at `shift` from where its formula has it.
TestFunction in_box(const std::string& name, std::vector<std::pair<double, double>> box, std::vector<double> shift,
                    double least, double (*value)(const std::vector<double>&)) {
  TestFunction function{.name = name, .least = least};
  for (std::size_t i = 0; i < box.size(); ++i) {
    function.names.push_back(format("x{}", i));
    function.space += format("x{} = {{ uniform = [{}, {}] }}\n", i, box[i].first, box[i].second);
  }
  function.values = [shift, value](const Parameters& parameters) {
    std::vector<double> z;
    for (std::size_t i = 0; i < shift.size(); ++i) z.push_back(parameters[i].second.number() - shift[i]);
    return std::vector<double>{value(z)};
  };
  return function;
}

double sphere(const std::vector<double>& z) {
  double sum = 0;
  for (const double v : z) sum += v * v;
  return sum;
}

double rosenbrock(const std::vector<double>& z) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < z.size(); ++i)
    sum += 100 * std::pow(z[i + 1] - z[i] * z[i], 2) + std::pow(1 - z[i], 2);
  return sum;
}

double ackley(const std::vector<double>& z) {
  const auto n = static_cast<double>(z.size());
  double squares = 0, cosines = 0;
  for (const double v : z) squares += v * v, cosines += std::cos(2 * pi * v);
  return -20 * std::exp(-0.2 * std::sqrt(squares / n)) - std::exp(cosines / n) + 20 + std::numbers::e;
}

double branin(const std::vector<double>& z) {
  const double a = z[1] - 5.1 / (4 * pi * pi) * z[0] * z[0] + 5 / pi * z[0] - 6;
  return a * a + 10 * (1 - 1 / (8 * pi)) * std::cos(z[0]) + 10;
}

double hartmann6(const std::vector<double>& z) {
  constexpr double alpha[4] = {1.0, 1.2, 3.0, 3.2};
  constexpr double a[4][6] = {
      {10, 3, 17, 3.5, 1.7, 8}, {0.05, 10, 17, 0.1, 8, 14}, {3, 3.5, 1.7, 10, 17, 8}, {17, 8, 0.05, 10, 0.1, 14}};
  constexpr double p[4][6] = {{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
                              {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
                              {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
                              {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}};
  double sum = 0;
  for (int i = 0; i < 4; ++i) {
    double exponent = 0;
    for (int j = 0; j < 6; ++j) exponent += a[i][j] * std::pow(z[static_cast<std::size_t>(j)] - p[i][j], 2);
    sum -= alpha[i] * std::exp(-exponent);
  }
  return sum;
}

double rastrigin(const std::vector<double>& z) {
  double sum = 10 * static_cast<double>(z.size());
  for (const double v : z) sum += v * v - 10 * std::cos(2 * pi * v);
  return sum;
}

/// Like training: two rates on logarithmic scales, a width, a choice that is worth something and moves the best rate.
std::vector<double> mixed(const Parameters& parameters) {
  const std::string& norm = text(parameters, "norm");
  const double worse = norm == "none" ? 0.5 : norm == "batch" ? 0.15 : norm == "layer" ? 0.0 : 0.25;
  const double best_rate = norm == "none" ? -3.8 : norm == "batch" ? -2.0 : norm == "layer" ? -2.6 : -2.3;
  const double rate = std::log10(number(parameters, "rate")), decay = std::log10(number(parameters, "decay"));
  const double width = number(parameters, "width");
  return {std::pow(rate - best_rate, 2) + 0.3 * std::pow(decay + 4.3, 2) + std::pow((width - 72) / 60, 2) + worse};
}

/// Three kinds of optimizer with parameters of their own, one of them with a parameter below that.
std::vector<double> conditional(const Parameters& parameters) {
  const std::string& kind = text(parameters, "kind");
  if (kind == "adam") {
    return {0.1 + 0.3 * std::pow(std::log10(number(parameters, "adam.rate")) + 3.4, 2) +
            2 * std::pow(number(parameters, "adam.beta") - 0.83, 2)};
  }
  if (kind == "plain") return {0.3 + 0.2 * std::pow(std::log10(number(parameters, "plain.rate")) + 0.7, 2)};
  const double shared = 0.3 * std::pow(std::log10(number(parameters, "sgd.rate")) + 1.3, 2) +
                        std::pow(number(parameters, "sgd.momentum") - 0.77, 2);
  if (text(parameters, "sgd.schedule") == "constant") return {0.05 + shared};
  return {shared + 3 * std::pow(number(parameters, "sgd.warmup") - 0.21, 2)};
}

/// Source: Zitzler, Deb and Thiele, "Comparison of multiobjective evolutionary algorithms", 2000.
std::vector<double> zdt1(const Parameters& parameters) {
  double rest = 0;
  for (std::size_t i = 1; i < 6; ++i) rest += parameters[i].second.number();
  const double f1 = parameters[0].second.number(), g = 1 + 9 * rest / 5;
  return {f1, g * (1 - std::sqrt(f1 / g))};
}

std::vector<TestFunction> test_functions() {
  const std::vector<std::pair<double, double>> unit6(6, {0, 1});
  std::vector<TestFunction> all = {
      in_box("sphere5", std::vector<std::pair<double, double>>(5, {-5, 5}), {1.7, -2.3, 0.9, -3.1, 2.6}, 0, sphere),
      in_box("rosenbrock4", std::vector<std::pair<double, double>>(4, {-2.5, 2.5}), {0.35, -0.6, 0.5, -0.25}, 0,
             rosenbrock),
      in_box("ackley5", std::vector<std::pair<double, double>>(5, {-32.768, 32.768}), {9.1, -13.7, 4.3, -18.2, 15.6}, 0,
             ackley),
      in_box("branin", {{-5, 10}, {0, 15}}, {1.3, -0.8}, 0.39788735772973816, branin),
      in_box("hartmann6", unit6, {0.12, -0.07, 0.15, 0.2, -0.1, 0.08}, -3.322368011415515, hartmann6),
      in_box("rastrigin3", std::vector<std::pair<double, double>>(3, {-5.12, 5.12}), {1.3, -2.1, 2.7}, 0, rastrigin),
      {.name = "mixed",
       .space = "rate = { log = [1e-5, 1e-1] }\ndecay = { log = [1e-6, 1e-1] }\nwidth = { int = [8, 128], step = 8 }\n"
                "norm = { choice = [\"none\", \"batch\", \"layer\", \"instance\"] }\n",
       .names = {"rate", "decay", "width", "norm"},
       .values = mixed},
      {.name = "conditional",
       .space = "kind = { choice = [\"adam\", \"sgd\", \"plain\"] }\n"
                "\"adam.rate\" = { log = [1e-5, 1e-1], when = { kind = \"adam\" } }\n"
                "\"adam.beta\" = { uniform = [0.5, 0.999], when = { kind = \"adam\" } }\n"
                "\"sgd.rate\" = { log = [1e-4, 1.0], when = { kind = \"sgd\" } }\n"
                "\"sgd.momentum\" = { uniform = [0.0, 0.99], when = { kind = \"sgd\" } }\n"
                "\"sgd.schedule\" = { choice = [\"constant\", \"warm\"], when = { kind = \"sgd\" } }\n"
                "\"sgd.warmup\" = { uniform = [0.0, 0.5], when = { kind = \"sgd\", \"sgd.schedule\" = \"warm\" } }\n"
                "\"plain.rate\" = { log = [1e-4, 10.0], when = { kind = \"plain\" } }\n",
       .names = {"kind", "adam.rate", "adam.beta", "sgd.rate", "sgd.momentum", "sgd.schedule", "sgd.warmup",
                 "plain.rate"},
       .values = conditional},
  };
  TestFunction front = in_box("zdt1", unit6, std::vector<double>(6, 0), 0, sphere);
  front.values = zdt1;
  all.push_back(std::move(front));
  return all;
}

SearchSpace space_of(const TestFunction& function) {
  Document document = Document::from_text("[space]\n" + function.space, function.name, "/");
  return SearchSpace::from(document.take("space"), function.names);
}

/// The area that two objectives dominate up to the reference (1.1, 6).
double hypervolume(const History& history) {
  std::vector<std::pair<double, double>> points;
  for (const Trial& trial : history.trials) points.emplace_back(trial.values[0], trial.values[1]);
  std::sort(points.begin(), points.end());
  double area = 0, height = 6;
  for (const auto& [x, y] : points) {
    if (x >= 1.1 || y >= height) continue;
    area += (1.1 - x) * (height - y);
    height = y;
  }
  return area;
}

struct Task {
  std::int64_t trials = 100, workers = 1;
  std::vector<std::int64_t> at;  // numbers of trials after which the score is taken
};

/// The scores of one seed. With several workers that many trials run at any time, and the oldest ends first.
std::vector<double> search(const TestFunction& function, const std::string& name, std::int64_t seed, const Task& task) {
  const SearchSpace space = space_of(function);
  const bool front = function.name == "zdt1";
  const auto sampler = make_sampler(name, space, {.seed = seed, .trials = task.trials, .objectives = front ? 2 : 1});
  History history{.objectives = front ? 2 : 1};
  std::deque<std::size_t> running;
  std::vector<double> scores;
  double best = std::numeric_limits<double>::infinity();
  const auto end_oldest = [&] {
    Trial& trial = history.trials[running.front()];
    running.pop_front();
    trial.values = function.values(trial.parameters);
    trial.state = TrialState::finished;
    best = std::min(best, trial.values[0] - function.least);
  };
  for (std::int64_t i = 0; i < task.trials; ++i) {
    const auto suggestion = sampler->suggest(i, history);
    if (!suggestion) throw Error(format("{} has no suggestion {}", name, i));
    history.trials.push_back({.number = i, .parameters = suggestion->parameters, .state = TrialState::running});
    running.push_back(history.trials.size() - 1);
    if (static_cast<std::int64_t>(running.size()) == task.workers) end_oldest();
    if (std::find(task.at.begin(), task.at.end(), i + 1) != task.at.end()) {
      while (!running.empty()) end_oldest();
      scores.push_back(front ? hypervolume(history) : best);
    }
  }
  return scores;
}

nlohmann::json as_json(const Parameters& parameters) {
  nlohmann::json object;
  for (const auto& [key, value] : parameters) {
    if (value.is_text()) {
      object[key] = value.text();
    } else {
      object[key] = value.number();
    }
  }
  return object;
}

void print_points(std::int64_t count) {
  for (const TestFunction& function : test_functions()) {
    const SearchSpace space = space_of(function);
    const auto random = make_sampler("random", space, {.seed = 77});
    for (std::int64_t i = 0; i < count; ++i) {
      const Parameters parameters = random->suggest(i, {})->parameters;
      std::cout << nlohmann::json{{"function", function.name},
                                  {"parameters", as_json(parameters)},
                                  {"values", function.values(parameters)}}
                << "\n";
    }
  }
}

/// Mean microseconds of processor time of a suggestion over a sweep of so many trials; the function costs nothing.
double microseconds(const std::string& name, std::int64_t dimensions, std::int64_t trials) {
  TestFunction function =
      in_box("speed", std::vector<std::pair<double, double>>(static_cast<std::size_t>(dimensions), {-1, 1}),
             std::vector<double>(static_cast<std::size_t>(dimensions), 0.3), 0, sphere);
  const SearchSpace space = space_of(function);
  const auto sampler = make_sampler(name, space, {.trials = trials});
  History history;
  std::clock_t spent = 0;
  for (std::int64_t i = 0; i < trials; ++i) {
    const std::clock_t start = std::clock();
    const Parameters parameters = sampler->suggest(i, history)->parameters;
    spent += std::clock() - start;
    history.trials.push_back(
        {.number = i, .parameters = parameters, .state = TrialState::finished, .values = function.values(parameters)});
  }
  return static_cast<double>(spent) * 1e6 / CLOCKS_PER_SEC / static_cast<double>(trials);
}

}  // namespace

int main(int argc, char** argv) {
  std::string function = "sphere5", sampler = "tpe";
  std::int64_t first = 0, seeds = 20, points = 0;
  bool speed = false;
  Task task;
  CLI::App program("Measures how good samplers are, and how fast.");
  program.add_option("--function", function, "Its name");
  program.add_option("--sampler", sampler, "Its name");
  program.add_option("--trials", task.trials, "How many of them");
  program.add_option("--at", task.at, "Numbers of trials after which the score is taken; the last by default")
      ->delimiter(',');
  program.add_option("--first-seed", first, "The first seed");
  program.add_option("--seeds", seeds, "How many seeds");
  program.add_option("--workers", task.workers, "Trials that run at the same time");
  program.add_option("--points", points, "Print the values of all functions at so many random points");
  program.add_flag("--speed", speed, "Print microseconds of processor time a suggestion with 1 and 10 parameters");
  CLI11_PARSE(program, argc, argv);
  if (points > 0) {
    print_points(points);
    return 0;
  }
  try {
    if (speed) {
      std::cout << nlohmann::json{{"sampler", sampler},
                                  {"trials", task.trials},
                                  {"microseconds",
                                   {{"1", microseconds(sampler, 1, task.trials)},
                                    {"10", microseconds(sampler, 10, task.trials)}}}}
                << "\n";
      return 0;
    }
    if (task.at.empty()) task.at = {task.trials};
    for (const TestFunction& candidate : test_functions()) {
      if (candidate.name != function) continue;
      std::vector<std::vector<double>> scores(task.at.size());
      for (std::int64_t seed = first; seed < first + seeds; ++seed) {
        const std::vector<double> one = search(candidate, sampler, seed, task);
        for (std::size_t i = 0; i < one.size(); ++i) scores[i].push_back(one[i]);
      }
      nlohmann::json by_trials;
      for (std::size_t i = 0; i < scores.size(); ++i) by_trials[std::to_string(task.at[i])] = scores[i];
      std::cout << nlohmann::json{{"function", function}, {"sampler", sampler}, {"scores", by_trials}} << "\n";
      return 0;
    }
    throw UsageError("there is no function " + function);
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
