"""Loads a file of torchvision's resnet18 into a run and compares the features that both make of images.

    python3 benchmarks/weights/resnet18.py    # Debian 12: apt install python3-torchvision python3-pil

The file is torchvision's own state_dict, with its names, `fc` and counters of batches, of weights that are drawn and statistics
that are not those of the start, so that nothing is to be fetched. To try published ones, name their file:

    python3 benchmarks/weights/resnet18.py resnet18.safetensors

Prints the largest difference of a feature within the largest feature. Exits with 1 if it is more than BOUND.
"""

import csv
import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torchvision
from PIL import Image

BOUND = 1e-5
SIZE = 96
CLASSES = 16
IMAGES = 2
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TYPES = {"F32": np.float32, "I64": np.int64}


def write(file, tensors):
    header, blocks, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, t in tensors.items():
        block = t.detach().contiguous().numpy()
        dtype = next(k for k, v in TYPES.items() if block.dtype == v)
        header[name] = {"dtype": dtype, "shape": list(block.shape), "data_offsets": [at, at + block.nbytes]}
        blocks.append(block.tobytes())
        at += block.nbytes
    text = json.dumps(header).encode()
    with open(file, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))


def read(file):
    with open(file, "rb") as f:
        length = struct.unpack("<Q", f.read(8))[0]
        header = json.loads(f.read(length))
        data = f.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, e in header.items():
        a, b = e["data_offsets"]
        tensors[name] = torch.from_numpy(np.frombuffer(data[a:b], TYPES[e["dtype"]]).reshape(e["shape"]).copy())
    return tensors


def drawn(images):
    """torchvision's start, with statistics, gains and biases as training moves them."""
    torch.manual_seed(0)
    net = torchvision.models.resnet18()
    for m in net.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(m.weight, 0.5, 1.5)
            torch.nn.init.uniform_(m.bias, -0.5, 0.5)
    net.train()
    with torch.no_grad():
        for _ in range(30):
            net(images + 0.1 * torch.randn_like(images))
    return net.state_dict()


def pictures(folder):
    """Smooth colours as PNG files of just the size that the network takes, so that none is resized."""
    rng = np.random.default_rng(0)
    pixels = {}
    for c in range(CLASSES):
        os.makedirs(os.path.join(folder, "class%d" % c))
        for i in range(IMAGES):
            coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8))
            image = coarse.resize((SIZE, SIZE), Image.BICUBIC)
            name = os.path.join("class%d" % c, "%d.png" % i)
            image.save(os.path.join(folder, name))
            pixels[name] = np.asarray(image, np.float32) / 255
    names = sorted(pixels)
    x = torch.from_numpy(np.stack([pixels[n] for n in names])).permute(0, 3, 1, 2)
    return names, (x - MEAN) / DEVIATION


def quickstudy(*arguments):
    subprocess.run([os.path.join(HOME, "quickstudy"), *arguments], check=True, stdout=subprocess.DEVNULL)


def main():
    with tempfile.TemporaryDirectory() as work:
        photos, weights, run = (os.path.join(work, n) for n in ("photos", "resnet18.safetensors", "run"))
        names, images = pictures(photos)
        given = read(sys.argv[1]) if len(sys.argv) > 1 else drawn(images)
        write(weights, given)
        net = torchvision.models.resnet18()
        net.load_state_dict(given)
        net.fc = torch.nn.Identity()
        net.eval()
        with torch.no_grad():
            theirs = net(images).numpy()
        quickstudy(
            *("train", "--data", "folder:" + photos, "--learner", "protonet", "--model", "resnet18"),
            *("--size", str(SIZE), "--ways", "2", "--queries", "1", "--eval-queries", "1", "--batch-norm", "running", "--device", "cpu"),
            *("--weights", weights, "--steps", "0", "--out", run),
        )
        features = os.path.join(work, "features.npy")
        quickstudy("embed", run, photos, "--out", features)
        ours = np.load(features)
        with open(features[:-4] + ".names.csv", encoding="utf-8") as f:
            order = [row["file"] for row in csv.DictReader(f)]
        ours = ours[[order.index(n) for n in names]]
        off = np.abs(ours - theirs).max() / np.abs(theirs).max()
        print("torchvision %s, %d images of %sx%s, %d features each, of up to %.1f: off by %.1e"
              % (torchvision.__version__, len(names), SIZE, SIZE, theirs.shape[1], np.abs(theirs).max(), off))
        sys.exit(int(off > BOUND))


if __name__ == "__main__":
    main()
