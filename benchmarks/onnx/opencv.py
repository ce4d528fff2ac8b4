"""Loads exported ONNX models in OpenCV and compares what it computes with what Quickstudy does.

    mvn -B -Dquick -Dtest=OnnxExportTest -Dquickstudy.test.onnx=/tmp/onnx test    # keeps models with examples
    python3 benchmarks/onnx/opencv.py /tmp/onnx                                   # Debian 12: apt install python3-opencv

Prints a line for each model and batch: the largest error of a probability and that of an output, the
latter within the largest output. Exits with 1 if a classifier cannot be loaded or is off by more.
"""

import glob
import json
import os
import sys

import cv2
import numpy as np

PROBABILITY = 2e-5  # batch statistics of a random network magnify roundings; without these 1e-5
OUTPUT = 1e-4


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def errors(folder, case):
    x = np.array(case["x"], np.float32).reshape(case["shape"])
    expected = np.array(case["expected"], np.float64).reshape(case["expected_shape"])
    net = cv2.dnn.readNetFromONNX(os.path.join(folder, case["model"]))
    net.setInput(x)
    names = net.getUnconnectedOutLayersNames()
    outputs = dict(zip(names, net.forward(names)))
    largest = np.abs(expected).max()
    found = outputs[case["output"]]
    probability = 0
    if "probabilities" in outputs:
        probability = np.abs(outputs["probabilities"] - softmax(expected)).max()
    if found.shape != expected.shape:
        return probability, np.inf
    return probability, np.abs(found - expected).max() / largest


def main():
    folder = sys.argv[1]
    failed = 0
    print("OpenCV", cv2.__version__)
    for file in sorted(glob.glob(os.path.join(folder, "*.json"))):
        with open(file, encoding="utf-8") as f:
            case = json.load(f)
        what = "%s, batch of %d" % (case["name"], case["shape"][0])
        try:
            probability, output = errors(folder, case)
        except cv2.error as e:
            failed += 1
            print("FAILED %s: %s" % (what, str(e).replace("\n", " ")[:200]))
            continue
        good = probability < PROBABILITY and output < OUTPUT
        failed += not good
        print("%s %s: %.1e, %.1e" % ("ok" if good else "OFF", what, probability, output))
    print("%d failed" % failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
