"""Data sets: MNIST, files of its form, saved drawings, generated strokes.

In: a source (`"auto"`, `"mnist"`, `"strokes"`, a path). Out: a checked
`Dataset`. May import `ink`, `pictures`, from `backends` the folders, the ground
floor, NumPy and OpenCV.
"""

from mnistcnn.data.augmentation import warp as warp
from mnistcnn.data.camerablur import defocus as defocus
from mnistcnn.data.classnames import parse_classes as parse_classes
from mnistcnn.data.classnames import take_names as take_names
from mnistcnn.data.dataset import DIGITS as DIGITS
from mnistcnn.data.dataset import KEYS as KEYS
from mnistcnn.data.dataset import Dataset as Dataset
from mnistcnn.data.dataset import check_dataset as check_dataset
from mnistcnn.data.degradation import degrade as degrade
from mnistcnn.data.digests import digest as digest
from mnistcnn.data.download import download_file as download_file
from mnistcnn.data.labels import check_labels as check_labels
from mnistcnn.data.mnist import MNIST as MNIST
from mnistcnn.data.mnist import cache_path as cache_path
from mnistcnn.data.mnist import find_cached as find_cached
from mnistcnn.data.names import find_named as find_named
from mnistcnn.data.sources import GENERATED as GENERATED
from mnistcnn.data.sources import GeneratedDataWarning as GeneratedDataWarning
from mnistcnn.data.sources import generate as generate
from mnistcnn.data.sources import load_data as load_data
from mnistcnn.data.strokedrawing import draw_strokes as draw_strokes
from mnistcnn.data.strokefiles import read_strokes_file as read_strokes_file
from mnistcnn.data.writers import EVERY as EVERY
from mnistcnn.data.writers import split_held as split_held
from mnistcnn.data.writers import split_tested as split_tested
