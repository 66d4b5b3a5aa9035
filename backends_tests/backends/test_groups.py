"""How processes find each other, and how a batch is divided; no framework."""

import json

import numpy as np
import pytest

from mnistcnn.backends import Group, count_devices, find_launch, launch
from mnistcnn.backends.groups import divide
from mnistcnn.errors import ConfigError

pytestmark = pytest.mark.core


def tf_config(kind, index, **cluster):
    task = {"type": kind, "index": index}
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}


WORKERS = {"worker": ["a:1", "b:1"]}


@pytest.mark.parametrize(
    ("backend", "variables", "expected"),
    [
        ("torch", {}, None),
        ("torch", {"RANK": "0", "WORLD_SIZE": "1"}, None),
        ("torch", {"RANK": "3", "WORLD_SIZE": "4"}, (3, 4)),
        ("jax", {"RANK": "3", "WORLD_SIZE": "4"}, None),
        ("jax", {"JAX_PROCESS_ID": "1", "JAX_NUM_PROCESSES": "2"}, (1, 2)),
        ("jax", {"SLURM_PROCID": "5", "SLURM_STEP_NUM_TASKS": "8"}, (5, 8)),
        (
            "jax",
            {"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"},
            (0, 2),
        ),
        ("tensorflow", {"TF_CONFIG": ""}, None),
        ("tensorflow", tf_config("worker", 1, **WORKERS), (1, 2)),
        (
            "tensorflow",
            tf_config("worker", 1, chief=["c:1"], **WORKERS),
            (2, 3),
        ),
        ("tensorflow", tf_config("chief", 0, chief=["c:1"], **WORKERS), (0, 3)),
        ("tensorflow", tf_config("worker", 0, worker=["a:1"]), None),
        ("openvino", {"RANK": "3", "WORLD_SIZE": "4"}, None),
    ],
)
def test_what_launchers_say(backend, variables, expected):
    assert find_launch(backend, variables) == expected


@pytest.mark.parametrize(
    ("backend", "variables"),
    [
        ("torch", {"RANK": "first", "WORLD_SIZE": "2"}),
        ("torch", {"WORLD_SIZE": "2"}),
        ("tensorflow", {"TF_CONFIG": "{"}),
        ("tensorflow", {"TF_CONFIG": "[]"}),
        ("tensorflow", tf_config("evaluator", 0, **WORKERS)),
    ],
)
def test_what_no_launcher_says(backend, variables):
    with pytest.raises(ConfigError, match="launcher cannot be read"):
        find_launch(backend, variables)


@pytest.mark.parametrize(
    ("asked", "found", "processes", "expected"),
    [
        (None, 4, 1, 1),
        ("all", 4, 1, 4),
        (3, 4, 1, 3),
        (None, 4, 2, 4),
        (4, 4, 2, 4),
    ],
)
def test_how_many_devices_train(asked, found, processes, expected):
    assert count_devices(asked, found, processes=processes) == expected


@pytest.mark.parametrize(
    ("asked", "processes", "text"),
    [
        (0, 1, "devices is 0. Expected all, or a number, 1 or more"),
        (True, 1, "devices is True"),
        (1.5, 1, "devices is 1.5"),
        ("2", 1, "devices is '2'"),
        (5, 1, "devices is 5, and 4 are here. Expected at most 4: plug in"),
        (3, 2, "4 are here, of 2 processes. Expected all of them"),
    ],
)
def test_devices_that_are_not_there(asked, processes, text):
    with pytest.raises(ConfigError, match=text):
        count_devices(asked, 4, processes=processes, hint="plug in another")


@pytest.mark.parametrize(
    ("n", "batch", "parts"), [(7, 3, 2), (128, 128, 3), (5, 8, 8), (1, 1, 1)]
)
def test_each_image_is_in_one_part_at_its_position(n, batch, parts):
    images = np.arange(1, n + 1)
    divided = divide(images, batch, parts)
    size = -(-batch // parts)
    assert divided.shape == (-(-n // batch), parts, size)
    for index, image in enumerate(images):
        position = index % batch
        found = divided[index // batch, position // size, position % size]
        assert found == image
    assert divided.sum() == images.sum()


def test_the_first_hands_its_bytes_to_all():
    given = b"\x00\xffseed"
    sent = []
    first = Group(processes=2, add=lambda a: sent.append(a) or a)
    assert first.share(given) == given
    answers = iter(sent)
    other = Group(process=1, processes=2, add=lambda a: next(answers) + a)
    assert other.share(b"not looked at") == given


def test_no_process_sums_nothing():
    sums = []
    group = Group(processes=2, add=lambda a: sums.append(a) or a)
    assert group.share() == b""
    assert [each.size for each in sums] == [1]


@pytest.mark.parametrize(
    ("backend", "devices"), [("jax", 2), ("torch", 1), ("torch", None)]
)
def test_pytorch_alone_has_a_process_for_each_device(backend, devices):
    assert launch(backend, devices) is None
