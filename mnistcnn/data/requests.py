"""A request by http or https, with a deadline for all of it.

This is the only module of the package that opens a connection.
"""

import contextlib
import http.client
import queue
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

from mnistcnn.errors import quote

# Errors of requests: time-outs and urllib's own are OSErrors, a malformed URL
# is a ValueError.
FAILURES = (OSError, http.client.HTTPException, ValueError)

_CHUNK_BYTES = 1 << 16
_MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)


class Fetch:
    """A request in its own thread, with limited waiting.

    A server can delay in ways that cannot all be bounded from inside: name
    lookup, endless headers, a byte a second. So the thread is abandoned, and
    its sockets are shut down, which ends it.

    Args:
        url: http or https.
        timeout: seconds that the server may be silent.
        deadline: seconds for all of it.
    """

    def __init__(self, url: str, timeout: float, deadline: float):
        self._url, self._timeout = url, timeout
        self._end = time.monotonic() + deadline
        self._arrived: queue.Queue = queue.Queue(maxsize=64)
        self._sockets: list[socket.socket] = []
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Fetch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        for connected in self._sockets:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(queue.Empty):  # it may wait for room
            while True:
                self._arrived.get_nowait()

    def wait_for_head(self) -> int | None:
        """Waits for the headers; returns the announced size, if any."""
        head = self._wait(3 * self._timeout)
        # ASCII digits, not more than a size can have.
        plain = head.isascii() and head.isdigit() and len(head) < 20
        return int(head) if plain else None

    def wait_for_body(self) -> Iterator[bytes]:
        """Waits for each part of the body."""
        while chunk := self._wait(self._end - time.monotonic()):
            yield chunk

    def _wait(self, seconds: float):
        seconds = min(seconds, self._end - time.monotonic())
        try:
            arrived = self._arrived.get(timeout=max(seconds, 0))
        except queue.Empty:
            raise TimeoutError("it takes too long") from None
        if isinstance(arrived, BaseException):
            raise arrived
        return arrived

    def _run(self) -> None:
        try:
            with self._open() as response:
                self._arrived.put(response.headers.get("Content-Length", ""))
                # `read1` returns the available bytes, without waiting for a
                # whole chunk.
                while chunk := response.read1(_CHUNK_BYTES):
                    if self._left.is_set():
                        return
                    self._arrived.put(chunk)
            self._arrived.put(b"")
        # Any error is raised again in the waiting thread.
        except BaseException as error:
            self._arrived.put(error)

    def _open(self):
        """Requests the URL, and follows redirects."""
        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.UnknownHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Plain(self._note),
            _Safe(self._note),
        ):
            opener.add_handler(handler)
        url = self._url
        for _ in range(_MAX_REDIRECTS + 1):
            check_scheme(url)
            headers = {"User-Agent": "mnistcnn"}
            request = urllib.request.Request(url, headers=headers)
            try:
                return opener.open(request, timeout=self._timeout)
            except urllib.error.HTTPError as error:
                # urllib's own handler would read a redirect's body of any
                # length.
                place = error.headers.get("Location")
                if error.code not in _REDIRECTS or not place:
                    raise
                error.close()
                url = urllib.parse.urljoin(url, place)
        raise OSError(f"more than {_MAX_REDIRECTS} redirects")

    def _note(self, connected: socket.socket) -> None:
        self._sockets.append(connected)
        if self._left.is_set():
            connected.close()


class _Noting(urllib.request.AbstractHTTPHandler):
    """Reports the sockets that a handler opens."""

    def __init__(self, note: Callable[[socket.socket], None]):
        super().__init__()
        self._note = note

    def do_open(self, http_class, req, **options):
        note = self._note

        class Connection(http_class):
            def connect(self):
                super().connect()
                note(self.sock)

        made: Any = Connection  # typeshed's protocol has keywords of its own
        return super().do_open(made, req, **options)


class _Plain(_Noting, urllib.request.HTTPHandler):
    """Opens http."""


class _Safe(_Noting, urllib.request.HTTPSHandler):
    """Opens https."""


def check_scheme(url: str) -> None:
    """Raises a `ValueError` unless a URL is one of http or https."""
    scheme = urllib.parse.urlsplit(url).scheme
    if scheme not in ("http", "https"):
        raise ValueError(f"{quote(scheme, 20)} is neither http nor https")


def describe(url: str) -> str:
    """Returns a URL for display: without passwords and tokens."""
    head, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    path = path.partition("?")[0].partition("#")[0]
    shown = f"{head}://{place.rpartition('@')[2]}{slash}{path}" if rest else url
    return quote(shown, 200)[1:-1]


def explain(error: Exception) -> str:
    """Describes an error, without any text of the server."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()  # it holds the connection
        words = http.client.responses.get(error.code, "no known status")
        return f"{error.code} {words}"
    if isinstance(error, http.client.HTTPException):
        return f"no answer in HTTP, {type(error).__name__}"
    reason = getattr(error, "reason", None) or error
    return quote(reason, 200)[1:-1]
