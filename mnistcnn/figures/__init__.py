"""Every picture of a report or a page, by Matplotlib.

In: numbers as plain lists and arrays. Out: a PNG; each function writes one
and returns its path. Imports the ground alone. A `note` is printed across
the top of a picture: that is how a run on generated strokes says so.
"""

from mnistcnn.figures.reliability import reliability as reliability
from mnistcnn.figures.bars import Curve as Curve
from mnistcnn.figures.bars import Row as Row
from mnistcnn.figures.bars import bars as bars
from mnistcnn.figures.bars import curves as curves
from mnistcnn.figures.bars import intervals as intervals
from mnistcnn.figures.bars import stacked_bars as stacked_bars
from mnistcnn.figures.drawing import BACKEND_COLORS as BACKEND_COLORS
from mnistcnn.figures.drawing import BACKEND_MARKERS as BACKEND_MARKERS
from mnistcnn.figures.drawing import DPI as DPI
from mnistcnn.figures.drawing import INK as INK
from mnistcnn.figures.drawing import OTHER_COLOR as OTHER_COLOR
from mnistcnn.figures.drawing import OTHER_MARKER as OTHER_MARKER
from mnistcnn.figures.drawing import SLIM as SLIM
from mnistcnn.figures.drawing import WIDTH as WIDTH
from mnistcnn.figures.drawing import picture as picture
from mnistcnn.figures.gallery import filters as filters
from mnistcnn.figures.gallery import mistakes as mistakes
from mnistcnn.figures.gallery import samples as samples
from mnistcnn.figures.classes import class_histogram as class_histogram
from mnistcnn.figures.classes import confusion_matrix as confusion_matrix
from mnistcnn.figures.classes import learning_curves as learning_curves
from mnistcnn.figures.studies import study_plots as study_plots
