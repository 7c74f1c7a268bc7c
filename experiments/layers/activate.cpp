#include "experiments/layers/activate.h"

#include "framework/core/error.h"

namespace atelier {

at::Tensor activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::leaky_relu:
      return at::leaky_relu(x, leaky_slope);
    case Activation::relu:
      return at::relu(x);
    case Activation::elu:
      return at::elu(x);
    case Activation::silu:
      return at::silu(x);
    case Activation::gelu:
      return at::gelu(x);
  }
  throw Error("unreachable");
}

at::Tensor activate_in_place(at::Tensor x, Activation activation) {
  switch (activation) {
    case Activation::leaky_relu:
      return at::leaky_relu_(x, leaky_slope);
    case Activation::relu:
      return at::relu_(x);
    default:
      return activate(x, activation);  // their gradients need what was before
  }
}

}  // namespace atelier
