"""Makes smoothing_input.png and smoothing_expected.png with Python's OpenCV (pip install opencv-python-headless), by the
definition in datasets/edge_smoothing.h and without calling our code.

    python3 make_smoothing_expected.py ../../datasets/starter/anime/film-0234-1.jpg
"""
import sys
from pathlib import Path

import cv2
import numpy as np

here = Path(__file__).parent
bgr = cv2.imread(sys.argv[1])[40:136, 60:172]
edges = cv2.dilate(cv2.Canny(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), 100, 200), np.ones((5, 5), np.uint8))

# The Gaussian in double precision, straight from its definition.
kernel = cv2.getGaussianKernel(5, 0)
weights = kernel @ kernel.T
padded = cv2.copyMakeBorder(bgr, 2, 2, 2, 2, cv2.BORDER_REFLECT_101).astype(np.float64)
height, width = bgr.shape[:2]
blurred = sum(weights[i, j] * padded[i : i + height, j : j + width] for i in range(5) for j in range(5))

expected = np.where(edges[..., None] != 0, np.floor(blurred + 0.5), bgr).astype(np.uint8)
print(f"{(edges != 0).mean():.2f} of the pixels are near an edge")
cv2.imwrite(str(here / "smoothing_input.png"), bgr)
cv2.imwrite(str(here / "smoothing_expected.png"), expected)
