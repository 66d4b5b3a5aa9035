import dataclasses
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from mnistcnn.errors import ConfigError
from mnistcnn.training import TrainConfig
from mnistcnn.training.pipeline import REJECTED, generate_samples, split

pytestmark = pytest.mark.core


def test_a_mixture_is_digits_and_then_none():
    images, labels = generate_samples(40, 25, seed=3)
    assert images.shape == (65, 28, 28) and images.dtype == np.uint8
    assert images.any(axis=(1, 2)).all()
    assert (labels[:40] < 10).all() and (labels[40:] == REJECTED).all()
    assert len(set(labels[:40].tolist())) > 5


# What `train` does before its first epoch, and what its command line does
# with the exception.
DRAWING = """
import sys
from mnistcnn.data import generate
from mnistcnn.training import TrainConfig
from mnistcnn.training.interruption import Interrupted, Interruption
from mnistcnn.training.pipeline import split
data = generate(limit=20)
config = TrainConfig(**{sys.argv[1]: 10**6})
with Interruption() as interruption:
    print("drawing", flush=True)
    try:
        split(data, config, interruption.check)
    except Interrupted as stop:
        sys.exit(stop.exit_code)
"""


@pytest.mark.parametrize("what", ["generated_digits", "generated_nondigits"])
def test_sigterm_ends_it_within_two_seconds_while_digits_are_drawn(what):
    with subprocess.Popen(
        [sys.executable, "-c", DRAWING, what], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"drawing\n"
        time.sleep(0.2)
        assert process.poll() is None
        process.terminate()
        # Two seconds are asked of a quiet machine, and 10**6 take minutes.
        try:
            assert process.wait(timeout=10) == 128 + signal.SIGTERM
        finally:
            process.kill()


def test_the_seed_decides():
    one, again, other = (generate_samples(5, 5, seed=s)[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_digits_do_not_depend_on_how_many_are_none():
    alone, _ = generate_samples(5, 0, seed=1)
    beside, _ = generate_samples(5, 5, seed=1)
    np.testing.assert_array_equal(alone, beside[:5])


def test_what_is_held_out_is_left_alone(digits):
    config = TrainConfig(
        validation=0.3, generated_digits=20, generated_nondigits=10
    )
    x, y, x_held, y_held = split(digits, config)
    plain = digits.split(0.3)
    np.testing.assert_array_equal(x[:700], plain[0])
    assert len(x) == len(y) == 730 and y.dtype == np.uint8
    assert (y == REJECTED).sum() == 10
    np.testing.assert_array_equal(x_held, plain[2])
    np.testing.assert_array_equal(y_held, plain[3])


def test_other_classes_are_refused(digits):
    letters = dataclasses.replace(digits, classes=tuple("abcdefghij"))
    with pytest.raises(
        ConfigError, match="generated_digits is 3 and generated_nondigits is 0"
    ):
        split(letters, TrainConfig(generated_digits=3))
    assert len(split(letters, TrainConfig())) == 4
