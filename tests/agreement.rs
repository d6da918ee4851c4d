//! The macro's inference, the types and plain arithmetic agree: random legal chains, each declared with the output,
//! parameters and multiply-accumulates that a third implementation of the formulas, below, says it has.
//!
//! `net!` refuses a chain whose declared output is not what it infers, and the types refuse one whose output is not
//! what they calculate, so the file compiles only if all three agree.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng};
use shapewright::Outline;
use shapewright::prelude::*;

const CHAINS: usize = 64;

/// Words that keep the shape and have no parameters.
const FREE: [&str; 21] = [
    "relu",
    "relu6",
    "leaky_relu",
    "leaky_relu(0.2)",
    "elu",
    "elu(0.5)",
    "selu",
    "gelu",
    "gelu_tanh",
    "silu",
    "mish",
    "hard_swish",
    "softplus",
    "sigmoid",
    "tanh",
    "softmax",
    "log_softmax",
    "identity",
    "dropout(0.5)",
    "channel_dropout(0.2)",
    "drop_path(0.1)",
];

/// A random chain in words, and what it should come to.
struct Chain {
    words: Vec<String>,
    channels: usize,
    /// Rows and columns of an image, steps of a sequence.
    positions: Vec<usize>,
    params: usize,
    macs: usize,
}

/// (size + 2·padding − dilation·(kernel − 1) − 1) / stride + 1, if the window fits.
fn slide(size: usize, [kernel, stride, padding, dilation]: [usize; 4]) -> Option<usize> {
    Some((size + 2 * padding).checked_sub(dilation * (kernel - 1) + 1)? / stride + 1)
}

/// The same rounded up, without a window that would begin behind the input.
fn slide_up(size: usize, [kernel, stride, padding, dilation]: [usize; 4]) -> Option<usize> {
    let span = dilation * (kernel - 1) + 1;
    let starts = (0..).map(|window| window * stride).take_while(|start| *start < size + padding);
    let count = starts.take_while(|start| start + span < size + 2 * padding + stride).count();
    (count > 0).then_some(count)
}

/// One of the divisors of `number`.
fn divisor(number: usize, random: &mut ChaCha8Rng) -> usize {
    let divisors: Vec<usize> = (1..=number).filter(|divisor| number.is_multiple_of(*divisor)).collect();
    divisors[random.random_range(0..divisors.len())]
}

impl Chain {
    /// The product of the positions.
    fn area(&self) -> usize {
        self.positions.iter().product()
    }

    /// Convolutions with filters of all channels, of one channel, and both.
    fn conv(&mut self, random: &mut ChaCha8Rng) {
        let channels = self.channels;
        let kind = ["conv", "conv", "conv", "depthwise", "separable"][random.random_range(0..5)];
        let groups = if kind == "conv" && channels.is_multiple_of(2) && random.random_bool(0.3) { 2 } else { 1 };
        let filters = if kind == "depthwise" { channels } else { groups * random.random_range(1..=8_usize) };
        let along: [usize; 4] = [
            random.random_range(1..=5),
            random.random_range(1..=3),
            random.random_range(0..=3),
            random.random_range(1..=2),
        ];
        let mut axes = vec![along; self.positions.len()];
        if random.random_bool(0.3) {
            axes[0][0] = random.random_range(1..=5);
        }
        let same = random.random_bool(0.2);
        let output = axes
            .iter()
            .zip(&self.positions)
            .map(|(axis, &size)| if same { Some(size.div_ceil(axis[1])) } else { slide(size, *axis) });
        let Some(output) = output.collect() else { return };
        self.positions = output;
        let bias = random.random_bool(0.7);
        let mut word = format!("{kind}(");
        if kind != "depthwise" {
            let stated = if random.random_bool(0.5) { format!("{channels}=>") } else { String::new() };
            let _ = write!(word, "{stated}{filters}, ");
        }
        let kernel: Vec<String> = axes.iter().map(|axis| axis[0].to_string()).collect();
        let kernel = if kernel.len() == 1 { format!("k{}", kernel[0]) } else { format!("k({})", kernel.join(", ")) };
        let _ = write!(word, "{kernel}, s{}, dil{}", along[1], along[3]);
        let _ = if same { write!(word, ", same") } else { write!(word, ", pad{}", along[2]) };
        if groups > 1 {
            let _ = write!(word, ", groups{groups}");
        }
        word += if bias { ")" } else { ", nobias)" };
        self.words.push(word);
        self.channels = filters;
        let taps: usize = axes.iter().map(|axis| axis[0]).product();
        let weights = match kind {
            "conv" => filters * (channels / groups) * taps,
            "depthwise" => channels * taps,
            _ => channels * taps + channels * filters,
        };
        self.params += weights + if bias { filters } else { 0 };
        self.macs += weights * self.area();
    }

    fn conv_transpose(&mut self, random: &mut ChaCha8Rng) {
        let (channels, area) = (self.channels, self.area());
        let groups = if channels.is_multiple_of(2) && random.random_bool(0.3) { 2 } else { 1 };
        let filters = groups * random.random_range(1..=4_usize);
        let [kernel, stride, dilation]: [usize; 3] = [(); 3].map(|()| random.random_range(1..=3));
        let (padding, more) = (random.random_range(0..=2_usize), random.random_range(0..stride.max(dilation)));
        let stretched =
            |size: usize| ((size - 1) * stride + dilation * (kernel - 1) + 1 + more).checked_sub(2 * padding);
        let output: Option<Vec<usize>> =
            self.positions.iter().map(|&size| stretched(size).filter(|&size| size > 0)).collect();
        let Some(output) = output.filter(|_| area < 500) else { return };
        self.positions = output;
        self.words.push(format!(
            "conv_transpose({filters}, k{kernel}, s{stride}, pad{padding}, dil{dilation}, output_pad{more}, groups{groups})"
        ));
        self.channels = filters;
        let taps: usize = self.positions.iter().map(|_| kernel).product();
        let weights = channels * (filters / groups) * taps;
        self.params += weights + filters;
        self.macs += weights * area;
    }

    fn pool(&mut self, random: &mut ChaCha8Rng) {
        let (kernel, is_max) = (random.random_range(1..=4_usize), random.random_bool(0.5));
        let (stride, padding) = (random.random_range(1..=4), random.random_range(0..=kernel / 2));
        let dilation = if is_max { random.random_range(1..=2) } else { 1 };
        let (ceil, skip) = (random.random_bool(0.5), random.random_bool(0.5));
        let slide = if ceil { slide_up } else { slide };
        let slid = self.positions.iter().map(|size| slide(*size, [kernel, stride, padding, dilation]));
        let Some(positions) = slid.collect() else { return };
        self.positions = positions;
        let ceil = if ceil { ", ceil" } else { "" };
        self.words.push(if is_max {
            format!("maxpool(k{kernel}, s{stride}, pad{padding}, dil{dilation}{ceil})")
        } else {
            let skip = if skip { ", skip_padding" } else { "" };
            format!("avgpool(k{kernel}, s{stride}, pad{padding}{ceil}{skip})")
        });
    }

    fn resize(&mut self, random: &mut ChaCha8Rng) {
        let number: usize = random.random_range(1..=3);
        let word = match random.random_range(0..6) {
            0 => {
                self.positions.iter_mut().for_each(|size| *size += 2 * number);
                format!("zero_pad({number})")
            }
            1 => {
                let (before, behind) = (random.random_range(0..=2_usize), number);
                self.positions.iter_mut().for_each(|size| *size += before + behind);
                format!("zero_pad({before}, {before}, {behind}, {behind})")
            }
            2 if self.area() < 1_000 => {
                self.positions.iter_mut().for_each(|size| *size *= number);
                format!("upsample({number})")
            }
            3 => {
                self.positions.iter_mut().for_each(|size| *size = divisor(*size, random));
                let sizes: Vec<String> = self.positions.iter().map(ToString::to_string).collect();
                format!("adaptive_avgpool({})", sizes.join(", "))
            }
            4 => {
                self.positions.iter_mut().for_each(|size| *size = size.div_ceil(number));
                format!("subsample(s{number})")
            }
            _ => {
                self.positions.iter_mut().for_each(|size| *size = size.div_ceil(number));
                self.channels += random.random_range(0..=2_usize);
                format!("subsample({}, s{number})", self.channels)
            }
        };
        self.words.push(word);
    }

    /// A layer that keeps the shape.
    fn value(&mut self, random: &mut ChaCha8Rng) {
        let (channels, values) = (self.channels, self.channels * self.area());
        let groups = divisor(channels, random);
        let (word, params) = match random.random_range(0..10) {
            0 => ("batchnorm(eps(1e-3))".to_owned(), 2 * channels),
            1 => ("layernorm".to_owned(), 2 * values),
            2 => (format!("groupnorm({groups})"), 2 * channels),
            3 => ("instancenorm".to_owned(), 0),
            4 => ("rmsnorm".to_owned(), values),
            5 => ("lrn(3, alpha(1e-2))".to_owned(), 0),
            6 => ("prelu".to_owned(), 1),
            7 => ("prelu(channels)".to_owned(), channels),
            _ => (FREE[random.random_range(0..FREE.len())].to_owned(), 0),
        };
        self.words.push(word);
        self.params += params;
    }

    /// A group of chains, which are convolutions of 1×1 where the input is an image.
    fn group(&mut self, random: &mut ChaCha8Rng) {
        let (channels, area) = (self.channels, self.area());
        let (number, stride) = (random.random_range(1..=4_usize), random.random_range(1..=3_usize));
        let is_image = self.positions.len() == 2;
        let word = match random.random_range(0..6) {
            0 if is_image => {
                self.params += number * (channels * channels * 9 + channels);
                self.macs += number * channels * channels * 9 * area;
                format!("repeat({number}, conv({channels}, k3, pad1) >> relu)")
            }
            1 if is_image => {
                self.params += channels * channels + channels;
                self.macs += channels * channels * area;
                format!("residual(relu >> conv({channels}, k1))")
            }
            2 if is_image => {
                self.positions.iter_mut().for_each(|size| *size = size.div_ceil(stride));
                self.params += 2 * (number * channels + number);
                self.macs += number * channels * (self.area() + area);
                self.channels = number;
                format!("residual(conv({number}, k1, s{stride}) | conv({number}, k1) >> subsample(s{stride}))")
            }
            3 if is_image && channels < 100 => {
                self.params += 2 * (number * channels + number);
                self.macs += 2 * number * channels * area;
                self.channels += 2 * number;
                format!("concat(conv({number}, k1) | relu | conv({number}, k1) >> relu)")
            }
            4 if channels < 100 => {
                self.channels *= 2;
                "concat(identity | relu)".to_owned()
            }
            _ => "sum(relu | identity | residual(relu))".to_owned(),
        };
        self.words.push(word);
    }

    fn random(random: &mut ChaCha8Rng) -> (String, Self) {
        let axes = if random.random_bool(0.75) { 2 } else { 1 };
        let mut chain = Self {
            words: vec!["relu".to_owned()],
            channels: random.random_range(1..=6),
            positions: (0..axes).map(|_| random.random_range(1..=24)).collect(),
            params: 0,
            macs: 0,
        };
        let input = chain.shape();
        for _ in 0..random.random_range(1..=6) {
            match random.random_range(0..10) {
                0..3 => chain.conv(random),
                3 => chain.conv_transpose(random),
                4 => chain.pool(random),
                5 | 6 => chain.resize(random),
                7 => chain.group(random),
                _ => chain.value(random),
            }
        }
        (input, chain)
    }

    /// The type of what comes out.
    fn shape(&self) -> String {
        let name = if self.positions.len() == 2 { "Image" } else { "Sequence" };
        let positions: Vec<String> = self.positions.iter().map(ToString::to_string).collect();
        format!("{name}<{}, {}>", self.channels, positions.join(", "))
    }
}

/// The chains as a program.
fn program(seed: u64) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut text = "use shapewright::prelude::*;\n".to_owned();
    for index in 0..CHAINS {
        let (input, chain) = Chain::random(&mut random);
        let Chain { words, params, macs, .. } = &chain;
        let (output, params, macs, tail) = if index % 2 == 0 {
            (chain.shape(), *params, *macs, "")
        } else {
            let dense = chain.channels * chain.area() * 7;
            ("Vector<7>".to_owned(), params + dense + 7, macs + dense, " >> flatten >> dense(7)")
        };
        let _ = writeln!(text, "net! {{ Chain{index}: {input} => {output} =\n    {}{tail} }}", words.join(" >> "));
        let _ =
            writeln!(text, "const _: () = assert!(Chain{index}::PARAMS == {params} && Chain{index}::MACS == {macs});");
    }
    text + "fn main() {}\n"
}

#[test]
#[ignore = "a program of its own: one a night, with another seed"]
fn the_macro_the_types_and_the_formulas_agree() {
    let seed = std::env::var("SHAPEWRIGHT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("agreement.rs");
    fs::write(&file, program(seed)).unwrap();
    trybuild::TestCases::new().pass(&file);
}

/// Holds a chain of all words, with what PyTorch makes of it, to the types: the macro's own tests hold its inference to the same
/// file.
macro_rules! chain {
    (
        $input:ident<$($from:tt),*> => $output:ident<$($to:tt),*>;
        $( ($($size:literal)*; $params:tt parameters; $($word:tt)*) )*
    ) => {{
        net! { Chain: $input<$($from),*> => $output<$($to),*> = $( $($word)* )>>* }
        const { assert!(Chain::PARAMS == 0 $(+ $params)*) };
        check(&Outline::of::<$input<$($from),*>, _>(&Chain), &[$( (stringify!($($size)*), $params) ),*]);
    }};
}

/// The stages of groups count within their group.
fn check(outline: &Outline, stages: &[(&str, usize)]) {
    for stage in outline.stages() {
        let Ok(number) = stage.name.parse::<usize>() else { continue };
        let sizes = stage.output.split(|c: char| !c.is_ascii_digit()).filter_map(|size| size.parse::<usize>().ok());
        let sizes: Vec<usize> = if stage.output.starts_with("Flat") { vec![sizes.product()] } else { sizes.collect() };
        let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        assert_eq!((sizes.join(" ").as_str(), stage.params()), stages[number], "stage {number}:\n{outline}");
    }
}

#[test]
fn the_macro_the_types_and_pytorch_agree() {
    include!("fixtures/chains.rs");
}
