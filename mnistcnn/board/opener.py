"""The opener: a thread that opens pictures, since a photo takes a second."""

import contextlib
import subprocess
import sys
from collections.abc import Callable
from concurrent import futures
from pathlib import Path

from mnistcnn.board.paper import SIZE
from mnistcnn.board.pieces import Piece, open_pieces
from mnistcnn.board.service import describe_error
from mnistcnn.errors import DisplayError

# In a separate process: on a Mac, both Tk and SDL need the main thread.
_DIALOG = """
import sys, tkinter, tkinter.filedialog
root = tkinter.Tk()
root.withdraw()
root.attributes("-topmost", True)
path = tkinter.filedialog.askopenfilename(title="Open a picture of digits")
sys.stdout.buffer.write((path or "").encode())
"""


class Opener:
    """A thread that opens one picture after another."""

    def __init__(self):
        self._worker = futures.ThreadPoolExecutor(1)
        self._job: futures.Future[list[Piece] | None] | None = None
        self._dialog: subprocess.Popen[bytes] | None = None
        self._name = ""

    @property
    def busy(self) -> bool:
        """Whether a picture is being chosen or opened."""
        return self._job is not None

    def open(self, path: str) -> None:
        """Begins to open a picture, unless one is being opened."""
        self._begin(lambda: self._open(path))

    def choose(self) -> None:
        """Shows a file dialog, and opens the chosen file."""
        self._begin(self._choose)

    def poll(self) -> tuple[list[Piece] | None, tuple[str, bool] | None]:
        """Checks whether it is done.

        Returns:
            The picture's pieces, or None if there are none; and a message with
            whether it is an error, or None.
        """
        if self._job is None or not self._job.done():
            return None, None
        job, self._job = self._job, None
        try:
            pieces = job.result()
        # No error may lose the drawing, or close the window.
        except Exception as error:
            return None, (describe_error(error), True)
        if pieces is None:
            return None, None
        if not pieces:
            return None, (f"No digit was found in {self._name}.", True)
        digits = f"{len(pieces)} digit{'s' * (len(pieces) > 1)}"
        said = f"{digits} of {self._name}: point at one and press its digit."
        return pieces, (said, False)

    def close(self) -> None:
        """Closes the dialog, and waits for a picture that is being opened."""
        if self._dialog is not None:
            with contextlib.suppress(OSError):
                self._dialog.kill()
        self._worker.shutdown()

    def _begin(self, job: Callable[[], list[Piece] | None]):
        if not self.busy:
            self._job = self._worker.submit(job)

    def _open(self, path: str) -> list[Piece]:
        self._name = Path(path).name
        return open_pieces(path, SIZE)

    def _choose(self) -> list[Piece] | None:
        self._dialog = subprocess.Popen(
            [sys.executable, "-c", _DIALOG],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        path = self._dialog.communicate()[0].decode(errors="replace")
        failed, self._dialog = self._dialog.returncode != 0, None
        if failed:
            raise DisplayError(
                "There is no dialog for files here (tkinter). Drop a picture "
                "on the window."
            )
        return self._open(path) if path else None
