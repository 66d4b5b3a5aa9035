"""Pictures: image files, light and paper, pieces of ink, MNIST's geometry.

In: image files, pictures, strokes. Out: images `(28, 28)` uint8 as MNIST has
them, and where in the picture they were. May import the ground floor alone,
NumPy and OpenCV.

Its parts, each of which imports only those above it, and below them all the
modules of this folder:

    files    image files: identified by their first bytes, measured, decoded
    shapes   of marks: components, boxes, ellipses, quadrilaterals, widths
    light    how bright paper is, shadows, tones, pictures without writing
    paper    where a sheet ends, how it lies, its edges, holes and dots
    pieces   ink, cut apart where it may be different digits
    rulings  lines that are not writing, and the ink that touches them
    forms    boxes in rows and columns, blocks of colour, separators
"""

from mnistcnn.pictures.answers import check_answer as check_answer
from mnistcnn.pictures.arrays import to_array as to_array
from mnistcnn.pictures.background import picture_to_ink as picture_to_ink
from mnistcnn.pictures.cleaning import clean_picture as clean_picture
from mnistcnn.pictures.cleaning import clean_sizes as clean_sizes
from mnistcnn.pictures.files.imagefile import SUFFIXES as SUFFIXES
from mnistcnn.pictures.files.imagefile import decode_image as decode_image
from mnistcnn.pictures.files.imagefile import read_image as read_image
from mnistcnn.pictures.forms.inksheet import Sheet as Sheet
from mnistcnn.pictures.images import IMAGE_SIZE as IMAGE_SIZE
from mnistcnn.pictures.images import check_form as check_form
from mnistcnn.pictures.images import check_images as check_images
from mnistcnn.pictures.images import check_input as check_input
from mnistcnn.pictures.light.contrast import apply_levels as apply_levels
from mnistcnn.pictures.pieces.cutting import Piece as Piece
from mnistcnn.pictures.pieces.segmentation import find_pieces as find_pieces
from mnistcnn.pictures.pieces.segmentation import measure_lines as measure_lines
from mnistcnn.pictures.preprocessing import BOX_SIZE as BOX_SIZE
from mnistcnn.pictures.preprocessing import PEN_WIDTH as PEN_WIDTH
from mnistcnn.pictures.preprocessing import ink_to_box as ink_to_box
from mnistcnn.pictures.preprocessing import ink_to_image as ink_to_image
from mnistcnn.pictures.preprocessing import strokes_to_image as strokes_to_image
from mnistcnn.pictures.rasterizer import FRACTION_BITS as FRACTION_BITS
from mnistcnn.pictures.rasterizer import check_strokes as check_strokes
from mnistcnn.pictures.rasterizer import number_strokes as number_strokes
from mnistcnn.pictures.rasterizer import rasterize as rasterize
from mnistcnn.pictures.rotations import average_rotations as average_rotations
from mnistcnn.pictures.rotations import turn as turn
