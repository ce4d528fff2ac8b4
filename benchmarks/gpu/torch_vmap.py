"""PyTorch with torch.func: grad and vmap over the tasks; in a CUDA graph, with torch.compile."""

import dataclasses

import numpy as np
from torch.func import grad, grad_and_value, vmap

import harness
import torch_eager
import workloads
from torch_common import (
    Compile,
    Form,
    Launch,
    Layout,
    Norm,
    Options,
    Recurrence,
    Step,
    criterion,
    free,
    lstm_inputs,
    lstm_loss,
    lstm_unrolled,
    predict,
    protonet_loss,
    second_order,
    versions,
)
from workloads import Method

GRAPH = Launch.GRAPH
COMPILED = Compile.INDUCTOR
PATCHES = Layout.PATCHES

# F.batch_norm is wrong in the second derivative where grad is outside of vmap (seen in 2.13, where
# `prove` refuses it; likely pytorch/functorch issue 534), so there its formula is written out.
VARIANTS = {
    "vmap-of-grad": Options(form=Form.VMAP_OF_GRAD),
    "patches-graph": Options(launch=GRAPH, layout=PATCHES, norm=Norm.PLAIN),
    "vmap-of-grad-graph": Options(launch=GRAPH, form=Form.VMAP_OF_GRAD),
    "patches-compile-graph": Options(
        launch=GRAPH, layout=PATCHES, norm=Norm.PLAIN, compile=COMPILED
    ),
    "compile-graph": Options(launch=GRAPH, norm=Norm.PLAIN, compile=COMPILED),
    "grad-of-vmap-graph": Options(launch=GRAPH, norm=Norm.PLAIN),
}


def first(workload):
    """The fastest variant, as measured on an H200 or, where it was not, as reasoned.

    Fifty steps of an LSTM take torch.compile longer than all others together.
    """
    if workload.method in (Method.LSTM, Method.ADAPT):
        return "vmap-of-grad-graph"
    patched = workload.blocks > 0 and workload.method is Method.MAML
    return "patches-compile-graph" if patched else "compile-graph"


def applies(options, workload):
    """Whether a variant differs from the others for a workload."""
    if workload.blocks > 0:
        return (
            options.form is Form.VMAP_OF_GRAD
            or workload.method is not Method.PROTONET
            or (options.compile is COMPILED or options.layout is PATCHES)
        )
    return options.layout is not PATCHES


def adapt(theta, x, y, workload, options):
    """The parameters after the inner steps."""

    def loss(p):
        return criterion(predict(p, x, workload, options), y)

    fast = theta
    for _ in range(workload.inner_steps):
        at = fast if second_order(workload) else {n: p.detach() for n, p in fast.items()}
        g = grad(loss)(at)
        fast = {n: p - workload.inner_rate * g[n] for n, p in fast.items()}
    return fast


def maml(workload, options, _theta):
    """All tasks at once."""

    def task_loss(theta, sx, sy, qx, qy):
        fast = adapt(theta, sx, sy, workload, options)
        return criterion(predict(fast, qx, workload, options), qy)

    axes = (None, 0, 0, 0, 0)

    def mean_loss(theta, *episodes):
        return vmap(task_loss, axes)(theta, *episodes).mean()

    def step(theta, e):
        episodes = (e["support.x"], e["support.y"], e["query.x"], e["query.y"])
        if options.form is Form.GRAD_OF_VMAP:
            return named(*grad_and_value(mean_loss)(theta, *episodes))
        grads, losses = vmap(grad_and_value(task_loss), axes)(theta, *episodes)
        return named({n: g.mean(0) for n, g in grads.items()}, losses.mean())

    return step


def protonet(workload, options, _theta):
    """There is one task, and nothing to batch."""

    def step(theta, e):
        parts = (e["support.x"][0], e["query.x"][0], e["query.y"][0])
        return named(*grad_and_value(protonet_loss)(theta, *parts, workload, options))

    return step


def lstm(workload, _options, _theta):
    """All sequences side by side; cuDNN's LSTM is not for torch.func."""

    def loss(theta, x, y):
        return lstm_loss(theta, lstm_unrolled(theta, lstm_inputs(x, y, workload.ways)), y)

    return lambda theta, e: named(*grad_and_value(loss)(theta, e["x"], e["y"]))


def adaptation(workload, options, _theta):
    """One task: adapted, then asked."""

    def step(theta, e):
        fast = adapt(theta, e["support.x"][0], e["support.y"][0], workload, options)
        return {"logits": predict(fast, e["query.x"][0], workload, options)[None]}

    return step


def named(grads, loss):
    """A result by name."""
    return {"loss": loss} | {f"grad.{n}": g for n, g in grads.items()}


MAKERS = {
    Method.MAML: maml,
    Method.PROTONET: protonet,
    Method.LSTM: lstm,
    Method.ADAPT: adaptation,
}


PROVED_TASKS = 2
PROVED = 1e-6
proved_before = set()


def prove(workload, options, device):
    """Refuses a variant whose formula is not the loop's, by double precision on two tasks.

    In single precision a kink hides an error of some percent. Fusing and capturing change no
    formula.
    """
    options = dataclasses.replace(options, launch=Launch.EACH, compile=Compile.NO)
    if (workload.name, options) in proved_before:
        return
    few = {n: double(v[:PROVED_TASKS]) for n, v in workload.episodes.items()}
    theta = {n: double(v) for n, v in workload.theta.items()}
    case = dataclasses.replace(workload, theta=theta, episodes=few)
    loop = Options(recurrence=Recurrence.UNROLLED)
    results = []
    for made, o in ((torch_eager.MAKERS, loop), (MAKERS, options)):
        step = Step(case, o, "fp32", device, [few], made[workload.method])
        step.run(0)
        results.append(step.results())
    case = dataclasses.replace(case, expected=results[0])
    loss, gradient = workloads.differences(case, results[1])
    if not (loss <= PROVED and gradient <= PROVED):
        raise harness.Wrong(
            f"in double precision its loss is off by {loss:.1e}, its gradient by {gradient:.1e}:"
            " its formula is another"
        )
    proved_before.add((workload.name, options))


def double(array):
    """Numbers in double precision; labels as they are."""
    return array.astype(np.float64) if array.dtype == np.float32 else array


def build(workload, options, precision, device, sets):
    """A step of a workload."""
    prove(workload, options, device)
    return Step(workload, options, precision, device, sets, MAKERS[workload.method])


if __name__ == "__main__":
    harness.main("vmap", __doc__, VARIANTS, first, applies, versions, build, free)
