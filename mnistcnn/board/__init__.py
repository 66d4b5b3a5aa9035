"""The drawing board: a pygame window whose digits are read as they are drawn.

In: pygame's events, paths of artifacts. Out: pixels, saved drawings. May
import `reading`, `artifact`, `pictures`, `ink` and the ground floor; the
network runs in a child process, so that the window loads no Keras.
"""

from mnistcnn.board.app import Board as Board
from mnistcnn.board.sessions import demo_screenshot as demo_screenshot
from mnistcnn.board.sessions import run_board as run_board
