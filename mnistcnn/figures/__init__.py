"""Every picture of a report or a page, by Matplotlib.

In: numbers as plain lists and arrays. Out: a PNG; each function writes one
and returns its path. Imports the ground alone. A `note` is printed across
the top of a picture: that is how a run on generated strokes says so.
"""

from mnistcnn.figures.beliefs import reliability as reliability
from mnistcnn.figures.charts import Curve as Curve
from mnistcnn.figures.charts import Row as Row
from mnistcnn.figures.charts import bars as bars
from mnistcnn.figures.charts import curves as curves
from mnistcnn.figures.charts import intervals as intervals
from mnistcnn.figures.charts import stacked_bars as stacked_bars
from mnistcnn.figures.drawing import DPI as DPI
from mnistcnn.figures.gallery import filters as filters
from mnistcnn.figures.gallery import mistakes as mistakes
from mnistcnn.figures.gallery import samples as samples
from mnistcnn.figures.run import class_histogram as class_histogram
from mnistcnn.figures.run import confusion_matrix as confusion_matrix
from mnistcnn.figures.run import learning_curves as learning_curves
from mnistcnn.figures.spreads import Bar as Bar
from mnistcnn.figures.spreads import Block as Block
from mnistcnn.figures.spreads import Line as Line
from mnistcnn.figures.spreads import blocks as blocks
from mnistcnn.figures.spreads import growth as growth
from mnistcnn.figures.studies import study_plots as study_plots
