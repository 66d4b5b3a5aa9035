"""Ink: what a pen draws, as points; generated handwriting, the canvas.

In: random generators, the events of a pen. Out: strokes, arrays `(n, 2)` of
x and y. May import the ground floor alone, and NumPy: no pixels, no window.
"""

from mnistcnn.ink.canvas import Canvas as Canvas
from mnistcnn.ink.generator import draw_digit as draw_digit
from mnistcnn.ink.generator import pen_width as pen_width
from mnistcnn.ink.lookalikes import LOOKALIKES as LOOKALIKES
from mnistcnn.ink.lookalikes import is_nondigit as is_nondigit
from mnistcnn.ink.missegmented import find_fragments as find_fragments
from mnistcnn.ink.missegmented import pair as pair
from mnistcnn.ink.nondigits import draw_nondigit as draw_nondigit
from mnistcnn.ink.scratch import find_scratched as find_scratched
from mnistcnn.ink.scratch import is_scratch as is_scratch
from mnistcnn.ink.skeletons import SKELETONS as SKELETONS
from mnistcnn.ink.slashes import slash as slash
from mnistcnn.ink.stroke import PEN as PEN
from mnistcnn.ink.stroke import Stroke as Stroke
from mnistcnn.ink.stroke import bounding_box as bounding_box
from mnistcnn.ink.stroke import resample as resample
from mnistcnn.ink.strokeset import StrokeSet as StrokeSet
from mnistcnn.ink.strokeset import StrokeSource as StrokeSource
from mnistcnn.ink.strokeset import concatenate as concatenate
from mnistcnn.ink.typefaces import PRINTED as PRINTED
from mnistcnn.ink.typefaces import print_digits as print_digits
