#!/usr/bin/env bash
# Shapewright beside PyTorch and ONNX Runtime on this machine:
# run.sh WORKDIR [--seconds S] [--rounds N] [--cases CASE …]
# Everything built or fetched goes to WORKDIR; what is there already is kept. Needs Linux, Python 3.10, two cores.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
shift

python="$work/venv/bin/python"
if [ ! -x "$python" ]; then
    python3 -m venv "$work/venv"
    "$python" -m pip install --quiet torch==2.15.0 onnx==1.23.2 onnxruntime==1.31.1 numpy==2.4.6
fi
# A plain release build, as a user of the crate has it: no target-cpu, no flags.
(cd "$here/peer" && env -u RUSTFLAGS cargo build --release --quiet --target-dir "$work/target")
"$python" "$here/python/make_onnx.py" "$work/onnx"
exec "$python" "$here/python/versus.py" "$work" "$@"
