#include "experiments/evaluation/measures.h"

namespace atelier {

std::vector<Measure> evaluation_measures() {
  std::vector<Measure> measures{
      {.name = "eval.content",
       .better = Better::lower,
       .read_as = "features of photo and output; 0 is the photograph itself",
       .ranks = true},  // What is kept of the scene and, with eval.style, what is gained of the film: either alone is
                        // perfect in a picture that nobody wants.
      {.name = "eval.style",
       .better = Better::lower,
       .read_as = "textures of output and anime; 0 is the film's",
       .ranks = true},
#define ATELIER_PICTURE_MEASURE(function, ...) {__VA_ARGS__},
#include "experiments/evaluation/picture_measures.def"
#undef ATELIER_PICTURE_MEASURE
      {.name = "eval.kid",
       .better = Better::lower,
       .read_as = "outputs against anime; scatters around 0 where they are alike"},
      {.name = "eval.fid", .better = Better::lower, .read_as = "outputs against anime; too high for few images"},
      {.name = "eval.kid_photo",
       .better = Better::neither,
       .read_as = "outputs against photos; near 0 they still are photographs"},
      {.name = "eval.fid_photo",
       .better = Better::neither,
       .read_as = "outputs against photos; near 0 they still are photographs"},
      {.name = "eval.truth",
       .better = Better::lower,
       .read_as = "pixels of output and true picture; 0 is the true picture"},
      {.name = "eval.*"},
  };
  for (Measure& measure : measures) {
    measure.group = "evaluation";
    measure.exact = true;
  }
  return measures;
}

}  // namespace atelier
