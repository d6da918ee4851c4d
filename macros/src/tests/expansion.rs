//! What the macros write, formatted.

use proc_macro2::TokenStream;

use super::{CARD, LENET};
use crate::expand::{net, piece};

/// What `macro_rules` puts first, in a form that can be formatted.
const KRATE: &str = "{ ::shapewright }";

/// Items as they are written, the calls of macros included.
fn items(source: &str) -> String {
    let tokens: TokenStream = format!("{KRATE} {source}").parse().unwrap();
    let text = net(tokens).to_string().replace("compile_error ! { ", "compile_error ! ( ").replace("\" }", "\" ) ;");
    prettyplease::unparse(&syn::parse_str(&text).unwrap())
}

/// An expression as it is written.
fn expression(tokens: &TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(quote::quote!(fn main() { let value = #tokens; })).unwrap())
}

#[test]
fn lenet() {
    let items = items(&format!("/// LeNet-5 for grey images of 28×28.\n {LENET}"));
    insta::assert_snapshot!(items);
}

#[test]
fn everything_in_an_item() {
    let items = items(
        "#[derive(PartialEq)] #[budget(params <= MOST, inference_bytes <= 128 KiB, weights_bytes <= { 2 * MOST } KiB)] pub(crate) Wide: Image<2, { LENGTH }, { LENGTH }> => Vector<10> =
            conv(C=>{2*C}, k(3, K), stride(2, 1), same, dil2, groups(G), nobias)
            >> block: (nets::Stem<3> >> act: relu) >> repeat(2, conv(8, k3, pad1) >> relu) >> maxpool(k3, s2, pad1)
            >> dense(N=>10, nobias); Small: Image<3, 8, 8> => Vector<1> = Stem >> conv(8=>16, k3) >> depthwise(k3) >> Tail >> dense(4=>2) >> Head",
    );
    insta::assert_snapshot!(items);
}

/// Values with their numbers, of which one is left to the compiler.
#[test]
fn values() {
    let items = items(
        "pub Values: Image<8, 32, 32> => Vector<10> =
            batchnorm >> batchnorm(eps(1e-3), momentum(0.01)) >> groupnorm(4, eps(1)) >> groupnorm(GROUPS) >> leaky_relu >> elu(1)
            >> prelu >> prelu(channels) >> lrn(5, alpha(1e-4), beta(-1), k(2)) >> lrn({ SIZE }) >> residual(dropout(RATE)) >> drop_path({ 1.0 - KEEP })
            >> global_avgpool >> flatten >> dropout(0.5) >> dense(10) >> log_softmax",
    );
    insta::assert_snapshot!(items);
}

/// Windows, sizes and joints.
#[test]
fn windows_and_joints() {
    let items = items(
        "pub Windows: Image<8, 32, 32> => Vector<10> =
            conv(8, k3, pad(0, 1, 2, 3)) >> depthwise(k3, same) >> depthwise(k3, nobias) >> separable(8=>12, k3, pad1, nobias)
            >> conv_transpose(12=>8, k3, s2, output_pad1) >> maxpool(k2, ceil) >> avgpool(k3, s2, pad1, skip_padding)
            >> zero_pad(1) >> zero_pad(0, 0, 1, 1) >> upsample(2) >> subsample(s2) >> subsample(32, stride(2, 1))
            >> residual(conv(32, k3, pad1) >> relu) >> down: residual(conv(64, k3, s2, pad1) | conv(64, k1, s2) >> batchnorm)
            >> concat(conv(8, k1) | a: conv(8, k1) >> relu | residual(identity)) >> sum(relu | identity)
            >> adaptive_avgpool(1) >> flatten >> dense(10)",
    );
    insta::assert_snapshot!(items);
}

#[test]
fn the_card_net() {
    let tokens: TokenStream = format!("{KRATE} {CARD} >> out: {{ last }} >> {{ let x = 1; f(x) }}").parse().unwrap();
    insta::assert_snapshot!(expression(&net(tokens)));
}

#[test]
fn pieces() {
    let pieces = [
        "conv 3=>32, k5, pad2",
        "maxpool k3, s2, pad1",
        "dense 400=>120",
        "repeat 3, conv(8=>8, k3, pad1) >> relu",
        "sum relu | sigmoid | conv(8, k1)",
        "residual conv(8, k3, pad1) >> relu",
        "dropout 0.5",
        "conv 3=>32, pda2",
        "dense",
    ];
    let text: String =
        pieces.iter().map(|source| expression(&piece(format!("{KRATE} {source}").parse().unwrap()))).collect();
    insta::assert_snapshot!(text);
}

#[test]
fn broken_items() {
    let items = items(
        "pub A: Image<3, 8, 8> => Vector<10> = conv(4=>8, k3) >> dense(10); pub B: Image<3, 8, 8> = relu >> pool2; C: Image<3, 8> => Vector<10> = flatten >> dense(10)",
    );
    insta::assert_snapshot!(items);
}

#[test]
fn a_broken_expression() {
    let tokens: TokenStream = format!("{KRATE} Image<3, 8, 8> => conv(4=>8, k3) >> dense(10)").parse().unwrap();
    insta::assert_snapshot!(net(tokens).to_string());
}
