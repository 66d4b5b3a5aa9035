"""The drawing board: events in, pixels out, and a net in a child process."""

from mnistcnn.board.app import Board as Board
from mnistcnn.board.app import run_board as run_board
from mnistcnn.board.screenshot import demo_screenshot as demo_screenshot
