"""JAX: jit of vmap and grad over the tasks, compiled ahead."""

import os
import sys

# others want memory too, while this process lives
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
if "--device=cpu" in sys.argv or ("--device" in sys.argv and "cpu" in sys.argv):
    os.environ["JAX_PLATFORMS"] = "cpu"

import enum
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

import harness
from workloads import Method, Net, Order

# What a convolution or a product of 32-bit floats may round its operands to.
PRECISIONS = {"fp32": "highest", "tf32": "tensorfloat32"}

DIMENSIONS = ("NHWC", "HWIO", "NHWC")


class Form(enum.Enum):
    """Which transform is outside."""

    VMAP_OF_GRAD = "mean of vmap(grad(loss))"
    GRAD_OF_VMAP = "grad(mean of vmap(loss))"


class Convolution(enum.Enum):
    """What a convolution is; XLA makes a grouped one of a native one with filters per task."""

    NATIVE = "lax.conv_general_dilated"
    PATCHES = "matrix products over patches"


@dataclass(frozen=True)
class Options:
    """How a variant does it."""

    form: Form = Form.VMAP_OF_GRAD
    convolution: Convolution = Convolution.NATIVE
    unroll: int = 1


VARIANTS = {
    "vmap-of-grad": Options(),
    "grad-of-vmap-patches": Options(form=Form.GRAD_OF_VMAP, convolution=Convolution.PATCHES),
    "grad-of-vmap": Options(form=Form.GRAD_OF_VMAP),
    "scan-unrolled": Options(unroll=10),
}


def first(workload):
    """The fastest variant, as measured on an H200 or, where it was not, as reasoned.

    XLA is slow at the grouped convolutions that filters of each task become, and slower still at
    their derivatives; one network for all tasks is cuDNN's.
    """
    filters = workload.blocks > 0 and workload.method is Method.MAML
    return "grad-of-vmap-patches" if filters else "vmap-of-grad"


def applies(options, workload):
    """Whether a variant differs from the others for a workload."""
    if workload.method is Method.LSTM:
        return options == Options(unroll=options.unroll)
    if options.unroll > 1:
        return False
    if options.convolution is Convolution.PATCHES:
        return workload.blocks > 0
    return options.form is Form.VMAP_OF_GRAD or workload.method is Method.MAML


def convolve(x, weight, stride, options):
    """A 3x3 convolution with padding 1: [N, H, W, C] and [3, 3, C, O]."""
    if options.convolution is Convolution.NATIVE:
        return jax.lax.conv_general_dilated(
            x, weight, (stride, stride), ((1, 1), (1, 1)), dimension_numbers=DIMENSIONS
        )
    height, width = x.shape[1], x.shape[2]
    p = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = [
        p[:, r : r + height : stride, s : s + width : stride] for r in range(3) for s in range(3)
    ]
    return jnp.concatenate(windows, -1) @ weight.reshape(-1, weight.shape[-1])


def batch_norm(x, gamma, beta):
    """By the statistics of the batch."""
    mean = x.mean((0, 1, 2))
    centred = x - mean
    variance = jnp.square(centred).mean((0, 1, 2))
    return centred * (gamma * jax.lax.rsqrt(variance + 1e-5)) + beta


def max_pool(x):
    """2x2, a last odd row or column dropped."""
    n, height, width, channels = x.shape
    x = x[:, : height // 2 * 2, : width // 2 * 2]
    return x.reshape(n, height // 2, 2, width // 2, 2, channels).max((2, 4))


def embed(theta, x, workload, options):
    """The convolutional blocks: images to features [N, D]."""
    z = x
    for i in range(1, workload.blocks + 1):
        z = convolve(z, theta[f"conv{i}.weight"], workload.stride, options)
        z = jax.nn.relu(batch_norm(z, theta[f"norm{i}.weight"], theta[f"norm{i}.bias"]))
        if workload.net is Net.POOL:
            z = max_pool(z)
    return z.mean((1, 2)) if workload.net is Net.STRIDE else z.reshape(z.shape[0], -1)


def predict(theta, x, workload, options):
    """The whole network: examples to logits or values."""
    if workload.net is Net.MLP:
        z = x
        for i in range(1, workload.layers + 1):
            z = jax.nn.relu(z) if i > 1 else z
            z = z @ theta[f"layer{i}.weight"] + theta[f"layer{i}.bias"]
        return z
    z = embed(theta, x, workload, options)
    return z @ theta["classifier.weight"] + theta["classifier.bias"]


def cross_entropy(logits, labels):
    """-log p(label), averaged: logits [N, K], labels [N]."""
    picked = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1)
    return -picked.mean()


def criterion(outputs, y):
    """Cross-entropy for labels, the mean squared error for numbers."""
    if jnp.issubdtype(y.dtype, jnp.integer):
        return cross_entropy(outputs, y)
    return jnp.square(outputs - y).mean()


def adapt(theta, x, y, workload, options):
    """The parameters after the inner steps."""

    def loss(p):
        return criterion(predict(p, x, workload, options), y)

    fast = theta
    for _ in range(workload.inner_steps):
        g = jax.grad(loss)(fast)
        if workload.order is Order.FIRST:
            g = jax.lax.stop_gradient(g)
        fast = {n: p - workload.inner_rate * g[n] for n, p in fast.items()}
    return fast


def maml_loss(theta, e, workload, options):
    """Of one task."""
    fast = adapt(theta, e["support.x"], e["support.y"], workload, options)
    return criterion(predict(fast, e["query.x"], workload, options), e["query.y"])


def protonet_loss(theta, e, workload, options):
    """Snell et al. (2017); the support set lies class by class, and passes with the queries."""
    n = e["support.x"].shape[0]
    z = embed(theta, jnp.concatenate((e["support.x"], e["query.x"])), workload, options)
    prototypes = z[:n].reshape(workload.ways, n // workload.ways, -1).mean(1)
    distances = jnp.square(z[n:, None] - prototypes[None]).sum(2)
    return cross_entropy(-distances, e["query.y"])


def lstm_loss(theta, e, workload, options):
    """Of one sequence: x [N, ...], y [N]."""
    x, y = e["x"], e["y"]
    n = y.shape[0]
    labels = jax.nn.one_hot(y, workload.ways)
    previous = jnp.concatenate((jnp.zeros_like(labels[:1]), labels[:-1]))
    inputs = jnp.concatenate((x.reshape(n, -1), previous), 1)
    projected = inputs @ theta["lstm.weight_ih"] + theta["lstm.bias"]
    recurrent = theta["lstm.weight_hh"]

    def cell(state, p):
        h, c = state
        i, f, g, o = jnp.split(p + h @ recurrent, 4)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zeros = jnp.zeros(recurrent.shape[0])
    _, states = jax.lax.scan(cell, (zeros, zeros), projected, unroll=options.unroll)
    return cross_entropy(states @ theta["classifier.weight"] + theta["classifier.bias"], y)


LOSSES = {Method.MAML: maml_loss, Method.PROTONET: protonet_loss, Method.LSTM: lstm_loss}


def make(workload, options):
    """A step: (theta, episodes) to results by name."""
    if workload.method is Method.ADAPT:
        return lambda theta, e: {"logits": adaptation(theta, e, workload, options)}
    task_loss = LOSSES[workload.method]

    def loss(theta, e):
        return task_loss(theta, e, workload, options)

    # one task needs no batching; sequences share their parameters throughout
    outside = options.form is Form.GRAD_OF_VMAP or workload.method is not Method.MAML

    def mean_loss(theta, episodes):
        return jax.vmap(loss, (None, 0))(theta, episodes).mean()

    def step(theta, episodes):
        if workload.tasks == 1:
            value, grads = jax.value_and_grad(loss)(theta, {n: v[0] for n, v in episodes.items()})
        elif outside:
            value, grads = jax.value_and_grad(mean_loss)(theta, episodes)
        else:
            values, each = jax.vmap(jax.value_and_grad(loss), (None, 0))(theta, episodes)
            value, grads = values.mean(), {n: g.mean(0) for n, g in each.items()}
        return {"loss": value} | {f"grad.{n}": g for n, g in grads.items()}

    return step


def adaptation(theta, e, workload, options):
    """One task: adapted, then asked."""
    fast = adapt(theta, e["support.x"][0], e["support.y"][0], workload, options)
    return predict(fast, e["query.x"][0], workload, options)[None]


class Step:
    """A compiled step, started on one set of episodes after the other."""

    def __init__(self, workload, options, precision, sets):
        jax.config.update("jax_default_matmul_precision", PRECISIONS[precision])
        self.sets = [{n: jnp.asarray(v) for n, v in s.items()} for s in sets]
        self.theta = {n: jnp.asarray(v) for n, v in workload.theta.items()}
        self.step = jax.jit(make(workload, options)).lower(self.theta, self.sets[0]).compile()
        self.out = None

    def run(self, i):
        """Starts a step."""
        self.out = self.step(self.theta, self.sets[i])

    def wait(self):
        """Until all is done."""
        jax.block_until_ready(self.out)

    def results(self):
        """What the last step computed."""
        return {n: np.asarray(v) for n, v in self.out.items()}


def versions():
    """What it runs with."""
    device = jax.devices()[0]
    return {"jax": jax.__version__, "jaxlib": jax.lib.__version__, "gpu": device.device_kind}


def build(workload, options, precision, device, sets):
    """A step of a workload."""
    found = jax.devices()[0].platform
    if device == "cuda" and found not in ("gpu", "cuda"):
        raise RuntimeError(f"JAX has only '{found}': expected a GPU; install jax[cuda13]")
    return Step(workload, options, precision, sets)


if __name__ == "__main__":
    harness.main("jax", __doc__, VARIANTS, first, applies, versions, build)
