// Times the training step of the baseline's form, data included, in a first epoch, which computes the targets of the
// losses, and in a second one, which reads them. Prints one line of JSON: seconds a step of both and peak memory.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>

#include "datasets/pack.h"
#include "experiments/photo_to_anime/photo_to_anime.h"
#include "experiments/spec.h"
#include "framework/core/format.h"
#include "framework/images/image_file.h"
#include "tests/scratch_folder.h"
#include "tests/test_picture.h"

namespace {

using namespace atelier;

constexpr int warm_up = 2;

struct Case {
  int size = 64, batch = 4, width = 16, blocks = 4, steps = 20, threads = 2;
  std::string norm = "instance";
  std::vector<std::string> set;
  int images() const { return (warm_up + steps) * batch; }  // an epoch
};

/// A packed data set of test pictures and the experiment that trains on it.
ExperimentSpec make_experiment(const Case& c, const std::filesystem::path& folder) {
  for (int i = 0; i < c.images() + 2; ++i) {
    for (const char* set : {"p", "a"}) {
      std::filesystem::create_directories(folder / set);
      write_image(folder / set / format("picture{}.png", i), test_picture(c.size, c.size, i + (*set == 'a' ? 100 : 0)));
    }
  }
  const std::string recipe = format(
      "name = \"data\"\n[set.photos]\ninputs = [\"p\"]\nsize = {0}\nval = {1}\n"
      "[set.anime]\ninputs = [\"a\"]\nsize = {0}\nval = {1}\nsmooth = true\n",
      c.size, 2.0 / (c.images() + 2));
  const auto alone = make_serial_communicator();
  pack(Recipe::from(Document::from_text(recipe, "recipe", folder)), folder / "data", *alone, {});
  const std::string spec = format(
      "[data]\nphotos = \"data/photos\"\nanime = \"data/anime\"\ncrop = {}\nbatch = {}\n[generator]\nwidth = "
      "{}\nblocks = {}\n"
      "norm = \"{}\"\n[discriminator]\nwidth = {}\nnorm = \"{}\"\n[features]\nnetwork = \"vgg19\"\nweights = "
      "\"random\"\n"
      "preprocess = \"none\"\n[train]\nsteps = 1000000\n",
      c.size, c.batch, c.width, c.blocks, c.norm, c.width / 2, c.norm);
  Document document = Document::from_text(spec, "benchmark", folder);
  for (const std::string& assignment : c.set) document.set(assignment);
  return ExperimentSpec::from(document);
}

}  // namespace

int main(int argc, char** argv) {
  Case c;
  CLI::App program("Times the training step.");
  program.add_option("--size", c.size);
  program.add_option("--batch", c.batch);
  program.add_option("--width", c.width);
  program.add_option("--blocks", c.blocks);
  program.add_option("--steps", c.steps);
  program.add_option("--threads", c.threads);
  program.add_option("--norm", c.norm);
  program.add_option("--set", c.set)->allow_extra_args(false);
  CLI11_PARSE(program, argc, argv);

  const ScratchFolder folder;
  const ExperimentSpec spec = make_experiment(c, folder.path());
  const PhotoToAnimeData data = PhotoToAnimeData::open(spec.as<PhotoToAnimeSpec>().data);
  const auto alone = make_serial_communicator();
  at::set_num_threads(c.threads);
  PhotoToAnime task(spec.as<PhotoToAnimeSpec>(), 0, data, *alone);
  std::int64_t step = 0;
  const auto time_epoch = [&] {
    std::vector<double> seconds;
    for (int i = 0; i < warm_up + c.steps; ++i) {
      const auto start = std::chrono::steady_clock::now();
      task.step(step++);
      if (i >= warm_up)
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(seconds.begin(), seconds.end());
    return format("{{\"step_s\": {:.4f}, \"min_s\": {:.4f}, \"max_s\": {:.4f}}}", seconds[seconds.size() / 2],
                  seconds.front(), seconds.back());
  };
  const std::string first = time_epoch();
  const std::string second = time_epoch();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::cout << format("{{\"first_epoch\": {}, \"second_epoch\": {}, \"peak_mb\": {}}}\n", first, second,
                      usage.ru_maxrss / 1024);
}
