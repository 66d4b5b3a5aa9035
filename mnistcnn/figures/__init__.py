"""Every picture of a report or a page, by Matplotlib.

In: numbers as plain lists and arrays. Out: a PNG; each function writes one
and returns its path. Imports the ground floor alone. A `note` is printed across
the top of a picture, for example for a run on generated strokes. Matplotlib is
loaded when the first name is used.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.figures.bars import Row as Row
    from mnistcnn.figures.bars import draw_bars as draw_bars
    from mnistcnn.figures.bars import draw_intervals as draw_intervals
    from mnistcnn.figures.bars import draw_stacked_bars as draw_stacked_bars
    from mnistcnn.figures.boxes import draw_boxes as draw_boxes
    from mnistcnn.figures.classes import (
        draw_class_histogram as draw_class_histogram,
    )
    from mnistcnn.figures.classes import (
        draw_confusion_matrix as draw_confusion_matrix,
    )
    from mnistcnn.figures.curves import Curve as Curve
    from mnistcnn.figures.curves import draw_curves as draw_curves
    from mnistcnn.figures.curves import (
        draw_learning_curves as draw_learning_curves,
    )
    from mnistcnn.figures.drawing import DPI as DPI
    from mnistcnn.figures.drawing import INK as INK
    from mnistcnn.figures.drawing import SLIM as SLIM
    from mnistcnn.figures.drawing import WIDTH as WIDTH
    from mnistcnn.figures.drawing import choose_color as choose_color
    from mnistcnn.figures.drawing import choose_marker as choose_marker
    from mnistcnn.figures.drawing import picture as picture
    from mnistcnn.figures.gallery import draw_filters as draw_filters
    from mnistcnn.figures.gallery import draw_mistakes as draw_mistakes
    from mnistcnn.figures.gallery import draw_samples as draw_samples
    from mnistcnn.figures.marks import check_pictures as check_pictures
    from mnistcnn.figures.reliability import (
        draw_reliability as draw_reliability,
    )
    from mnistcnn.figures.studies import draw_study as draw_study
else:
    __getattr__, __dir__ = attach(
        __name__,
        bars="Row draw_bars draw_intervals draw_stacked_bars",
        boxes="draw_boxes",
        classes="draw_class_histogram draw_confusion_matrix",
        curves="Curve draw_curves draw_learning_curves",
        drawing="DPI INK SLIM WIDTH choose_color choose_marker picture",
        gallery="draw_filters draw_mistakes draw_samples",
        marks="check_pictures",
        reliability="draw_reliability",
        studies="draw_study",
    )
