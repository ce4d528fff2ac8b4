"""PyTorch, eager: tasks in a loop and autograd, as in learn2learn; the same in a CUDA graph."""

import torch

import harness
from torch_common import (
    Launch,
    Layout,
    Norm,
    Options,
    Recurrence,
    Step,
    criterion,
    fits,
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

VARIANTS = {
    "loop": Options(),
    "graph": Options(launch=GRAPH),
    "graph-channels-last": Options(launch=GRAPH, layout=Layout.CHANNELS_LAST),
    "loop-channels-last": Options(layout=Layout.CHANNELS_LAST),
    "graph-plain-norm": Options(launch=GRAPH, norm=Norm.PLAIN),
    "unrolled": Options(recurrence=Recurrence.UNROLLED),
    "unrolled-graph": Options(launch=GRAPH, recurrence=Recurrence.UNROLLED),
}


def first(_workload):
    """The fastest variant: on an H200 always one in a CUDA graph."""
    return "graph"


def adapt(theta, x, y, workload, options):
    """The parameters after the inner steps."""
    second = second_order(workload)
    fast = theta
    for _ in range(workload.inner_steps):
        loss = criterion(predict(fast, x, workload, options), y)
        grads = torch.autograd.grad(loss, list(fast.values()), create_graph=second)
        fast = {
            n: p - workload.inner_rate * g for (n, p), g in zip(fast.items(), grads, strict=True)
        }
    return fast


def maml(workload, options, theta):
    """Task by task; each one's graph is freed before the next."""

    def step(theta, e):
        total, losses = None, 0
        for t in range(workload.tasks):
            fast = adapt(theta, e["support.x"][t], e["support.y"][t], workload, options)
            outputs = predict(fast, e["query.x"][t], workload, options)
            loss = criterion(outputs, e["query.y"][t]) / workload.tasks
            grads = torch.autograd.grad(loss, list(theta.values()))
            total = grads if total is None else torch._foreach_add(total, grads)
            losses = losses + loss.detach()
        return named(theta, losses, total)

    return learned(theta, step)


def protonet(workload, options, theta):
    """One task."""

    def step(theta, e):
        x, y = e["query.x"][0], e["query.y"][0]
        loss = protonet_loss(theta, e["support.x"][0], x, y, workload, options)
        return named(theta, loss, torch.autograd.grad(loss, list(theta.values())))

    return learned(theta, step)


def lstm(workload, options, theta):
    """All sequences side by side."""
    if options.recurrence is Recurrence.FUSED:
        return lstm_fused(workload, theta)

    def step(theta, e):
        h = lstm_unrolled(theta, lstm_inputs(e["x"], e["y"], workload.ways))
        loss = lstm_loss(theta, h, e["y"])
        return named(theta, loss, torch.autograd.grad(loss, list(theta.values())))

    return learned(theta, step)


def lstm_fused(workload, theta):
    """PyTorch's module has two biases; ours is the first, the second stays zero."""
    gates, features = theta["lstm.weight_ih"].shape
    module = torch.nn.LSTM(features, gates // 4).to(theta["lstm.bias"].device)
    with torch.no_grad():
        module.weight_ih_l0.copy_(theta["lstm.weight_ih"])
        module.weight_hh_l0.copy_(theta["lstm.weight_hh"])
        module.bias_ih_l0.copy_(theta["lstm.bias"])
        module.bias_hh_l0.zero_()
    module.bias_hh_l0.requires_grad_(False)
    trained = {
        "lstm.weight_ih": module.weight_ih_l0,
        "lstm.weight_hh": module.weight_hh_l0,
        "lstm.bias": module.bias_ih_l0,
    }
    for n in ("classifier.weight", "classifier.bias"):
        trained[n] = theta[n].requires_grad_()

    def step(_theta, e):
        h, _ = module(lstm_inputs(e["x"], e["y"], workload.ways))
        loss = lstm_loss(trained, h, e["y"])
        return named(trained, loss, torch.autograd.grad(loss, list(trained.values())))

    return step


def adaptation(workload, options, theta):
    """One task: adapted, then asked."""

    def step(theta, e):
        fast = adapt(theta, e["support.x"][0], e["support.y"][0], workload, options)
        with torch.no_grad():
            return {"logits": predict(fast, e["query.x"][0], workload, options)[None]}

    return learned(theta, step)


def learned(theta, step):
    """A step whose parameters get gradients."""
    for p in theta.values():
        p.requires_grad_()
    return step


def named(theta, loss, grads):
    """A result by name."""
    out = {"loss": loss.detach()}
    return out | {f"grad.{n}": g for n, g in zip(theta, grads, strict=True)}


MAKERS = {
    Method.MAML: maml,
    Method.PROTONET: protonet,
    Method.LSTM: lstm,
    Method.ADAPT: adaptation,
}


def build(workload, options, precision, device, sets):
    """A step of a workload."""
    return Step(workload, options, precision, device, sets, MAKERS[workload.method])


if __name__ == "__main__":
    harness.main("eager", __doc__, VARIANTS, first, fits, versions, build, free)
