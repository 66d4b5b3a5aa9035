"""The artifact: one `.keras` file that every backend opens, and its card.

The file is stock Keras, so that `keras.saving.load_model(path,
compile=False)` opens it where mnistcnn is not installed. One more member,
`mnistcnn.json`, is its card: what it is, where it comes from, how good it
is. Opening a file here never trusts it: the bytes are read once and checked,
the model is built by our own code from what they say, and the arrays are
assigned. Keras' deserialiser never sees the file, but where `--trust` asks
for it (`trusting.py`).
"""

from mnistcnn.artifact.building import load_artifact as load_artifact
from mnistcnn.artifact.building import rebuild as rebuild
from mnistcnn.artifact.reading import Artifact as Artifact
from mnistcnn.artifact.reading import check_bytes as check_bytes
from mnistcnn.artifact.reading import inspect_artifact as inspect_artifact
from mnistcnn.artifact.reading import pretrained_path as pretrained_path
from mnistcnn.artifact.saving import save_artifact as save_artifact
from mnistcnn.artifact.trusting import load_trusted as load_trusted
