"""The time and memory that `mnistcnn predict` takes to read photos.

A handwritten number on a few kinds of paper, and in larger photos on a ruled
sheet that lies on a desk; synthetic JPEG files, read by NumPy, without a
backend.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

from formats.records import Record
from running.checkout import ROOT
from suites.drawing_hand import busy_core

VERSION = 2
REPEATS = 5
WARMUP = 1
SMALL, LARGER = "640x480", ["4000x3000", "8000x6000"]
READS = 9  # repeated reads of a photo in one process, after the first
DESK = "ruled_sheet"
PAPERS = {"clean": 3, "rules_dark": 3, "squared": 3, DESK: 55}  # with seeds
NOISE = 3  # grey levels

_MAKE = f"""
import sys
import cv2
import numpy as np
from papers import make_paper
sheet = make_paper(sys.argv[4], int(sys.argv[5])).picture[..., ::-1]
size = int(sys.argv[2]), int(sys.argv[3])
photo = cv2.resize(sheet, size, interpolation=cv2.INTER_CUBIC)
noise = np.zeros(photo.shape[:2], np.int16)
cv2.setRNGSeed(0)
cv2.randn(noise, 0, {NOISE})
noise = cv2.merge([noise] * 3)
photo = cv2.add(photo, noise, dtype=cv2.CV_8U)
cv2.imwrite(sys.argv[1], photo, [cv2.IMWRITE_JPEG_QUALITY, 90])
"""
_READ = """
import json, sys, time
from mnistcnn import DigitClassifier
from mnistcnn.pictures import read_image
classifier = DigitClassifier.from_pretrained()
times = []
for _ in range(1 + int(sys.argv[2])):
    start = time.perf_counter()
    classifier.read(read_image(sys.argv[1]))
    times.append(time.perf_counter() - start)
print(json.dumps(sorted(times[1:])[len(times) // 2 - 1]))
"""


def plan(quick: bool) -> list[dict]:
    """Plans a small photo of each paper, and larger ones of the sheet."""
    sizes = LARGER[:1] if quick else LARGER
    photos = [
        *((SMALL, paper) for paper in PAPERS),
        *((s, DESK) for s in sizes),
    ]
    return [{"photo": size, "paper": paper} for size, paper in photos]


def measure(job: dict) -> tuple[list[Record], dict]:
    """Measures time and peak of a new process, and reading in a warm one.

    A child's peak includes the memory of the process that starts it: so this
    one stays small, and the photo is made by another process.
    """
    paper = job["paper"]
    variables = dict(os.environ)
    variables.pop("KERAS_BACKEND", None)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "photo.jpg")
        made = [path, *job["photo"].split("x"), paper, str(PAPERS[paper])]
        made = [sys.executable, "-c", _MAKE, *made]
        subprocess.run(made, cwd=ROOT / "benchmarks", check=True)
        seconds, peak = _predict(path, variables)
        read = _read(path, variables)
        with busy_core():
            beside = _read(path, variables)
    case = {"photo": job["photo"], "paper": paper}
    return [
        Record({**case, "what": "predict"}, "seconds", seconds),
        Record({**case, "what": "predict"}, "bytes", peak),
        Record({**case, "what": "read"}, "seconds", read),
        Record(
            {**case, "what": "read", "beside": "a busy core"}, "seconds", beside
        ),
    ], {"reads": READS}


def _predict(path: str, variables: dict) -> tuple[float, int]:
    """Runs the command; returns seconds and bytes."""
    command = [sys.executable, "-P", "-m", "mnistcnn", "predict", path]
    start = time.perf_counter()
    process = subprocess.Popen(command, env=variables)
    _, code, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if code:
        raise subprocess.CalledProcessError(code, command)
    # In KiB, except on macOS.
    return seconds, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _read(path: str, variables: dict) -> float:
    """Reads a photo repeatedly in one process; returns the median seconds."""
    command = [sys.executable, "-P", "-c", _READ, path, str(READS)]
    done = subprocess.run(
        command, env=variables, check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)
