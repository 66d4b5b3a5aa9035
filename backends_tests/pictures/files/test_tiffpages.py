"""TIFFs of several pages, of which the first is read."""

import struct
import subprocess
import sys

import cv2
import numpy as np
import pytest

from mnistcnn.errors import DataWarning
from mnistcnn.pictures import read_image
from mnistcnn.pictures.files.tiffpages import count_pages

pytestmark = pytest.mark.core


def write(path, number):
    """Pages of which the first is the brightest."""
    shape = (40, 30, 3)
    pages = [np.full(shape, 250 - 50 * i, np.uint8) for i in range(number)]
    assert cv2.imwritemulti(str(path), pages)
    return path


def test_only_the_first_is_read_and_that_is_said(tmp_path):
    path = write(tmp_path / "a.tiff", 3)
    said = "a.tiff: the first of 3 pages is read. Expected one picture: "
    with pytest.warns(DataWarning, match=said):
        image = read_image(path)
    assert image.shape[:2] == (40, 30) and image[..., :3].mean() > 240


def test_of_one_nothing_is_said(tmp_path):
    path = write(tmp_path / "a.tiff", 1)
    assert count_pages(path.read_bytes()) == 1
    read_image(path)


def test_thumbnails_and_masks_are_no_pages():
    def directory(kind, after):
        entry = struct.pack("<HHII", 254, 4, 1, kind)
        return struct.pack("<H", 1) + entry + struct.pack("<I", after)

    kinds, data = (0, 1, 4, 2), b"II*\0" + struct.pack("<I", 8)
    for number, kind in enumerate(kinds, 1):
        after = 8 + 18 * number if number < len(kinds) else 8  # a loop
        data += directory(kind, after)
    assert count_pages(data) == 2


def test_a_file_that_is_cut_short_is_counted_without_errors(tmp_path):
    data = write(tmp_path / "a.tiff", 2).read_bytes()
    for end in range(0, len(data), 5):
        assert 1 <= count_pages(data[:end]) <= 2


def test_the_command_says_it_in_one_line(tmp_path):
    path = str(write(tmp_path / "pages.tiff", 2))
    command = [sys.executable, "-m", "mnistcnn", "predict", path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith(path)
    assert done.stderr.count("\n") == 1
    assert f"{path}: the first of 2 pages is read" in done.stderr
