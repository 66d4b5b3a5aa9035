import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from board_hand import await_ends, is_alive

from mnistcnn.board.reader import Reader
from mnistcnn.board.readers import await_readers, close_readers
from mnistcnn.board.service import WARM

pytestmark = pytest.mark.core


@pytest.fixture
def start():
    readers = []

    def start(factory):
        reader = Reader(factory)
        readers.append(reader)
        reader.start()
        return reader

    yield start
    for reader in readers:
        reader.close()


def until(condition, reader, seconds=20):
    """Poll until the condition holds for the answer that came, or None."""
    end = time.monotonic() + seconds
    answer = reader.poll()
    while not condition(answer):
        assert time.monotonic() < end, (reader.state, reader.message)
        time.sleep(0.005)
        answer = reader.poll()
    return answer


def answer_of(reader, request):
    answer = until(lambda answer: answer is not None, reader)
    assert answer.request == request
    return answer


def pictures(n=1, value=0):
    images = np.zeros((n, 28, 28), np.uint8)
    images[:, 4:24, 13:15] = 255
    images[:, 0, 0] = value
    return images


def test_asks_before_the_net_is_loaded_and_gets_an_answer(start, stub):
    reader = start(stub.Stub)
    assert reader.state == "loading"
    request = reader.ask(pictures(3))
    answer = answer_of(reader, request)
    assert answer.probabilities.shape == (3, 10)
    assert answer.probabilities.dtype == np.float32
    assert answer.probabilities.argmax(axis=1).tolist() == [7, 7, 7]
    assert answer.seconds >= 0
    assert (reader.network.name, reader.network.backend) == ("stub", "numpy")
    assert reader.network.classes == tuple("0123456789")
    assert not reader.busy


def test_the_net_is_warm_and_reads_all_images_at_once(start, stub):
    reader = start(stub.Counting)
    answer = answer_of(reader, reader.ask(pictures(3)))
    # The first calls were the warm-up, for all sizes that are met.
    asked = (len(WARM) + 1) / 100 + 0.3
    assert np.allclose(answer.probabilities.max(axis=1), asked)


def test_the_child_leaves_the_other_core_to_the_window(
    start, stub, monkeypatch
):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    reader = start(stub.threaded)
    until(lambda _: reader.state == "ready", reader)
    assert reader.network.name == "1"


def test_the_newest_request_wins(start, stub):
    reader = start(stub.Slow)
    until(lambda _: reader.state == "ready", reader)
    reader.ask(pictures(1, value=20))  # keeps the child for 0.2 seconds
    for _ in range(5):
        request = reader.ask(pictures(2))
    answer = answer_of(reader, request)
    assert len(answer.probabilities) == 2
    assert not reader.busy


def test_asking_never_waits_for_the_child(start, stub):
    reader = start(stub.Slow)
    until(lambda _: reader.state == "ready", reader)
    begin = time.perf_counter()
    reader.ask(pictures(1, value=100))
    # Far more than a pipe holds.
    for _ in range(20):
        reader.ask(pictures(2000, value=0))
        reader.poll()
    assert time.perf_counter() - begin < 0.3


def test_a_halted_child_is_said_after_a_second_and_replaced(start, stub):
    reader = start(stub.Slow)
    until(lambda _: reader.state == "ready", reader)
    first, begin = reader.pid, time.monotonic()
    os.kill(first, signal.SIGSTOP)
    # Asked or not: whoever draws next is to find a network.
    until(lambda _: reader.message, reader)
    assert 1 <= time.monotonic() - begin < 2
    assert reader.message == (
        f"The reader stopped (halted by signal {signal.SIGSTOP:d}); "
        "started again."
    )
    assert not is_alive(first)
    answer_of(reader, reader.ask(pictures()))
    # What is let go on within the second is left alone, however often.
    second = reader.pid
    for _ in range(3):
        os.kill(second, signal.SIGSTOP)
        reader.poll()
        os.kill(second, signal.SIGCONT)
        answer_of(reader, reader.ask(pictures()))
    assert reader.pid == second
    # With a request on the way, and for the second time.
    reader.ask(pictures(1, value=30))
    os.kill(second, signal.SIGSTOP)
    until(lambda _: reader.state == "off", reader)
    assert "(halted by signal 19). Reading is off" in reader.message
    assert not is_alive(second)


def test_a_child_halted_while_it_loads_is_replaced(start, stub):
    reader = start(stub.Stub)
    os.kill(reader.pid, signal.SIGSTOP)
    until(lambda _: reader.message, reader)
    answer_of(reader, reader.ask(pictures()))


def test_a_killed_child_is_started_once_more_and_answers(start, stub):
    reader = start(stub.Slow)
    until(lambda _: reader.state == "ready", reader)
    request = reader.ask(pictures(1, value=30))
    first = reader.pid
    os.kill(first, signal.SIGKILL)
    begin = time.monotonic()
    until(lambda _: reader.message, reader)
    assert time.monotonic() - begin < 1
    assert reader.message == (
        "The reader stopped (exit code -9); started again."
    )
    answer_of(reader, request)
    assert reader.pid != first
    second = reader.pid
    os.kill(second, signal.SIGKILL)
    until(lambda _: reader.state == "off", reader)
    assert reader.message == (
        "The reader stopped again (exit code -9). Reading is off; drawing "
        "and saving still work."
    )
    assert reader.pid is None
    reader.ask(pictures())
    assert reader.poll() is None
    assert not reader.busy
    assert not is_alive(first)
    assert not is_alive(second)


def test_a_child_that_dies_while_loading_is_not_started_for_ever(start, stub):
    reader = start(stub.die)
    until(lambda _: reader.state == "off", reader)
    assert "(exit code 4)" in reader.message


def test_an_input_that_kills_the_child_turns_reading_off(start, stub):
    reader = start(stub.Mortal)
    reader.ask(np.full((1, 28, 28), 255, np.uint8))
    until(lambda _: reader.state == "off", reader)
    assert "(exit code 3)" in reader.message


def test_an_error_of_one_request_is_said_and_the_next_works(start, stub):
    reader = start(stub.Mortal)
    reader.ask(np.ones((1, 28, 28), np.uint8))
    until(lambda _: reader.message, reader)
    assert reader.message == "RuntimeError: no such thing"
    answer_of(reader, reader.ask(pictures()))
    assert reader.message is None


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        ("refuse", "x.keras ends in the middle. [truncated]"),
        ("stumble", "ImportError: No module named 'keras'"),
    ],
)
def test_a_refused_artifact_is_one_line_and_no_restart(
    start, stub, factory, message
):
    reader = start(getattr(stub, factory))
    reader.ask(pictures())
    until(lambda _: reader.state == "refused", reader)
    assert reader.message == message
    for _ in range(100):
        assert reader.poll() is None
        time.sleep(0.005)
    assert reader.state == "refused"
    assert not reader.busy


def test_an_artifact_that_is_not_there_is_refused_by_the_real_loader():
    reader = Reader(artifact="/no/such/file.keras")
    reader.start()
    try:
        until(lambda _: reader.state != "loading", reader, 60)
        assert reader.state == "refused"
        assert "\n" not in reader.message
    finally:
        reader.close()


def test_an_explanation_comes_after_the_answer(start, stub):
    reader = start(stub.Explained)
    until(lambda _: reader.state == "ready", reader)
    images = pictures(3)
    answer_of(reader, reader.ask(images, (1, False)))
    until(lambda _: not reader.busy, reader)
    assert np.array_equal(reader.why.maps, images[1])
    assert reader.why.evidence is None
    answer_of(reader, reader.ask(images, (2, True)))
    until(lambda _: not reader.busy, reader)
    assert np.array_equal(reader.why.maps, images[2])
    assert reader.why.evidence.shape == (28, 28)


def test_a_net_without_maps_says_so_and_reads_on(start, stub):
    reader = start(stub.Stub)
    answer_of(reader, reader.ask(pictures(), (0, False)))
    until(lambda _: reader.message, reader, 60)
    answer_of(reader, reader.ask(pictures()))
    assert reader.message is None


def test_two_that_do_not_end_are_closed_in_the_time_of_one(start, stub):
    readers = [start(stub.stubborn), start(stub.stubborn)]
    for reader in readers:
        until(lambda _, reader=reader: reader.state == "ready", reader)
    pids = [reader.pid for reader in readers]
    begin = time.perf_counter()
    close_readers(readers)
    assert time.perf_counter() - begin < 0.8
    assert not any(map(is_alive, pids))


def test_whoever_awaits_an_answer_wakes_up_for_it(start, stub):
    reader = start(stub.Slow)
    until(lambda _: reader.state == "ready", reader)
    assert not await_readers([reader], 0.01)
    reader.ask(pictures(1, value=5))
    begin = time.perf_counter()
    assert await_readers([reader], 20)
    assert time.perf_counter() - begin < 5
    reader.close()
    assert not await_readers([reader], 20)


def test_closing_while_loading_is_quick_and_leaves_no_process(start, stub):
    reader = start(stub.sleep)
    time.sleep(0.3)
    pid = reader.pid
    begin = time.perf_counter()
    reader.close()
    assert time.perf_counter() - begin < 0.5
    assert not is_alive(pid)
    assert reader.poll() is None
    reader.close()


def test_a_child_that_ignores_the_signal_is_killed(start, stub):
    reader = start(stub.stubborn)
    until(lambda _: reader.state == "ready", reader)
    pid = reader.pid
    begin = time.perf_counter()
    reader.close()
    assert time.perf_counter() - begin < 0.5
    assert not is_alive(pid)


def test_a_child_ends_when_its_parent_is_killed(tmp_path, stub):
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys, time\n"
        f"sys.path[:0] = {sys.path!r}\n"
        "import stub_classifier\n"
        "from mnistcnn.board.reader import Reader\n"
        "if __name__ == '__main__':\n"
        "    reader = Reader(stub_classifier.Stub)\n"
        "    reader.start()\n"
        "    while reader.state != 'ready':\n"
        "        reader.poll()\n"
        "    print(reader.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True
    )
    with parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    await_ends(pid)
