"""Draws three digits on paper, and has `mnistcnn predict` read them.

Run by the interpreter of an environment that has the package and nothing
else; says what was read and what loaded.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from mnistcnn import load_data
from mnistcnn.cli import app

data = load_data("strokes", limit=40)
chosen = [int(np.flatnonzero(data.y_test == label)[0]) for label in (3, 1, 4)]
line = np.hstack([np.pad(data.x_test[i], 8) for i in chosen])
large = cv2.resize(line, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
photo = Path(sys.argv[1]) / "photo.png"
cv2.imwrite(str(photo), 255 - large)
app(["predict", "--json", str(photo)], standalone_mode=False)
loaded = {name.partition(".")[0] for name in sys.modules}
assert not loaded & {"jax", "torch", "tensorflow", "keras"}
