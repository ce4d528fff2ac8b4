"""The workloads as Quickstudy exports them: parameters, episodes, and what they must come to.

`io.quickstudy.benchmarks.Main export` writes a safetensors file for each workload, with the loss
and the meta-gradient that Quickstudy computes on the CPU. Images are [N, H, W, C], filters
[KH, KW, C, O], dense weights [in, out]. One step is the loss and the meta-gradient, averaged over
the tasks, without the optimiser's update; of `adapt-latency`, the predictions of an adapted model.
"""

import enum
import json
import pathlib
from dataclasses import dataclass

import numpy as np

# The most telling first, so that a run that is cut has them.
NAMES = (
    "maml-omniglot",
    "maml-mini",
    "protonet-60way",
    "lstm-sequence",
    "maml-sine-1",
    "maml-sine-5",
    "fomaml-omniglot",
    "fomaml-mini",
    "maml-omniglot-q1",
    "protonet-20way",
    "lstm-sequence-500",
    "adapt-latency",
)

DTYPES = {"F32": np.dtype("<f4"), "I32": np.dtype("<i4")}


class Method(enum.Enum):
    """What is done with a task."""

    MAML = "maml"
    PROTONET = "protonet"
    LSTM = "lstm"
    ADAPT = "adapt"


class Net(enum.Enum):
    """The network."""

    STRIDE = "four convolutions with stride 2, spatial mean, linear"
    POOL = "four convolutions with 2x2 max-pooling, flattened; linear, but for ProtoNet"
    MLP = "linear layers with ReLU between them"
    LSTM = "LSTM and linear"


class Order(enum.Enum):
    """Whether the outer gradient passes through the inner ones."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True)
class Workload:
    """One workload; arrays in Quickstudy's layouts.

    The images and filters of a network with stride 2 are mirrored, see `mirrored`.
    """

    name: str
    method: Method
    net: Net
    order: Order
    ways: int
    inner_steps: int
    inner_rate: float
    theta: dict  # what gets a gradient, by name
    episodes: dict  # "support.x", "support.y", "query.x", "query.y" or "x", "y"; task axis first
    expected: dict  # "loss" and "grad.NAME", or "logits"

    @property
    def tasks(self):
        """Tasks of a step."""
        return next(iter(self.episodes.values())).shape[0]

    @property
    def blocks(self):
        """Blocks of a convolutional network."""
        return sum(name.startswith("conv") for name in self.theta)

    @property
    def layers(self):
        """Layers of a multi-layer perceptron."""
        return sum(name.endswith(".weight") for name in self.theta)

    @property
    def stride(self):
        """The stride of its convolutions."""
        return 2 if self.net is Net.STRIDE else 1


def read(path):
    """The tensors and the metadata of a safetensors file."""
    data = pathlib.Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        numbers = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]])
        tensors[name] = numbers.reshape(entry["shape"])
    return tensors, metadata


def load(folder, name):
    """A workload from the folder of exported files."""
    tensors, metadata = read(pathlib.Path(folder) / f"{name}.safetensors")
    given = {n[6:]: v for n, v in tensors.items() if n.startswith("theta.")}
    expected = {
        n: v for n, v in tensors.items() if n in ("loss", "logits") or n.startswith("grad.")
    }
    episodes = {
        n: v for n, v in tensors.items() if n not in expected and not n.startswith("theta.")
    }
    method = method_of(name)
    net = net_of(method, given, episodes)
    # running statistics are moved, not learned; nobody reads them in a training step
    theta = {n: v for n, v in given.items() if ".running_" not in n}
    if net is Net.STRIDE:
        theta, expected = mirrored(theta), mirrored(expected)
        episodes = {n: v[:, :, ::-1, ::-1] if v.ndim == 5 else v for n, v in episodes.items()}
    if method is Method.PROTONET:
        episodes = by_class(episodes)
    contiguous = {n: np.ascontiguousarray(v) for n, v in episodes.items()}
    return Workload(
        name=name,
        method=method,
        net=net,
        order=Order(metadata.get("order", "first")),
        ways=int(metadata.get("ways", "1")),
        inner_steps=int(metadata.get("inner_steps", "0")),
        inner_rate=float(metadata.get("inner_rate", "0")),
        theta=theta,
        episodes=contiguous,
        expected=expected,
    )


def method_of(name):
    """What is done, from a workload's name."""
    for start, method in (
        ("protonet", Method.PROTONET),
        ("lstm", Method.LSTM),
        ("adapt", Method.ADAPT),
    ):
        if name.startswith(start):
            return method
    return Method.MAML


def net_of(method, theta, episodes):
    """The network: a head as wide as the last filters follows a spatial mean."""
    if method is Method.LSTM:
        return Net.LSTM
    if "layer1.weight" in theta:
        return Net.MLP
    if method is Method.PROTONET:
        return Net.POOL
    filters = theta["conv1.weight"].shape[-1]
    return Net.STRIDE if theta["classifier.weight"].shape[0] == filters else Net.POOL


def mirrored(tensors):
    """The same network for mirrored images.

    Quickstudy pads a 3x3 window of stride 2 over an even image by 0 above and 1 below. On mirrored
    images and filters that is 1 above and 0 below, which padding=1 gives without a kernel that
    pads; an odd image has 1 on both sides either way. The spatial mean does not see the difference.
    """
    return {
        n: np.ascontiguousarray(v[::-1, ::-1]) if is_filter(n) else v for n, v in tensors.items()
    }


def is_filter(name):
    """Whether a parameter, or its gradient, is a convolution's."""
    return name.removeprefix("grad.").startswith("conv")


def by_class(episodes):
    """Support examples in the order of their classes, as ProtoNet's official code has them."""
    out = dict(episodes)
    for t, labels in enumerate(episodes["support.y"]):
        order = np.argsort(labels, kind="stable")
        for n in ("support.x", "support.y"):
            out[n] = out[n].copy()
            out[n][t] = episodes[n][t][order]
    return out


def input_sets(workload, count):
    """Copies of the episodes in other places and another order, with the same loss and gradient.

    A cache that holds one of them does not hold the next. The tasks change places; of a single
    task, the queries.
    """
    sets = []
    for i in range(count):
        moved = {}
        for n, v in workload.episodes.items():
            axis = 0 if workload.tasks > 1 else 1
            turned = workload.tasks > 1 or n.startswith("query")
            moved[n] = np.roll(v, i, axis) if turned else v.copy()
        sets.append(moved)
    return sets


def differences(workload, results):
    """How far results are from what was exported: of the loss, and of the gradient as a whole.

    Both are |difference| / |expected|, in the Euclidean norm over all parameters together. The
    second is of the predictions where these are the result. Raises ValueError if anything is
    missing, has another shape or is not finite.
    """
    square, whole, loss = 0.0, 0.0, 0.0
    for name, expected in workload.expected.items():
        if name not in results:
            raise ValueError(f"the result has no '{name}'")
        found = np.asarray(results[name], np.float64)
        if found.shape != expected.shape:
            raise ValueError(f"'{name}' has shape {found.shape}, expected {expected.shape}")
        if not np.isfinite(found).all():
            raise ValueError(f"'{name}' is not finite")
        difference = found - expected
        if name == "loss":
            loss = float(abs(difference) / abs(float(expected)))
        else:
            square += float(np.sum(difference**2))
            whole += float(np.sum(np.asarray(expected, np.float64) ** 2))
    return loss, (square / whole) ** 0.5
