"""Makes evaluation_golden.json: the measures of held-out images, written from their formulas with NumPy in double
precision, with SciPy's matrix square root and scikit-image's SSIM where those apply, and without calling our code.

    pip install numpy scipy scikit-image && python3 evaluation_golden.py
"""
import json
import struct
from pathlib import Path

import numpy as np
import scipy.linalg
import skimage.metrics

from named_numbers import numbers

HERE = Path(__file__).parent


# The measures.

def luma(image):
    return np.tensordot([0.299, 0.587, 0.114], image, 1)


def ssim(a, b):
    return skimage.metrics.structural_similarity(luma(a), luma(b), data_range=1, gaussian_weights=True, sigma=1.5,
                                                 use_sample_covariance=False)


def ssim_of_small(a, b):
    """Pictures of fewer than 11 pixels a side: one window, as large as the picture."""
    a, b = luma(a), luma(b)
    gauss = [np.exp(-(np.arange(n) - (n - 1) / 2) ** 2 / (2 * 1.5**2)) for n in a.shape]
    window = np.outer(*gauss) / np.outer(*gauss).sum()
    mean = lambda x: (window * x).sum()
    ma, mb = mean(a), mean(b)
    va, vb, cov = mean((a - ma) ** 2), mean((b - mb) ** 2), mean((a - ma) * (b - mb))
    return (2 * ma * mb + 1e-4) * (2 * cov + 9e-4) / ((ma**2 + mb**2 + 1e-4) * (va + vb + 9e-4))


def fid(x, y):
    s1, s2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    # The root of S1 S2 is that of S1^(1/2) S2 S1^(1/2) but for a change of basis, and SciPy takes it of singular ones.
    values, vectors = scipy.linalg.eigh(s1)
    half = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    regular = min(len(x), len(y)) > x.shape[1]
    root = scipy.linalg.sqrtm(s1 @ s2) if regular else np.diag(np.sqrt(np.maximum(scipy.linalg.eigvalsh(half @ s2 @ half), 0)))
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(s1 + s2 - 2 * root.real)


def k(a, b):
    return (a @ b / len(a) + 1) ** 3


def kid(x, y):
    within = lambda z: np.mean([k(z[i], z[j]) for i in range(len(z)) for j in range(len(z)) if i != j])
    return within(x) + within(y) - 2 * np.mean([k(a, b) for a in x for b in y])


def paired_kid(x, y):
    h = lambda i, j: k(x[i], x[j]) + k(y[i], y[j]) - k(x[i], y[j]) - k(x[j], y[i])
    return np.mean([h(i, j) for i in range(len(x)) for j in range(len(x)) if i != j])


# VGG16.

def read_weights():
    raw = (HERE.parent.parent / "experiments/weights/vgg16-conv4_3.safetensors").read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + size])
    meta = header.pop("__metadata__")
    weights = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(raw[8 + size + begin : 8 + size + end], {"F16": np.float16, "F32": np.float32}[entry["dtype"]])
        weights[name] = values.reshape(entry["shape"]).astype(np.float64)
    return weights, np.array(json.loads(meta["mean"])), np.array(json.loads(meta["std"]))


def convolve(x, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1))), (3, 3), axis=(1, 2))
    return np.einsum("ihwyx,oiyx->ohw", windows, kernel, optimize=True) + bias[:, None, None]


def features(image, weights, mean, std):
    """Before ReLU."""
    x = (image - mean[:, None, None]) / std[:, None, None]
    result = {}
    for name, number in [("conv1_1", 0), ("conv1_2", 2), ("pool", None), ("conv2_1", 5), ("conv2_2", 7)]:
        if number is None:
            x = x.reshape(x.shape[0], x.shape[1] // 2, 2, x.shape[2] // 2, 2).max((2, 4))
            continue
        result[name] = convolve(x, weights[f"features.{number}.weight"], weights[f"features.{number}.bias"])
        x = np.maximum(result[name], 0)
    return result


def gram(f):
    flat = f.reshape(len(f), -1)
    return flat @ flat.T / f.size


def evaluation():
    """content at conv2_1, style at conv1_2 and conv2_1, pooled conv2_2; the generator is 1.25 x - 0.1, clamped."""
    network = read_weights()
    photos, anime, truth = (numbers(name, (n, 3, 16, 24), 0.5, 0.5)
                            for name, n in [("photos", 5), ("anime", 6), ("truth", 5)])
    photos, anime = photos**2, np.sqrt(anime)  # so that they do not look alike
    photos, anime = (x.astype(np.float32).astype(np.float64) for x in (photos, anime))
    outputs = np.clip(1.25 * photos - 0.1, 0, 1)
    of_photos, of_anime, of_outputs = ([features(image, *network) for image in images]
                                       for images in (photos, anime, outputs))
    content = "conv2_1"
    values = {
        "eval.content": sum(np.abs(o[content] - p[content]).mean() for o, p in zip(of_outputs, of_photos))
        / sum(np.abs(p[content]).mean() for p in of_photos),
        "eval.identity": np.abs(outputs - photos).mean(),
        "eval.truth": np.abs(outputs - truth).mean(),
        "eval.ssim": np.mean([ssim(o, p) for o, p in zip(outputs, photos)]),
    }
    mean_gram = lambda all_features, layer: np.mean([gram(f[layer]) for f in all_features], axis=0)
    style = []
    for layer in ["conv1_2", "conv2_1"]:
        target = mean_gram(of_anime, layer)
        style.append(np.linalg.norm(mean_gram(of_outputs, layer) - target) / np.linalg.norm(target))
    values["eval.style"] = np.mean(style)
    pool = lambda all_features: np.array([f["conv2_2"].mean((1, 2)) for f in all_features])
    scale = np.sqrt((pool(of_anime) ** 2).mean())
    pooled_outputs, pooled_anime, pooled_photos = (pool(f) / scale for f in (of_outputs, of_anime, of_photos))
    values |= {
        "eval.kid": kid(pooled_outputs, pooled_anime),
        "eval.fid": fid(pooled_outputs, pooled_anime),
        "eval.kid_photo": paired_kid(pooled_outputs, pooled_photos),
        "eval.fid_photo": fid(pooled_outputs, pooled_photos),
    }
    return values


def main():
    pairs = lambda name, shape: (numbers(name + ".a", shape, 0.5, 0.5), numbers(name + ".b", shape, 0.5, 0.5))
    golden = {"ssim": [], "ssim_of_small": [], "distances": {}}
    a, b = pairs("ssim", (3, 3, 20, 24))
    b = (0.75 * a + 0.25 * b).astype(np.float32).astype(np.float64)
    golden["ssim"] = [ssim(*pair) for pair in zip(a, b)]
    a, b = pairs("small", (2, 3, 7, 10))
    golden["ssim_of_small"] = [ssim_of_small(*pair) for pair in zip(a, b)]
    for n, m, d in [(6, 9, 10), (40, 30, 5), (3, 50, 8)]:
        x, y = numbers("x", (n, d), 0.25, 1), numbers("y", (m, d), 0, 2)
        golden["distances"][f"{n} {m} {d}"] = {"fid": fid(x, y), "kid": kid(x, y)}
    golden["evaluation"] = evaluation()
    (HERE / "evaluation_golden.json").write_text(json.dumps(golden, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()
