#include "experiments/photo_to_anime/resident_images.h"

#include <algorithm>

namespace atelier {

ResidentImages::ResidentImages(const ImageColumn& column, c10::Device device) {
  const std::int64_t height = column.height(), width = column.width();
  pixels_ = at::empty({column.size(), height, width, 3}, at::TensorOptions().dtype(at::kByte).device(device));
  white_ = at::full({}, 255.f, at::TensorOptions().dtype(at::kFloat).device(device));
  const at::Tensor one = at::empty({height, width, 3}, at::kByte);
  Image image;
  for (std::int64_t i = 0; i < column.size(); ++i) {
    column.read(i, image);
    std::copy(image.pixels().begin(), image.pixels().end(), one.data_ptr<std::uint8_t>());
    pixels_[i].copy_(one);
  }
}

at::Tensor ResidentImages::cut(const BatchLoader& loader, std::int64_t first, std::int64_t count) const {
  const std::int64_t crop = loader.crop();
  const at::Tensor bytes = at::empty({count, crop, crop, 3}, pixels_.options());
  for (std::int64_t i = 0; i < count; ++i) {
    const BatchLoader::Cut place = loader.cut(first + i);
    const at::Tensor part = pixels_[loader.image(first + i)].narrow(0, place.top, crop).narrow(1, place.left, crop);
    bytes[i].copy_(place.flipped ? part.flip(1) : part);
  }
  return bytes.to(at::kFloat) / white_;
}

}  // namespace atelier
