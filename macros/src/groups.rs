//! Reads the layers that hold chains: repetitions and joints of branches.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::LitInt;
use syn::parse::{ParseStream, Parser};

use crate::ast::{Chain, Joint, Layer, Number, Repeat};
use crate::catalogue::JointKind;
use crate::chain::{Place, chain, inner_chain, separates, separator};
use crate::error::Mistakes;

/// `repeat(3, conv(8, k3, pad1) >> relu)`
pub(crate) fn repeat(word: &Ident, arguments: TokenStream, place: Place, mistakes: &mut Mistakes) -> Layer {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let mut rest = arguments.into_iter();
    let mut count: TokenStream = rest.by_ref().take_while(|token| !is_comma(token)).collect();
    let mut body: TokenStream = rest.collect();
    let turned = syn::parse2::<LitInt>(body.clone()).is_ok() && syn::parse2::<LitInt>(count.clone()).is_err();
    if turned {
        std::mem::swap(&mut count, &mut body);
    }
    if count.is_empty() || body.is_empty() {
        mistakes.add(word, "repeat needs a number and a chain: repeat(3, conv(8, k3, pad1) >> relu)");
        return Layer::Wrong;
    }
    let body = inner_chain(body, &word.to_token_stream(), place, mistakes);
    if turned {
        mistakes.add(&count, format!("the number of copies stands first: repeat({count}, {body})"));
    }
    let count = Number::read(&count, "the number of copies", 1..=usize::MAX, mistakes);
    Layer::Repeat(Repeat { count, body })
}

/// `residual(… | …)`, `concat(… | …)`, `sum(… | …)`
pub(crate) fn joint(
    kind: JointKind,
    word: &Ident,
    arguments: TokenStream,
    place: Place,
    mistakes: &mut Mistakes,
) -> Layer {
    let name = kind.word();
    if arguments.is_empty() {
        let example = match kind {
            JointKind::Residual => "a chain: residual(conv(8, k3, pad1) >> relu)",
            JointKind::Concat => "branches: concat(conv(8, k1) | conv(8, k3, pad1))",
            JointKind::Sum => "branches: sum(conv(8, k1) | conv(8, k3, pad1))",
        };
        mistakes.add(word, format!("{name} needs {example}"));
        return Layer::Wrong;
    }
    let read = |input: ParseStream| {
        let mut branches = Vec::new();
        let mut before = word.to_token_stream();
        loop {
            if branches.is_empty() && separates(input) {
                let part = if kind == JointKind::Residual { "the body" } else { "a branch" };
                let message = format!("{part} is missing before this `|`: {name}(conv(8, k3, pad1) | …)");
                mistakes.add(input.fork().parse::<TokenTree>()?, message);
                branches.push(Chain::default());
            } else {
                branches.push(chain(input, &before, place.branch(), mistakes));
            }
            let Some(sign) = separator(input) else { return Ok(branches) };
            let text: String = sign.to_string().split_whitespace().collect();
            if text != "|" {
                mistakes.add(&sign, format!("the branches of {name} are separated by `|`, not by `{text}`"));
            }
            before = sign;
        }
    };
    let branches = read.parse2(arguments).unwrap_or_default();
    match (kind, branches.len()) {
        (JointKind::Concat | JointKind::Sum, 1) => {
            mistakes.add(word, format!("{name} joins two branches or more: {name}({} | …)", branches[0]));
        }
        (JointKind::Residual, count @ 3..) => {
            mistakes.add(
                word,
                format!("residual takes a body and at most one shortcut, not {count} branches; sum takes any number"),
            );
        }
        _ => {}
    }
    Layer::Joint(Joint { kind, branches })
}
