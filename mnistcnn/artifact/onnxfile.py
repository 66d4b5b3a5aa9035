"""A checked artifact as ONNX, written by our own code.

Keras' writer needs another converter on each backend, and JAX's writes a
pooling that ONNX Runtime refuses (jax2onnx 0.17). Here each of the dozen layers
that an artifact may hold becomes its own nodes, so every backend writes the
same file, for any number of images.
"""

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.artifact import Artifact
from mnistcnn.artifact.layers import LayerSpec, Options
from mnistcnn.errors import ConfigError

# The first opset with Gelu, supported by ONNX Runtime since 1.17 (2024).
OPSET = 20
IR_VERSION = 9
INPUT, OUTPUT = "pixels", "probabilities"

Arrays = list[npt.NDArray[np.float32]]

_ACTIVATIONS = {
    "relu": "Relu",
    "gelu": "Gelu",
    "elu": "Elu",
    "tanh": "Tanh",
    "softmax": "Softmax",
}


def encode_onnx(artifact: Artifact) -> bytes:
    """Writes an ONNX file that computes what the artifact does.

    It takes `pixels`, `(batch, 28, 28, 1)` float32, 0..255, and gives
    `probabilities`, `(batch, classes)` float32. The classes' names are in
    its metadata, as JSON.

    Args:
        artifact: checked, of the layers that `artifact.layers` knows.

    Returns:
        The file's bytes.

    Raises:
        ConfigError: a layer is not supported here.
    """
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph(helper)
    value = graph.add("Transpose", INPUT, perm=[0, 3, 1, 2])
    rank = 3
    for spec, arrays in zip(artifact.layers, artifact.weights, strict=True):
        value = _add_layer(graph, spec, arrays, value, rank)
        rank = len(spec.output_shape)
    graph.add("Identity", value, name=OUTPUT)
    tensor = helper.make_tensor_value_info
    shapes = ["batch", 28, 28, 1], ["batch", len(artifact.classes)]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            artifact.name,
            [tensor(INPUT, TensorProto.FLOAT, shapes[0])],
            [tensor(OUTPUT, TensorProto.FLOAT, shapes[1])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="mnistcnn",
    )
    helper.set_model_props(model, {"classes": json.dumps(artifact.classes)})
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


class _Graph:
    """Nodes and constants, each value with its own name."""

    def __init__(self, helper: Any):
        self._helper = helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(
        self,
        kind: str,
        *inputs: str | npt.NDArray[Any] | np.generic,
        name: str = "",
        **attributes: Any,
    ) -> str:
        """Appends a node; arrays among its inputs become constants."""
        names = [v if isinstance(v, str) else self._keep(v) for v in inputs]
        name = name or f"{kind.lower()}_{len(self.nodes)}"
        node = self._helper.make_node(kind, names, [name], **attributes)
        self.nodes.append(node)
        return name

    def _keep(self, value: npt.NDArray[Any] | np.generic) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        array = np.ascontiguousarray(value)
        self.constants.append(numpy_helper.from_array(array, name))
        return name


def _add_layer(
    graph: _Graph, spec: LayerSpec, arrays: Arrays, value: str, rank: int
) -> str:
    """Appends a layer's nodes; images are `(n, channels, rows, columns)`."""
    options = spec.options
    match spec.kind:
        case "Dropout":
            return value
        case "Rescaling":
            value = graph.add("Mul", value, np.float32(options["scale"]))
            return graph.add("Add", value, np.float32(options["offset"]))
        case "Conv2D":
            kernel, *bias = arrays
            kernel = kernel.transpose(3, 2, 0, 1)
            window = _window(options, "kernel_size")
            value = graph.add("Conv", value, kernel, *bias, **window)
        case "MaxPooling2D":
            return graph.add("MaxPool", value, **_window(options, "pool_size"))
        case "AveragePooling2D":
            window = _window(options, "pool_size")
            return graph.add("AveragePool", value, **window)
        case "GlobalAveragePooling2D":
            return graph.add("Flatten", graph.add("GlobalAveragePool", value))
        case "BatchNormalization":
            return _add_normalization(graph, options, arrays, value)
        case "Flatten":
            if rank == 3:
                value = graph.add("Transpose", value, perm=[0, 2, 3, 1])
            return graph.add("Flatten", value)
        case "Dense":
            kernel, *bias = arrays
            value = graph.add("Gemm", value, kernel, *bias)
        case "Activation":
            pass
        case _:
            raise ConfigError(
                f"{spec.kind} {spec.name!r} has no ONNX node here. Expected "
                "the layers of mnistcnn's networks: take another format."
            )
    return _activate(graph, options["activation"], value)


def _window(options: Options, size: str) -> Options:
    same = options["padding"] == "same"
    return {
        "kernel_shape": options[size],
        "strides": options["strides"],
        "auto_pad": "SAME_UPPER" if same else "VALID",
    }


def _add_normalization(
    graph: _Graph, options: Options, arrays: Arrays, value: str
) -> str:
    *given, mean, variance = arrays
    scale = given.pop(0) if options["scale"] else np.ones_like(mean)
    offset = given.pop(0) if options["center"] else np.zeros_like(mean)
    return graph.add(
        "BatchNormalization",
        value,
        *(scale, offset, mean, variance),
        epsilon=float(options["epsilon"]),
    )


def _activate(graph: _Graph, name: str, value: str) -> str:
    if name == "linear":
        return value
    if name == "silu":
        return graph.add("Mul", value, graph.add("Sigmoid", value))
    if name not in _ACTIVATIONS:
        raise ConfigError(
            f"The activation {name!r} has no ONNX node here. Expected one of "
            f"{', '.join(_ACTIVATIONS)}: take another format."
        )
    # Channels are the second axis of images, and of features.
    axis: Options = {"axis": 1} if name == "softmax" else {}
    return graph.add(_ACTIVATIONS[name], value, **axis)
