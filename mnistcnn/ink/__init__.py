"""Ink: what a pen draws, as points; generated handwriting, the canvas.

In: random generators, the events of a pen. Out: strokes, arrays `(n, 2)` of
x and y. May import the ground alone: NumPy, no pixels, no window.
"""

from mnistcnn.ink.canvas import Canvas as Canvas
from mnistcnn.ink.generator import draw_digit as draw_digit
from mnistcnn.ink.generator import pen_width as pen_width
from mnistcnn.ink.nondigits import draw_nondigit as draw_nondigit
from mnistcnn.ink.scratch import find_scratched as find_scratched
from mnistcnn.ink.scratch import is_scratch as is_scratch
from mnistcnn.ink.skeletons import SKELETONS as SKELETONS
from mnistcnn.ink.stroke import PEN as PEN
from mnistcnn.ink.stroke import Stroke as Stroke
from mnistcnn.ink.stroke import bounding_box as bounding_box
