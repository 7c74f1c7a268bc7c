#include "experiments/losses/adversarial.h"

#include "experiments/losses/loss_spec.h"

namespace atelier {

const AdversarialLoss& adversarial_loss(std::string_view kind) {
  const AdversarialLoss* const losses[] = {
#define ATELIER_ADVERSARIAL(name, loss, has_penalty, summary) &loss,
#include "experiments/losses/adversarial.def"
#undef ATELIER_ADVERSARIAL
  };
  return *losses[&adversarial_kinds().at(kind) - adversarial_kinds().entries().data()];
}

at::Tensor mean_over_scales(AdversarialLoss::OfLogits loss, const std::vector<at::Tensor>& logits) {
  at::Tensor sum;
  for (const at::Tensor& scale : logits) sum = sum.defined() ? sum + loss(scale) : loss(scale);
  return logits.size() == 1 ? sum : sum / static_cast<double>(logits.size());
}

at::Tensor discriminator_lead(const AdversarialLoss& loss, const at::Tensor& real, const at::Tensor& fake) {
  const at::NoGradGuard no_grad;
  const at::Tensor border = loss.border(real, fake);
  return ((real > border).to(at::kFloat).mean() + (fake < border).to(at::kFloat).mean()) / 2;
}

}  // namespace atelier
