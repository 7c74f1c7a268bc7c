#pragma once

#include <string>

#include "datasets/pack.h"
#include "framework/images/image_file.h"
#include "tests/command.h"
#include "tests/test_picture.h"

namespace atelier {

/// Packs a few small pictures into FOLDER/data/{photos,anime}, 40x40, and writes FOLDER/tiny.toml, an experiment that
/// trains on them in a fraction of a second a step.
inline void make_tiny_experiment(const std::filesystem::path& folder) {
  for (int i = 0; i < 7; ++i) {
    for (const char* set : {"p", "a"}) {
      const std::filesystem::path file = folder / set / (std::string("picture") + std::to_string(i) + ".png");
      std::filesystem::create_directories(file.parent_path());
      write_image(file, test_picture(40, 40, i + (*set == 'a' ? 100 : 0)));
    }
  }
  write_text(folder / "recipe.toml",
             "name = \"data\"\n[set.photos]\ninputs = [\"p\"]\nsize = 40\nval = 0.3\n"
             "[set.anime]\ninputs = [\"a\"]\nsize = 40\nval = 0.3\nsmooth = true\n");
  const auto alone = make_serial_communicator();
  pack(Recipe::from(Document::from_file(folder / "recipe.toml")), folder / "data", *alone, {});
  write_text(folder / "tiny.toml", R"(name = "tiny"
[data]
photos = "data/photos"
anime = "data/anime"
crop = 32
flip = true
batch = 2
[generator]
width = 4
blocks = 1
[discriminator]
width = 4
[features]
network = "vgg16"
weights = "random"
preprocess = "imagenet"
[loss]
content = { weight = 1.0, layer = "conv2_1" }
style = { weight = 1.0, layers = ["conv2_1"] }
[evaluate]
content_layer = "conv2_2"
style_layers = ["conv1_2"]
[train]
steps = 20
[record]
metrics_every = 1
checkpoint_every = 7
samples = 2
)");
}

}  // namespace atelier
