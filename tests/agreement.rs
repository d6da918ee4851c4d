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

const CHAINS: usize = 64;

/// A random chain in words, and what it should come to.
struct Chain {
    words: Vec<String>,
    dims: [usize; 3],
    params: usize,
    macs: usize,
}

/// (size + 2·padding − dilation·(kernel − 1) − 1) / stride + 1, if the window fits.
fn slide(size: usize, [kernel, stride, padding, dilation]: [usize; 4]) -> Option<usize> {
    Some((size + 2 * padding).checked_sub(dilation * (kernel - 1) + 1)? / stride + 1)
}

impl Chain {
    fn conv(&mut self, random: &mut ChaCha8Rng) {
        let [channels, height, width] = self.dims;
        let groups = if channels % 2 == 0 && random.random_bool(0.3) { 2 } else { 1 };
        let filters = groups * random.random_range(1..=8_usize);
        let rows: [usize; 4] = [
            random.random_range(1..=5),
            random.random_range(1..=3),
            random.random_range(0..=3),
            random.random_range(1..=2),
        ];
        let mut columns = rows;
        if random.random_bool(0.3) {
            columns[0] = random.random_range(1..=5);
        }
        let same = random.random_bool(0.2);
        let output = if same {
            Some([height.div_ceil(rows[1]), width.div_ceil(columns[1])])
        } else {
            slide(height, rows).zip(slide(width, columns)).map(|(h, w)| [h, w])
        };
        let Some([out_height, out_width]) = output else { return };
        let bias = random.random_bool(0.7);
        let mut word = "conv(".to_owned();
        if random.random_bool(0.5) {
            let _ = write!(word, "{channels}=>");
        }
        let _ = write!(word, "{filters}, k({}, {}), s{}, dil{}", rows[0], columns[0], rows[1], rows[3]);
        let _ = if same { write!(word, ", same") } else { write!(word, ", pad{}", rows[2]) };
        if groups > 1 {
            let _ = write!(word, ", groups{groups}");
        }
        word += if bias { ")" } else { ", nobias)" };
        let weights = filters * (channels / groups) * rows[0] * columns[0];
        self.words.push(word);
        self.params += weights + if bias { filters } else { 0 };
        self.macs += weights * out_height * out_width;
        self.dims = [filters, out_height, out_width];
    }

    fn pool(&mut self, random: &mut ChaCha8Rng) {
        let [channels, height, width] = self.dims;
        let kernel = random.random_range(1..=4_usize);
        let sizes = [kernel, random.random_range(1..=4), random.random_range(0..=kernel / 2), 1];
        let Some((height, width)) = slide(height, sizes).zip(slide(width, sizes)) else { return };
        self.words.push(format!("maxpool(k{}, s{}, pad{})", sizes[0], sizes[1], sizes[2]));
        self.dims = [channels, height, width];
    }

    fn repeat(&mut self, random: &mut ChaCha8Rng) {
        let [channels, height, width] = self.dims;
        let copies = random.random_range(1..=3_usize);
        self.words.push(format!("repeat({copies}, conv({channels}, k3, pad1) >> relu)"));
        self.params += copies * (channels * channels * 9 + channels);
        self.macs += copies * channels * channels * 9 * height * width;
    }

    fn random(random: &mut ChaCha8Rng) -> (String, Self) {
        let input = [random.random_range(1..=6), random.random_range(1..=24), random.random_range(1..=24)];
        let mut chain = Self { words: vec!["relu".to_owned()], dims: input, params: 0, macs: 0 };
        for _ in 0..random.random_range(1..=6) {
            match random.random_range(0..6) {
                0..3 => chain.conv(random),
                3 => chain.pool(random),
                4 => chain.repeat(random),
                _ => chain.words.push("relu".to_owned()),
            }
        }
        (format!("Image<{}, {}, {}>", input[0], input[1], input[2]), chain)
    }
}

/// The chains as a program.
fn program(seed: u64) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut text = "use shapewright::prelude::*;\n".to_owned();
    for index in 0..CHAINS {
        let (input, Chain { words, dims: [c, h, w], params, macs }) = Chain::random(&mut random);
        let (output, params, macs, tail) = if index % 2 == 0 {
            (format!("Image<{c}, {h}, {w}>"), params, macs, "")
        } else {
            let dense = c * h * w * 7;
            ("Vector<7>".to_owned(), params + dense + 7, macs + dense, " >> flatten >> dense(7)")
        };
        let _ = writeln!(text, "net! {{ Chain{index}: {input} => {output} =\n    {}{tail} }}", words.join(" >> "));
        let _ =
            writeln!(text, "const _: () = assert!(Chain{index}::PARAMS == {params} && Chain{index}::MACS == {macs});");
    }
    text + "fn main() {}\n"
}

#[test]
fn the_macro_the_types_and_the_formulas_agree() {
    let seed = std::env::var("SHAPEWRIGHT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("agreement.rs");
    fs::write(&file, program(seed)).unwrap();
    trybuild::TestCases::new().pass(&file);
}
