import ast
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from liar import OK, Liar

import mnistcnn
from mnistcnn.data.download import download_file
from mnistcnn.errors import DataError

pytestmark = pytest.mark.core

# More than the client reads at once, so that there is a middle to break in.
BODY = bytes(range(256)) * 1000


class Server:
    """Serves one body on 127.0.0.1, badly where it is told to."""

    def __init__(self):
        self.body = BODY
        self.status = 200
        self.announced = len(BODY)
        self.sent = len(BODY)
        self.silent = False
        self.done = threading.Event()
        self.requests = 0
        self.moved = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests += 1
                if outer.moved and self.path != outer.moved:
                    self.send_response(307)
                    self.send_header("Location", outer.moved)
                    return self.end_headers()
                self.send_response(outer.status)
                if outer.announced is not None:
                    self.send_header("Content-Length", str(outer.announced))
                self.end_headers()
                # The client may have hung up already.
                with contextlib.suppress(OSError):
                    self.wfile.write(outer.body[: outer.sent])
                    self.wfile.flush()
                if outer.silent:
                    outer.done.wait(20)
                return None

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/digits.bin"
        # The shutdown waits for a poll.
        options = {"poll_interval": 0.01}
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs=options
        )
        self.thread.start()

    def close(self):
        self.done.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    server = Server()
    yield server
    server.close()


def accept(path):
    """A `verify` that takes the body that was meant."""
    if path.read_bytes() != BODY:
        raise DataError(f"{path} is something else.")


def fetch(server, path, **options):
    options = {"verify": accept, "max_bytes": 1 << 20, "timeout": 5} | options
    return download_file(server.url, path, **options)


def refuse(server, path, text, **options):
    """Asserts that a download fails and leaves what was there."""
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    with pytest.raises(DataError, match=text) as caught:
        fetch(server, path, **options)
    assert str(caught.value).isprintable(), "one line"
    assert server.url in str(caught.value)
    after = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    assert after == before


# === What arrives ===


def test_a_download_stands_under_its_name_and_nothing_beside(server, tmp_path):
    path = tmp_path / "deep" / "cache" / "digits.bin"
    assert fetch(server, path) == path
    assert path.read_bytes() == BODY
    assert [p.name for p in path.parent.iterdir()] == ["digits.bin"]


def test_a_verified_download_replaces_what_was_there(server, tmp_path):
    path = tmp_path / "digits.bin"
    path.write_bytes(b"old")
    fetch(server, path)
    assert path.read_bytes() == BODY


def test_a_server_that_does_not_announce_a_size_is_believed(server, tmp_path):
    server.announced = None
    assert fetch(server, tmp_path / "digits.bin").read_bytes() == BODY


# === What does not ===


@pytest.mark.parametrize("announced", [len(BODY), None])
@pytest.mark.parametrize("sent", [0, 1, 65_536, 100_000, len(BODY) - 1])
def test_a_connection_that_breaks_leaves_nothing(
    server, tmp_path, sent, announced
):
    server.announced, server.sent = announced, sent
    text = f"announced 256,000 bytes and sent {sent:,}. Expected all of them"
    if announced is None:
        text = "is something else. The download was dropped"
    refuse(server, tmp_path / "digits.bin", text)


def test_a_broken_download_leaves_the_old_file(server, tmp_path):
    path = tmp_path / "digits.bin"
    path.write_bytes(b"old")
    server.sent = 70_000
    refuse(server, path, "sent 70,000")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("sent", [0, 70_000])
def test_a_silent_server_is_left(server, tmp_path, sent):
    server.silent, server.sent = True, sent
    start = time.monotonic()
    # On a busy machine the deadline of the whole may come before a read's.
    why = r"\((timed out|it takes too long)\)"
    text = f"Could not download .* {why}. Expected a connection"
    refuse(server, tmp_path / "digits.bin", text, timeout=0.3)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("announced", [len(BODY), None])
def test_too_much_is_not_taken(server, tmp_path, announced):
    server.announced = announced
    text = "sends more than 100,000 bytes. Expected the data set alone"
    refuse(server, tmp_path / "digits.bin", text, max_bytes=100_000)


def test_a_size_that_is_too_large_is_enough(server, tmp_path):
    server.announced, server.sent = 1 << 40, 70_000
    text = "sends more than 1,048,576 bytes"
    refuse(server, tmp_path / "digits.bin", text)


def test_an_endless_answer_is_cut(server, tmp_path):
    server.announced, server.body = None, bytes(32 << 20)
    server.sent = len(server.body)
    refuse(server, tmp_path / "digits.bin", "sends more than 1,048,576 bytes")


def test_a_status_that_is_no_success_is_an_error(server, tmp_path):
    server.status = 404
    refuse(server, tmp_path / "digits.bin", r"\(404 Not Found\). Expected")


def test_a_page_that_is_served_instead_is_dropped(server, tmp_path):
    server.body = b"<html>Please sign in</html>"
    server.announced = server.sent = len(server.body)
    text = "digits.bin is something else. The download was dropped"
    refuse(server, tmp_path / "digits.bin", text)


# === Servers that speak for ever, or lead astray ===


@pytest.fixture
def lie(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    liars = []

    def make(*arguments, **options):
        liars.append(Liar(*arguments, **options))
        return liars[-1]

    yield make
    for liar in liars:
        liar.close()


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"H"),
        (OK, b"X: y\r\n"),
        (OK, b"x"),
        (OK + b"\r\n", b"x"),
        (OK + b"Content-Length: 99999\r\n\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b"x"),
    ],
    ids=["continue", "status", "headers", "header", "body", "announced",
         "chunks", "redirect"],
)  # fmt: skip
def test_a_server_that_never_ends_is_left_in_time(lie, tmp_path, first, again):
    # Each part arrives in time; all of them never do.
    liar = lie(first, again)
    text = "it takes too long|LineTooLong|got more than 100 headers|redirects"
    text += "|no answer in HTTP, (HTTPException|LineTooLong)"
    refuse(liar, tmp_path / "a.bin", text, timeout=5, deadline=0.3)


def test_headers_have_less_time_than_the_body(lie, tmp_path):
    liar = lie(b"", b"HTTP/1.1 100 Continue\r\n\r\n")
    text = "it takes too long"
    refuse(liar, tmp_path / "a.bin", text, timeout=0.1, deadline=60)


def test_no_thread_stays_behind(lie, tmp_path):
    liar = lie(b"", b"HTTP/1.1 100 Continue\r\n\r\n")
    before = set(threading.enumerate())
    refuse(liar, tmp_path / "a.bin", "too long", deadline=0.1)
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    "url",
    ["file:///etc/hostname", "ftp://127.0.0.1/a", "data:,x", "mnist.npz", "",
     "HTTP//127.0.0.1/a", "//127.0.0.1/a"],
)  # fmt: skip
def test_only_http_is_asked(tmp_path, url):
    with pytest.raises(DataError, match="is neither http nor https"):
        download_file(url, tmp_path / "a", verify=accept, max_bytes=9)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["file:///etc/hostname", "ftp://127.0.0.1/"])
def test_redirects_lead_to_http_alone(lie, tmp_path, place, code):
    head = f"HTTP/1.1 {code} \r\nLocation: {place}\r\n\r\n"
    text = f"'{place.partition(':')[0]}' is neither http nor https"
    refuse(lie(head.encode()), tmp_path / "a.bin", text)


@pytest.mark.parametrize("relative", [False, True])
def test_a_redirect_is_followed(server, lie, tmp_path, relative):
    if relative:
        server.moved = "/elsewhere.bin"
        first = server
    else:
        head = f"HTTP/1.1 301 \r\nLocation: {server.url}\r\n\r\n"
        first = lie(head.encode())
    assert fetch(first, tmp_path / "a.bin").read_bytes() == BODY


def test_redirects_have_an_end(lie, tmp_path):
    head = b"HTTP/1.1 302 \r\nLocation: /b.bin\r\n\r\n"
    refuse(lie(head), tmp_path / "a.bin", "more than 5 redirects")


EVIL = "\x1b[31m[red]\u202e\x9b2J"


@pytest.mark.parametrize(
    "answer",
    [
        f"HTTP/1.1 404 {EVIL}\r\n\r\n",
        f"HTTP/1.1 999 {EVIL}\r\n\r\n",
        f"HTTP/1.1 {EVIL}\r\n\r\n",
        f"{EVIL}\r\n\r\n",
        f"HTTP/1.1 302 x\r\nLocation: {EVIL}\r\n\r\n",
        f"HTTP/1.1 302 x\r\nLocation: {EVIL}://x\r\n\r\n",
        f"HTTP/1.1 302 x\r\nLocation: http://{EVIL}/x\r\n\r\n",
        f"HTTP/1.1 302 x\r\nLocation: http://[{EVIL}/x\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nContent-Length: {EVIL}\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: \u00b2\r\n\r\nx",
        f"HTTP/1.1 200 OK\r\nContent-Length: {'9' * 5000}\r\n\r\nx",
    ],
)
def test_the_server_s_words_are_not_shown(lie, tmp_path, capsys, answer):
    liar = lie(answer.encode())
    refuse(liar, tmp_path / "a.bin", "Could not download|something else")
    assert "\x1b" not in "".join(capsys.readouterr())


def test_passwords_and_tokens_of_an_address_are_not_shown(server, tmp_path):
    server.status = 404
    url = server.url.replace("//", "//me:secret@") + "?token=secret#secret"
    with pytest.raises(DataError) as caught:
        download_file(url, tmp_path / "a", verify=accept, max_bytes=9)
    assert "secret" not in str(caught.value)
    assert "digits.bin" in str(caught.value)


# === What else goes wrong ===


def test_a_refused_connection_is_an_error(server, tmp_path):
    server.close()
    text = "Could not download .*[Rr]efused.*pass the file's path"
    refuse(server, tmp_path / "digits.bin", text)


def test_a_folder_that_cannot_be_made_is_an_error(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    text = r"Could not download .*Expected .* room at .*file"
    with pytest.raises(DataError, match=text):
        fetch(server, tmp_path / "file" / "digits.bin")
    assert server.requests == 0


def test_a_full_disk_is_an_error(server, tmp_path):
    resource = pytest.importorskip("resource")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, old[1]))
    try:
        refuse(server, tmp_path / "digits.bin", "Could not download .*room at")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_an_interruption_leaves_nothing(server, tmp_path):
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(server, tmp_path / "digits.bin", verify=interrupt)
    assert list(tmp_path.iterdir()) == []


CHILD = """
import sys
from pathlib import Path
from mnistcnn.data.download import download_file
print("ready", flush=True)
download_file(sys.argv[1], Path(sys.argv[2]), verify=print, max_bytes=1 << 20)
"""


def test_a_killed_download_leaves_no_file_of_that_name(server, tmp_path):
    path = tmp_path / "digits.bin"
    server.silent, server.sent = True, 150_000
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, server.url, str(path)],
        stdout=subprocess.PIPE,
    )
    with child:
        child.stdout.readline()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            parts = list(tmp_path.iterdir())
            if parts and parts[0].stat().st_size:
                break
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
    (part,) = tmp_path.iterdir()
    assert part.suffix == ".part"
    server.silent, server.sent = False, len(BODY)
    # Another process may be at it still: only an old part is removed.
    fetch(server, path)
    assert set(tmp_path.iterdir()) == {path, part}
    hours_ago = time.time() - 2 * 3600
    os.utime(part, (hours_ago, hours_ago))
    fetch(server, path)
    assert list(tmp_path.iterdir()) == [path]


def test_no_other_module_opens_a_connection():
    package = Path(mnistcnn.__file__).parent
    names = {"socket", "http.client", "urllib.request", "requests"}
    for path in sorted(package.rglob("*.py")):
        if path.name == "requests.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert not names & {a.name for a in node.names}, path
            if isinstance(node, ast.ImportFrom):
                assert node.module not in names, path
