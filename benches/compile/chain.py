#!/usr/bin/env python3
"""Prints a program with 100 dense layers, a relu behind each, every layer written out: chain.py LIBRARY"""

import sys

WIDTH, OTHER, LAYERS = 64, 77, 100  # the layer in the middle has another width, which is what an edit changes
widths = [WIDTH] * (LAYERS + 1)
widths[LAYERS // 2] = OTHER
pairs = list(enumerate(zip(widths, widths[1:])))


def shapewright():
    layers = "\n    >> ".join(f"dense({output}) >> relu" for _, (_, output) in pairs)
    return f"""use shapewright::prelude::*;

net! {{ Deep: Vector<{WIDTH}> => Vector<{WIDTH}> =
    {layers} }}

fn main() {{
    let model = Model::new(Deep, 42);
    println!("{{:?}}", model.forward(&Batch::zeros(1)).as_slice());
}}
"""


def dfdx():
    def tuples(types):
        if len(types) == 1:
            return types[0]
        size = next(size for size in (5, 4, 2) if len(types) % size == 0)
        part = len(types) // size
        return f"({', '.join(tuples(types[i * part : (i + 1) * part]) for i in range(size))})"

    layers = tuples([f"(Linear<{input}, {output}>, ReLU)" for _, (input, output) in pairs])
    return f"""use dfdx::prelude::*;

type Deep = {layers};

fn main() {{
    let device = Cpu::default();
    let model = device.build_module::<Deep, f32>();
    let x: Tensor<Rank1<{WIDTH}>, f32, _> = device.zeros();
    println!("{{:?}}", model.forward(x).array());
}}
"""


def burn():
    fields = "\n    ".join(f"fc{i}: Linear," for i, _ in pairs)
    values = "\n            ".join(f"fc{i}: LinearConfig::new({a}, {b}).init(device)," for i, (a, b) in pairs)
    calls = "\n        ".join(f"let x = relu(self.fc{i}.forward(x));" for i, _ in pairs)
    return f"""use burn::nn::{{Linear, LinearConfig}};
use burn::prelude::*;
use burn::tensor::activation::relu;

#[derive(Module, Debug)]
struct Deep {{
    {fields}
}}

impl Deep {{
    fn new(device: &Device) -> Self {{
        Self {{
            {values}
        }}
    }}

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {{
        {calls}
        x
    }}
}}

fn main() {{
    let device = Device::flex();
    let model = Deep::new(&device);
    println!("{{}}", model.forward(Tensor::zeros([1, {WIDTH}], &device)));
}}
"""


def candle():
    layers = "\n        ".join(
        f'.add(linear({a}, {b}, vb.pp("{i}"))?)\n        .add(Activation::Relu)' for i, (a, b) in pairs
    )
    return f"""use candle_core::{{DType, Device, Module, Result, Tensor}};
use candle_nn::{{Activation, Sequential, VarBuilder, VarMap, linear, seq}};

fn deep(vb: VarBuilder) -> Result<Sequential> {{
    Ok(seq()
        {layers})
}}

fn main() -> Result<()> {{
    let variables = VarMap::new();
    let model = deep(VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu))?;
    println!("{{}}", model.forward(&Tensor::zeros((1, {WIDTH}), DType::F32, &Device::Cpu)?)?);
    Ok(())
}}
"""


print({"shapewright": shapewright, "dfdx": dfdx, "burn": burn, "candle": candle}[sys.argv[1]](), end="")
