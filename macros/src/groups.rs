//! Reads the layers that hold chains: repetitions and joints of branches.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Lit, LitInt, Token};

use crate::ast::{Chain, Joint, Layer, Number, Repeat, compact};
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

/// Copies that are written like an array, `[conv(8, k3, pad1) >> relu; 3]`, which is noted; none if it is another list.
pub(crate) fn copies(input: ParseStream, place: Place, mistakes: &mut Mistakes) -> Option<(TokenStream, Layer)> {
    let list = input.fork().parse::<Group>().ok()?;
    let tokens: Vec<TokenTree> = list.stream().into_iter().collect();
    let is_semicolon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    let at = tokens.iter().position(is_semicolon)?;
    let [body, count] = [&tokens[..at], &tokens[at + 1..]].map(|side| side.iter().cloned().collect::<TokenStream>());
    if body.is_empty() || syn::parse2::<syn::Expr>(count.clone()).is_err() {
        return None;
    }
    let list = input.parse::<Group>().ok()?.to_token_stream();
    let body = inner_chain(body, &list, place, mistakes);
    let count = Number::read(&count, "the number of copies", 1..=usize::MAX, mistakes);
    mistakes.add(&list, format!("copies of a chain are no list: write repeat({count}, {body})"));
    let word = TokenTree::from(Ident::new("repeat", list.span()));
    Some((word.into(), Layer::Repeat(Repeat { count, body })))
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
    // the branches as a list, and commas between them, are one mistake
    let list = list(&arguments);
    let mut by_commas = false;
    if let Some((list, _)) = &list {
        by_commas = true;
        mistakes.add(list, format!("the branches of {name} stand without brackets, separated by `|`"));
    }
    let arguments = list.map_or(arguments, |(_, arguments)| arguments);
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
            if let Some(argument) = assigned(input) {
                let text = compact(&argument).replace(' ', "");
                mistakes.add(argument, format!("{name} has no argument `{text}`; leave it out"));
                return Ok(branches);
            }
            let text: String = sign.to_string().split_whitespace().collect();
            if text != "|" && !(text == "," && by_commas) {
                mistakes.add(&sign, format!("the branches of {name} are separated by `|`, not by `{text}`"));
            }
            by_commas |= text == ",";
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

/// Branches that stand in brackets, and the arguments without these.
fn list(arguments: &TokenStream) -> Option<(Group, TokenStream)> {
    let mut rest = arguments.clone().into_iter();
    match rest.next()? {
        TokenTree::Group(list) if list.delimiter() == Delimiter::Bracket => {
            let branches = list.stream().into_iter().chain(rest).collect();
            Some((list, branches))
        }
        _ => None,
    }
}

/// Reads the rest of the arguments if a number with a name stands here, as in other libraries: `dim=1`.
fn assigned(input: ParseStream) -> Option<TokenStream> {
    let ahead = input.fork();
    ahead.call(Ident::parse_any).ok()?;
    ahead.parse::<Token![=]>().ok()?;
    (ahead.peek(Lit) || ahead.peek(Token![-])).then(|| input.parse().ok())?
}
