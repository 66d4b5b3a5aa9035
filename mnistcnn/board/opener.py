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

# In a process of its own: on a Mac, Tk and SDL both want the first thread.
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
        """Shows a dialog for files, and opens what is chosen in it."""
        self._begin(self._choose)

    def poll(self) -> tuple[list[Piece] | None, tuple[str, bool] | None]:
        """Looks whether it is done.

        Returns:
            The picture's pieces, or None where there are none; and a line
            that says how it went, and whether badly, or None.
        """
        if self._job is None or not self._job.done():
            return None, None
        job, self._job = self._job, None
        try:
            pieces = job.result()
        # What is drawn stays, and the window too, whatever went wrong.
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
        """Closes the dialog, and waits until a picture is opened."""
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
