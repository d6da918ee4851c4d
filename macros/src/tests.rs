//! What is read, what is inferred, what is said about mistakes, and at which token.

use crate::ast::{Chain, Expression, Item};
use crate::catalogue::{Kind, ResizeKind, Takes, ValueWord, WORDS};
use crate::error::Mistakes;
use crate::infer::{Row, check};
use crate::parse::Net;

mod catalogue;
mod chains;
mod expansion;
mod mistakes;

/// The rows of a network, and its mistakes: the text at which each stands, and the message.
fn read(source: &str) -> (Vec<Row>, Vec<(String, String)>) {
    let mut rows = Vec::new();
    let mut mistakes = Mistakes::default();
    match syn::parse_str::<Net>(source) {
        Ok(Net::Items(items)) => {
            for item in items {
                let (item, mut its_mistakes) = item;
                if let Some(Item { input, output, mut chain, .. }) = item {
                    rows.extend(check(&input, Some(&output), &mut chain, &mut its_mistakes).rows);
                }
                its_mistakes.errors().iter().for_each(|error| mistakes.push(error.clone()));
            }
        }
        Ok(Net::Expression(read)) => {
            let Expression { input, mut chain } = read.0;
            mistakes = read.1;
            rows = check(&input, None, &mut chain, &mut mistakes).rows;
        }
        Err(error) => mistakes.push(error),
    }
    let token = |error: &syn::Error| error.span().source_text().unwrap_or_default();
    (rows, mistakes.errors().iter().map(|error| (token(error), error.to_string())).collect())
}

/// The rows of a network without a mistake.
fn rows(source: &str) -> Vec<Row> {
    let (rows, mistakes) = read(source);
    assert!(mistakes.is_empty(), "{source}: {mistakes:?}");
    rows
}

const CARD: &str = "Image<3, 32, 32> => conv!(3=>32, k5, pad2) >> relu >> pool2 >> flatten >> dense(10)";
const LENET: &str = "pub LeNet: Image<1, 28, 28> => Vector<10> =
    conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
    >> flatten >> fc1: dense(120) >> relu >> fc2: dense(84) >> relu >> dense(10)";

#[test]
fn lenet_has_the_published_figures() {
    let rows = rows(LENET);
    let shapes: Vec<String> = rows.iter().map(|row| row.output.to_string()).collect();
    let flat = "Flat<Image<16, 5, 5>>";
    assert_eq!(
        shapes,
        [
            "Image<6, 28, 28>",
            "Image<6, 28, 28>",
            "Image<6, 14, 14>",
            "Image<16, 10, 10>",
            "Image<16, 10, 10>",
            "Image<16, 5, 5>",
            flat,
            "Vector<120>",
            "Vector<120>",
            "Vector<84>",
            "Vector<84>",
            "Vector<10>"
        ]
    );
    assert_eq!(rows.iter().map(|row| row.params.unwrap()).sum::<usize>(), 61_706);
    assert_eq!(rows.iter().map(|row| row.macs.unwrap()).sum::<usize>(), 416_520);
    assert_eq!(rows.iter().map(|row| row.stage.as_str()).collect::<Vec<_>>()[6..9], ["6", "fc1", "8"]);
}

/// One layer on an image 6×32×20: what comes out, its parameters and multiply-accumulates.
#[track_caller]
fn gives(layer: &str, output: &str, params: usize, macs: usize) {
    let row = &rows(&format!("Image<6, 32, 20> => {layer}"))[0];
    assert_eq!((row.output.to_string().as_str(), row.params, row.macs), (output, Some(params), Some(macs)), "{layer}");
}

#[test]
fn windows_are_calculated() {
    gives("conv(8, k3)", "Image<8, 30, 18>", 6 * 8 * 9 + 8, 6 * 8 * 9 * 30 * 18);
    gives("conv(6=>8, k(3, 5))", "Image<8, 30, 16>", 6 * 8 * 15 + 8, 6 * 8 * 15 * 30 * 16);
    gives("conv!(8, k3, s2, pad1)", "Image<8, 16, 10>", 6 * 8 * 9 + 8, 6 * 8 * 9 * 16 * 10);
    gives("conv(8, k3, stride(2, 1), nobias)", "Image<8, 15, 18>", 6 * 8 * 9, 6 * 8 * 9 * 15 * 18);
    gives("conv(8, same, k4)", "Image<8, 32, 20>", 6 * 8 * 16 + 8, 6 * 8 * 16 * 32 * 20);
    gives("conv(8, dil(2, 3), k3)", "Image<8, 28, 14>", 6 * 8 * 9 + 8, 6 * 8 * 9 * 28 * 14);
    gives("conv(8, groups2, k1)", "Image<8, 32, 20>", 3 * 8 + 8, 3 * 8 * 32 * 20);
    gives("maxpool(k3)", "Image<6, 10, 6>", 0, 0);
    gives("maxpool(k3, s2, pad1,)", "Image<6, 16, 10>", 0, 0);
    gives("maxpool(k2, dilation2)", "Image<6, 15, 9>", 0, 0);
    gives("pool2", "Image<6, 16, 10>", 0, 0);
    gives("relu()", "Image<6, 32, 20>", 0, 0);
    gives("repeat(3, conv(6=>6, k3, pad1) >> relu)", "Image<6, 32, 20>", 3 * (6 * 54 + 6), 3 * 6 * 54 * 640);
    gives("block: (pool2 >> pool2)", "Image<6, 8, 5>", 0, 0);
}

/// The formulas are those of PyTorch; the numbers were worked out by hand.
#[test]
fn other_windows_are_calculated() {
    gives("conv(8, k3, pad(1, 0, 2, 3))", "Image<8, 33, 21>", 6 * 8 * 9 + 8, 6 * 8 * 9 * 33 * 21);
    gives("depthwise(k3, s2, pad1)", "Image<6, 16, 10>", 6 * 9 + 6, 6 * 9 * 160);
    gives("depthwise(k(3, 1), same, nobias)", "Image<6, 32, 20>", 18, 18 * 640);
    gives("separable(8, k3, pad1)", "Image<8, 32, 20>", 6 * 9 + 6 * 8 + 8, (6 * 9 + 6 * 8) * 640);
    gives("separable(6=>8, k3, nobias)", "Image<8, 30, 18>", 6 * 9 + 6 * 8, (6 * 9 + 6 * 8) * 540);
    gives("conv_transpose(4, k3, s2, pad1, output_pad1)", "Image<4, 64, 40>", 6 * 4 * 9 + 4, 6 * 4 * 9 * 640);
    gives("conv_transpose(6=>4, k2, s2, groups2)", "Image<4, 64, 40>", 6 * 2 * 4 + 4, 6 * 2 * 4 * 640);
    gives("conv_transpose(4, k3, dil2, nobias)", "Image<4, 36, 24>", 6 * 4 * 9, 6 * 4 * 9 * 640);
    gives("maxpool(k3, s2, ceil)", "Image<6, 16, 10>", 0, 0);
    gives("maxpool(k3, s2, pad(1, 0, 1, 0))", "Image<6, 16, 9>", 0, 0);
    gives("maxpool(k2, s3, pad1, ceil)", "Image<6, 11, 7>", 0, 0);
    gives("maxpool(k(33, 2), s2, ceil)", "Image<6, 1, 10>", 0, 0);
    gives("avgpool(k3, s2, pad1, skip_padding)", "Image<6, 16, 10>", 0, 0);
    gives("avgpool(k3, ceil)", "Image<6, 11, 7>", 0, 0);
    gives("zero_pad(2)", "Image<6, 36, 24>", 0, 0);
    gives("zero_pad(0, 1, 2, 3)", "Image<6, 34, 24>", 0, 0);
    gives("upsample(3)", "Image<6, 96, 60>", 0, 0);
    gives("adaptive_avgpool(4)", "Image<6, 4, 4>", 0, 0);
    gives("adaptive_avgpool(8, 5)", "Image<6, 8, 5>", 0, 0);
    gives("subsample(s3)", "Image<6, 11, 7>", 0, 0);
    gives("subsample(16, stride(2, 1))", "Image<16, 16, 20>", 0, 0);
    gives("global_avgpool", "Image<6, 1, 1>", 0, 0);
    gives("global_maxpool()", "Image<6, 1, 1>", 0, 0);
}

#[test]
fn values_are_counted() {
    let size = 6 * 32 * 20;
    for word in ["relu6", "leaky_relu(0.1)", "softmax", "identity", "instancenorm", "lrn(5)", "drop_path(0.1)"] {
        gives(word, "Image<6, 32, 20>", 0, 0);
    }
    gives("prelu", "Image<6, 32, 20>", 1, 0);
    gives("prelu(channels)", "Image<6, 32, 20>", 6, 0);
    gives("batchnorm(momentum(0.01))", "Image<6, 32, 20>", 12, 0);
    gives("groupnorm(3, eps(1e-6))", "Image<6, 32, 20>", 12, 0);
    gives("layernorm", "Image<6, 32, 20>", 2 * size, 0);
    gives("rmsnorm(eps(1e-6))", "Image<6, 32, 20>", size, 0);
    let row = &rows("Vector<20> => batchnorm")[0];
    assert_eq!((row.output.to_string(), row.params), ("Vector<20>".into(), Some(40)));
}

/// Every word without arguments, and with those of the catalogue's examples, is read without a mistake.
#[test]
fn every_word_is_read() {
    let arguments = |kind: &Kind| match kind {
        Kind::Conv(_) => "(6, k3)",
        Kind::Depthwise | Kind::Pool(_) => "(k3)",
        Kind::Resize(ResizeKind::Subsample) => "(s2)",
        Kind::Resize(_) => "(2)",
        Kind::Value(ValueWord { takes: Takes::Groups { .. } | Takes::Span { .. }, .. }) => "(3)",
        Kind::Value(ValueWord { takes: Takes::Real(..), .. }) => "(0.5)",
        Kind::Value(_) | Kind::Pool2 => "",
        Kind::Dense => "(10)",
        Kind::Joint(_) => "(relu | identity)",
        Kind::Repeat => "(2, relu)",
    };
    for (word, kind) in WORDS {
        let before = if matches!(kind, Kind::Dense) { "flatten >> " } else { "" };
        rows(&format!("Image<6, 32, 20> => {before}{word}{}", arguments(kind)));
        if kind.stands_alone() {
            rows(&format!("Image<6, 32, 20> => {word}"));
        }
    }
}

/// The same words on a sequence: windows have one axis, and so have their weights.
#[test]
fn sequences_are_calculated() {
    #[track_caller]
    fn gives(layer: &str, output: &str, params: usize, macs: usize) {
        let row = &rows(&format!("Sequence<6, 100> => {layer}"))[0];
        assert_eq!((row.output.to_string().as_str(), row.params, row.macs), (output, Some(params), Some(macs)));
    }
    gives("conv(8, k5, s2, pad2)", "Sequence<8, 50>", 6 * 8 * 5 + 8, 6 * 8 * 5 * 50);
    gives("conv(6=>8, k3, groups2, nobias)", "Sequence<8, 98>", 3 * 8 * 3, 3 * 8 * 3 * 98);
    gives("conv(8, k3, pad(2, 2, 0, 0))", "Sequence<8, 100>", 6 * 8 * 3 + 8, 6 * 8 * 3 * 100);
    gives("depthwise(k3, same)", "Sequence<6, 100>", 24, 18 * 100);
    gives("separable(8, k3, same)", "Sequence<8, 100>", 18 + 48 + 8, 66 * 100);
    gives("conv_transpose(4, k4, s2, pad1)", "Sequence<4, 200>", 6 * 4 * 4 + 4, 6 * 4 * 4 * 100);
    gives("pool2", "Sequence<6, 50>", 0, 0);
    gives("avgpool(k3, s2, pad1)", "Sequence<6, 50>", 0, 0);
    gives("global_avgpool", "Sequence<6, 1>", 0, 0);
    gives("adaptive_avgpool(25)", "Sequence<6, 25>", 0, 0);
    gives("subsample(8, s2)", "Sequence<8, 50>", 0, 0);
    gives("upsample(2)", "Sequence<6, 200>", 0, 0);
    gives("zero_pad(1)", "Sequence<6, 102>", 0, 0);
    gives("batchnorm", "Sequence<6, 100>", 12, 0);
    gives("layernorm", "Sequence<6, 100>", 1200, 0);
    gives("flatten", "Flat<Sequence<6, 100>>", 0, 0);
    gives("concat(relu | conv(4, k1))", "Sequence<10, 100>", 28, 2400);
    assert_eq!(rows("Sequence<1, 99> => flatten >> dense(99=>2)")[1].params, Some(200));
}

#[test]
fn joints_are_calculated() {
    gives("residual(conv(6, k3, pad1))", "Image<6, 32, 20>", 6 * 54 + 6, 6 * 54 * 640);
    gives("residual(conv(8, k3, s2, pad1) | conv(8, k1, s2))", "Image<8, 16, 10>", 6 * 80 + 16, 6 * 80 * 160);
    assert_eq!(rows("Image<6, 32, 20> => residual(Stem)")[0].output.to_string(), "Image<6, 32, 20>");
    gives("concat(relu | pool2 >> upsample(2) | conv(1, k1))", "Image<13, 32, 20>", 7, 3840);
    gives("concat(flatten | global_avgpool >> flatten >> dense(5))", "Vector<3845>", 35, 30);
    gives("sum(relu | identity | tanh)", "Image<6, 32, 20>", 0, 0);
}

/// Each branch has its own place, below that of its joint.
#[test]
fn branches_have_names() {
    fn stages(rows: &[Row]) -> Vec<String> {
        rows.iter().flat_map(|row| [vec![row.stage.clone()], stages(&row.branches)].concat()).collect()
    }
    let rows = rows(
        "Image<4, 8, 8> => relu >> residual(conv(4, k1) >> act: relu) >> a: concat(relu | b: sum(identity | relu >> relu))
            >> residual(conv(8, k1) | batchnorm)",
    );
    let names = [
        "0",
        "1",
        "1.0",
        "1.act",
        "a",
        "a.0.0",
        "a.1.b",
        "a.1.b.0.0",
        "a.1.b.1.0",
        "a.1.b.1.1",
        "3",
        "3.0",
        "3.shortcut.0",
    ];
    assert_eq!(stages(&rows), names);
}

/// Features into a dense layer; without the bias there are as many parameters as multiply-accumulates.
#[test]
fn dense_layers_are_calculated() {
    let row = &rows("Vector<20> => dense(20=>7, nobias)")[0];
    assert_eq!((row.output.to_string(), row.params, row.macs), ("Vector<7>".into(), Some(140), Some(140)));
    let row = &rows("Flat<Image<2, 3, 4>> => dense(24=>7)")[0];
    assert_eq!((row.params, row.macs), (Some(175), Some(168)));
}

/// What the macro cannot see stays open until something is known again.
#[test]
fn the_unknown_is_left_to_the_types() {
    let output = |chain: &str| rows(&format!("Image<3, 32, 32> => {chain}")).last().unwrap().output.to_string();
    assert_eq!(output("Stem"), "_");
    assert_eq!(output("nets::Stem<3> >> conv(99=>8, k3)"), "_");
    assert_eq!(output("{stem} >> flatten >> dense(10)"), "Vector<10>");
    assert_eq!(output("conv(C=>8, k3)"), "Image<8, 30, 30>");
    assert_eq!(output("conv(3=>N, k3)"), "Image<_, 30, 30>");
    assert_eq!(output("conv(3=>{2 * N}, k(K, 3))"), "Image<_, _, 30>");
    assert_eq!(output("conv(3=>N, k3) >> flatten >> dense(5=>10) >> dense(10=>4)"), "Vector<4>");
    assert_eq!(output("repeat(N, relu)"), "Image<3, 32, 32>");
    let rows = rows("Image<C, 32, 32> => conv(8, k3) >> Stem >> dense(10=>5)");
    let figures: Vec<_> = rows.iter().map(|row| (row.params, row.macs)).collect();
    assert_eq!(figures, [(None, None), (None, None), (Some(55), Some(50))]);
}

#[test]
fn parentheses_without_a_label_are_invisible() {
    let stages = |chain: &str| {
        rows(&format!("Image<3, 32, 32> => {chain}")).into_iter().map(|row| row.stage).collect::<Vec<_>>()
    };
    assert_eq!(stages("relu >> (relu >> (pool2)) >> relu"), ["0", "1", "2", "3"]);
    assert_eq!(stages("relu >> block: (relu >> pool2) >> relu"), ["0", "block", "2"]);
}

#[test]
fn a_long_product_is_checked_here_and_left_to_the_joint() {
    let Ok(Net::Expression(read)) = syn::parse_str("Image<2, 64, 64> => flatten >> dense(8192=>10)") else { panic!() };
    let (Expression { input, mut chain }, mut mistakes) = *read;
    check(&input, None, &mut chain, &mut mistakes);
    assert!(mistakes.is_empty());
    assert_eq!(chain.to_string(), "flatten >> dense(10)");
}

#[test]
fn chains_are_written_as_they_were_read() {
    let text = "conv(3=>8, k(3, 5), same, nobias) >> a: maxpool(k2, s1) >> repeat(2, relu) >> nets::Stem<3, 8> >> conv({ 2 * C }=>8, k(K)) \
        >> separable(8, k3) >> residual(a: relu >> batchnorm(eps(1e-3)) | conv_transpose(4=>8, k2, s2, output_pad1)) >> concat(depthwise(k3) | zero_pad(0, 0, 1, 1)) \
        >> leaky_relu(-0.5) >> prelu(channels) >> dropout(RATE)";
    let Ok(Net::Expression(read)) = syn::parse2(format!("Image<3, 9, 9> => {text}").parse().unwrap()) else { panic!() };
    let chain: &Chain = &read.0.chain;
    assert_eq!(chain.to_string(), text);
}
