"""ONNX Runtime as a peer, on the models that make_onnx.py has written into PEER_MODELS. It has the forward cases."""

import os

import onnxruntime

from inputs import Convolution, network_input, pool_input
from protocol import THREADS, run, timed

MODELS = os.environ["PEER_MODELS"]


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
    path = f"{MODELS}/{model.replace(',', '_').replace('/', 'th')}.onnx"
    opened = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda: opened.run(None, {"x": x})[0]


def prepare(case):
    opened = session(case)
    return timed(opened) if opened else None


def check(case):
    opened = session(case)
    return {"logits" if case.startswith("infer") else "y": opened()} if opened else None


def inference(name, samples):
    return session(f"infer:{name}:{samples}")


run(prepare, check, inference)
