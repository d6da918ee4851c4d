#!/usr/bin/env bash
# Shapewright beside other libraries on this machine:
# run.sh WORKDIR [--peers NAME …] [--cases CASE …] [--seconds S] [--rounds N]
# run.sh WORKDIR steps             where the time of our three training steps goes; needs perf
# run.sh WORKDIR scaling [--peers NAME …] [--parts PART …]
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
"$python" "$here/python/make_onnx.py" "$work/onnx"
program=versus
case "${1:-}" in steps | scaling)
    program=$1
    shift
    ;;
esac
exec "$python" "$here/python/$program.py" "$work" "$@"
