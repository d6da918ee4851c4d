//! What is read, what is inferred, what is said about mistakes, and at which token.

use crate::ast::{Chain, Expression, Item};
use crate::error::Mistakes;
use crate::infer::{Row, check};
use crate::parse::Net;

mod expansion;
mod mistakes;

/// The rows of a network, and its mistakes: the text at which each stands, and the message.
fn read(source: &str) -> (Vec<Row>, Vec<(String, String)>) {
    let mut rows = Vec::new();
    let mut mistakes = Mistakes::default();
    match syn::parse_str::<Net>(source) {
        Ok(Net::Items(items)) => {
            for item in items {
                match item {
                    Ok((Item { input, output, mut chain, .. }, mut its_mistakes)) => {
                        rows.extend(check(&input, Some(&output), &mut chain, &mut its_mistakes));
                        its_mistakes.errors().iter().for_each(|error| mistakes.push(error.clone()));
                    }
                    Err(error) => mistakes.push(error),
                }
            }
        }
        Ok(Net::Expression(read)) => {
            let Expression { input, mut chain } = read.0;
            mistakes = read.1;
            rows = check(&input, None, &mut chain, &mut mistakes);
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
    let text = "conv(3=>8, k(3, 5), same, nobias) >> a: maxpool(k2, s1) >> repeat(2, relu) >> nets::Stem<3, 8> >> conv({ 2 * C }=>8, k(K))";
    let Ok(Net::Expression(read)) = syn::parse2(format!("Image<3, 9, 9> => {text}").parse().unwrap()) else { panic!() };
    let chain: &Chain = &read.0.chain;
    assert_eq!(chain.to_string(), text);
}
