"""The networks as functions of a dict of parameters, for PyTorch: the same for a loop and for vmap.

Layouts are PyTorch's own: images [N, C, H, W], filters [O, I, KH, KW], dense weights [out, in].
With `Layout.PATCHES` images stay [N, H, W, C] and a convolution is one matrix product over patches,
which vmap batches over tasks with filters of their own; of the other it makes a grouped one.
"""

import enum
import warnings
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from workloads import Method, Net, Order


class Layout(enum.Enum):
    """How images lie in memory, and what a convolution is."""

    NCHW = "contiguous"
    CHANNELS_LAST = "channels_last"
    PATCHES = "matrix products over patches"


class Norm(enum.Enum):
    """Batch normalisation."""

    NATIVE = "F.batch_norm"
    PLAIN = "mean and variance written out"


class Launch(enum.Enum):
    """How a step gets to the GPU."""

    EACH = "a launch for each kernel"
    GRAPH = "the whole step captured in a CUDA graph"


class Compile(enum.Enum):
    """Whether torch.compile fuses it."""

    NO = "no"
    INDUCTOR = "torch.compile"


class Form(enum.Enum):
    """Which transform is outside."""

    GRAD_OF_VMAP = "grad(mean of vmap(loss))"
    VMAP_OF_GRAD = "mean of vmap(grad(loss))"


class Recurrence(enum.Enum):
    """The LSTM."""

    FUSED = "nn.LSTM: cuDNN's, first order alone"
    UNROLLED = "a loop over cells, differentiable to any order"


@dataclass(frozen=True)
class Options:
    """How a variant does it."""

    layout: Layout = Layout.NCHW
    norm: Norm = Norm.NATIVE
    launch: Launch = Launch.EACH
    compile: Compile = Compile.NO
    form: Form = Form.GRAD_OF_VMAP
    recurrence: Recurrence = Recurrence.FUSED


def set_precision(precision):
    """TF32 for convolutions, products and recurrences alike, or for none of them."""
    tf32 = precision == "tf32"
    with warnings.catch_warnings():
        # the older switches: every release has them, and mixing both kinds is an error
        warnings.simplefilter("ignore")
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = True


def parameter(workload, options, name, value):
    """A parameter, or its gradient, in the layouts used here."""
    last = name.rpartition(".")[0]
    if last.startswith("conv"):
        if options.layout is Layout.PATCHES:
            return value.reshape(-1, value.shape[-1])
        return value.transpose(3, 2, 0, 1)
    if last == "classifier" and workload.net is Net.POOL and name.endswith("weight"):
        if options.layout is not Layout.PATCHES:  # flattened channel by channel
            value = flattened(workload, value)
        return value.T
    if value.ndim == 2:
        return value.T
    return value


def flattened(workload, weight):
    """Rows [H, W, C] of a classifier's weight in the order [C, H, W]."""
    channels = workload.theta["conv1.weight"].shape[-1]
    side = round((weight.shape[0] / channels) ** 0.5)
    out = weight.reshape(side, side, channels, -1).transpose(2, 0, 1, 3)
    return out.reshape(weight.shape)


def images(options, value, device):
    """Images [T, N, H, W, C], or numbers of any other shape, on the device."""
    t = torch.from_numpy(value.copy()).to(device)
    if t.dtype == torch.int32:
        return t.long()
    if t.dim() != 5 or options.layout is Layout.PATCHES:
        return t
    turned = t.permute(0, 1, 4, 2, 3)
    return turned if options.layout is Layout.CHANNELS_LAST else turned.contiguous()


def parameters(workload, options, device):
    """All parameters on the device."""
    theta = {}
    for name, value in workload.theta.items():
        turned = np.ascontiguousarray(parameter(workload, options, name, value))
        t = torch.from_numpy(turned.copy()).to(device)
        if options.layout is Layout.CHANNELS_LAST and t.dim() == 4:
            t = t.contiguous(memory_format=torch.channels_last)
        theta[name] = t
    return theta


def patches(x, stride):
    """The 3x3 patches around every position: [N, H, W, C] to [N, H', W', 9 C]."""
    height, width = x.shape[1], x.shape[2]
    p = F.pad(x, (0, 0, 1, 1, 1, 1))
    windows = [
        p[:, r : r + height : stride, s : s + width : stride] for r in range(3) for s in range(3)
    ]
    return torch.cat(windows, -1)


def convolve(x, weight, stride, options):
    """A 3x3 convolution with padding 1."""
    if options.layout is Layout.PATCHES:
        return patches(x, stride) @ weight
    return F.conv2d(x, weight, stride=stride, padding=1)


def batch_norm(x, gamma, beta, options):
    """By the statistics of the batch."""
    channels_at_end = options.layout is Layout.PATCHES
    if options.norm is Norm.NATIVE and not channels_at_end:
        return F.batch_norm(x, None, None, gamma, beta, training=True, eps=1e-5)
    axes = (0, 1, 2) if channels_at_end else (0, 2, 3)
    mean = x.mean(axes, keepdim=True)
    centred = x - mean
    variance = (centred * centred).mean(axes, keepdim=True)
    shape = mean.shape
    return centred * (gamma.reshape(shape) * torch.rsqrt(variance + 1e-5)) + beta.reshape(shape)


def max_pool(x, options):
    """2x2, a last odd row or column dropped."""
    if options.layout is not Layout.PATCHES:
        return F.max_pool2d(x, 2)
    n, height, width, channels = x.shape
    x = x[:, : height // 2 * 2, : width // 2 * 2]
    return x.reshape(n, height // 2, 2, width // 2, 2, channels).amax((2, 4))


def embed(theta, x, workload, options):
    """The convolutional blocks: images to features [N, D]."""
    z = x
    for i in range(1, workload.blocks + 1):
        z = convolve(z, theta[f"conv{i}.weight"], workload.stride, options)
        z = batch_norm(z, theta[f"norm{i}.weight"], theta[f"norm{i}.bias"], options)
        z = F.relu(z)
        if workload.net is Net.POOL:
            z = max_pool(z, options)
    if workload.net is Net.STRIDE:
        return z.mean((1, 2) if options.layout is Layout.PATCHES else (2, 3))
    return z.flatten(1)


def predict(theta, x, workload, options):
    """The whole network: examples to logits or values."""
    if workload.net is Net.MLP:
        z = x
        for i in range(1, workload.layers + 1):
            z = F.linear(
                F.relu(z) if i > 1 else z, theta[f"layer{i}.weight"], theta[f"layer{i}.bias"]
            )
        return z
    z = embed(theta, x, workload, options)
    return F.linear(z, theta["classifier.weight"], theta["classifier.bias"])


def criterion(outputs, y):
    """Cross-entropy for labels, the mean squared error for numbers."""
    return F.mse_loss(outputs, y) if y.is_floating_point() else F.cross_entropy(outputs, y)


def protonet_loss(theta, support_x, query_x, query_y, workload, options):
    """Snell et al. (2017); the support set lies class by class, and passes with the queries."""
    n = support_x.shape[0]
    z = embed(theta, torch.cat((support_x, query_x)), workload, options)
    prototypes = z[:n].reshape(workload.ways, n // workload.ways, -1).mean(1)
    distances = (z[n:, None] - prototypes[None]).square().sum(2)
    return F.cross_entropy(-distances, query_y)


def lstm_inputs(x, y, ways):
    """Images [B, N, ...] beside the label before each: [N, B, features + ways]."""
    b, n = y.shape
    labels = F.one_hot(y, ways).to(x.dtype)
    previous = torch.cat((torch.zeros_like(labels[:, :1]), labels[:, :-1]), 1)
    return torch.cat((x.reshape(b, n, -1), previous), 2).transpose(0, 1)


def lstm_loss(theta, h, y):
    """The classifier on all states h [N, B, hidden], and the cross-entropy of labels [B, N]."""
    logits = F.linear(h, theta["classifier.weight"], theta["classifier.bias"])
    return F.cross_entropy(logits.flatten(0, 1), y.T.flatten())


def lstm_unrolled(theta, x):
    """All states of an LSTM over x [N, B, features], step by step."""
    projected = F.linear(x, theta["lstm.weight_ih"], theta["lstm.bias"])
    recurrent = theta["lstm.weight_hh"]
    h = c = x.new_zeros(x.shape[1], recurrent.shape[1])
    states = []
    for p in projected.unbind(0):
        i, f, g, o = torch.addmm(p, h, recurrent.T).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        states.append(h)
    return torch.stack(states)


def versions():
    """What it runs with."""
    v = {"torch": torch.__version__, "cuda": torch.version.cuda}
    if torch.cuda.is_available():
        v |= {"cudnn": torch.backends.cudnn.version(), "gpu": torch.cuda.get_device_name()}
    return v


def free():
    """Gives unused memory back to the GPU, which others measure on next."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


class Step:
    """A function of (theta, episodes), started on one set of episodes after the other."""

    def __init__(self, workload, options, precision, device, sets, make):
        set_precision(precision)
        self.workload, self.options, self.device = workload, options, device
        if device == "cuda":
            torch.cuda.empty_cache()
        self.sets = [{n: images(options, v, device) for n, v in s.items()} for s in sets]
        self.theta = parameters(workload, options, device)
        self.function = make(workload, options, self.theta)
        if options.compile is Compile.INDUCTOR:
            torch._dynamo.reset()
            self.function = torch.compile(self.function, fullgraph=True, dynamic=False)
        self.out = None
        self.graph = None
        if options.launch is Launch.GRAPH and device == "cuda":
            self._capture()

    def _capture(self):
        """Warms up beside the main stream, as capturing wants it, then captures one step."""
        self.static = {n: v.clone() for n, v in self.sets[0].items()}
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.function(self.theta, self.static)
        torch.cuda.current_stream().wait_stream(side)
        torch.cuda.synchronize()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.out = self.function(self.theta, self.static)

    def run(self, i):
        """Starts a step."""
        if self.graph is None:
            self.out = self.function(self.theta, self.sets[i])
            return
        for n, v in self.sets[i].items():
            self.static[n].copy_(v, non_blocking=True)
        self.graph.replay()

    def wait(self):
        """Until all is done."""
        if self.device == "cuda":
            torch.cuda.synchronize()

    def results(self):
        """What the last step computed, in Quickstudy's layouts; it is spoilt here."""
        w = self.workload
        found = {}
        for name, value in self.out.items():
            array = value.detach().cpu().numpy().copy()
            if name.startswith("grad."):
                array = restored(w, self.options, name[5:], array)
            found[name] = array
            if self.graph is not None:
                value.detach().fill_(float("nan"))
        return found


def restored(workload, options, name, array):
    """The inverse of `parameter`: each number goes where the parameter's own came from."""
    shape = workload.theta[name].shape
    places = np.arange(np.prod(shape), dtype=np.int64).reshape(shape)
    turned = parameter(workload, options, name, places)
    out = np.empty(array.size, array.dtype)
    out[turned.reshape(-1)] = array.reshape(-1)
    return out.reshape(shape)


def fits(options, workload):
    """Whether a variant's options mean anything for a workload."""
    if options.layout is not Layout.NCHW and workload.blocks == 0:
        return False
    if options.norm is not Norm.NATIVE and workload.blocks == 0:
        return False
    return options.recurrence is Recurrence.FUSED or workload.method is Method.LSTM


def second_order(workload):
    """Whether the inner gradients are differentiated."""
    return workload.order is Order.SECOND
