"""ONNX Runtime as a peer, on the models that make_onnx.py has written: peer_ort.py MODELS. It has the forward cases."""

import sys

import onnxruntime

from inputs import Convolution, network_input, pool_input
from protocol import THREADS, serve, timed

MODELS = sys.argv[1]


def session(case):
    match case.split(":"):
        case ["conv" | "conv_fwd", size]:
            model, x = f"conv_{size}", Convolution(size).x
        case ["pool" | "pool_fwd", size]:
            model, x = f"pool_{size}", pool_input(size)
        case ["infer", name, samples]:
            model, x = f"{name}_{samples}", network_input(name, int(samples))
        case _:
            return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    path = f"{MODELS}/{model.replace(',', '_')}.onnx"
    opened = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda: opened.run(None, {"x": x})[0]


def prepare(case):
    run = session(case)
    return timed(run) if run else None


def check(case):
    run = session(case)
    return {"logits" if case.startswith("infer") else "y": run()} if run else None


serve(prepare, check)
