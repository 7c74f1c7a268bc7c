#pragma once

#include "experiments/losses/loss_table.h"
#include "experiments/photo_to_anime/batch.h"
#include "experiments/photo_to_anime/networks.h"

namespace atelier {

/// How much each term counts in a step: one-dimensional, in the order of the networks' `LossTable`s.
struct LossWeights {
  at::Tensor generator, discriminator;
};

/// The losses of generator and discriminator, and their gradients.
///
/// Each function adds the gradients of a micro-batch, times its share, to the parameters' `grad()`. It returns the
/// values of the terms and their total, one-dimensional and before the share is applied; where the discriminator
/// judges, its lead follows last.
class GanLosses {
 public:
  /// `networks` must outlive it.
  GanLosses(const PhotoToAnimeSpec& spec, const GanNetworks& networks);

  /// Of pretraining, which knows the content term alone.
  const LossTable& pretraining() const { return pretraining_; }
  const LossTable& generator() const { return generator_; }
  const LossTable& discriminator() const { return discriminator_; }

  /// The generator's and the discriminator's.
  std::vector<std::string> names() const;

  at::Tensor pretrain(const MicroBatch& micro, const LossWeights& weights) const;
  /// Both networks, both of the weights before the step, so that the output passes through the discriminator once. The
  /// generator's values come first.
  at::Tensor train_both(const MicroBatch& micro, const LossWeights& weights) const;
  at::Tensor train_discriminator(const MicroBatch& micro, const LossWeights& weights) const;
  at::Tensor train_generator(const MicroBatch& micro, const LossWeights& weights) const;

 private:
  LossContext context(const MicroBatch& micro, const at::Tensor& output) const;
  std::vector<at::Tensor> discriminator_values(const MicroBatch& micro, LossContext& context,
                                               const LossWeights& weights) const;
  std::vector<at::Tensor> values(const LossTable& table, const MicroBatch& micro, LossContext& context,
                                 const at::Tensor& weights) const;

  const GanNetworks& networks_;
  const AdversarialLoss& adversarial_;
  bool one_pass_;
  LossTable pretraining_, generator_, discriminator_;
  std::vector<at::Tensor> generator_parameters_, discriminator_parameters_;
};

}  // namespace atelier
