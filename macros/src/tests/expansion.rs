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
        "#[derive(PartialEq)] pub(crate) Wide: Sequence<2, { LENGTH }> => Vector<10> =
            conv(C=>{2*C}, k(3, K), stride(2, 1), same, dil2, groups(G), nobias)
            >> block: (nets::Stem<3> >> act: relu) >> repeat(2, conv(8, k3, pad1) >> relu) >> maxpool(k3, s2, pad1)
            >> dense(N=>10, nobias); Small: Vector<1> => Vector<1> = Stem",
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
        "pub A: Image<3, 8, 8> => Vector<10> = conv(4=>8, k3) >> dense(10); pub B: Image<3, 8, 8> = relu; C: Image<3, 8> => Vector<10> = flatten >> dense(10)",
    );
    insta::assert_snapshot!(items);
}

#[test]
fn a_broken_expression() {
    let tokens: TokenStream = format!("{KRATE} Image<3, 8, 8> => conv(4=>8, k3) >> dense(10)").parse().unwrap();
    insta::assert_snapshot!(net(tokens).to_string());
}
