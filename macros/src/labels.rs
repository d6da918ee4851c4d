//! Reads labels, and what is taken for one: `fc1 = dense(120)`, `dense(10) as head`, `add(x)`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Lit, Result, Token};

use crate::ast::{Stage, compact};
use crate::catalogue::{self, JointKind, Kind};
use crate::chain::separates;
use crate::error::Mistakes;
use crate::words::guess_layer;

/// `fc1:`, if it stands here.
pub(crate) fn label(input: ParseStream, mistakes: &mut Mistakes) -> Result<Option<Ident>> {
    if input.peek(Lit) && input.peek2(Token![:]) {
        return Err(input.error("a label is a name, such as `fc1:`; unlabelled stages are numbered"));
    }
    if is_named(input) {
        let label = input.call(Ident::parse_any)?;
        input.parse::<Token![:]>()?;
        return Ok(Some(label));
    }
    if !is_assigned(input) {
        return Ok(None);
    }
    let label = input.call(Ident::parse_any)?;
    let sign = input.parse::<Token![=]>()?;
    let layer = compact(layer_here(input));
    mistakes.add(sign, format!("a label stands before a colon: write {label}: {layer}"));
    Ok(Some(label))
}

/// `name:`, but not `path::`.
pub(crate) fn is_named(input: ParseStream) -> bool {
    input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::])
}

/// `name = layer`
fn is_assigned(input: ParseStream) -> bool {
    let ahead = input.fork();
    let assigned = ahead.call(Ident::parse_any).is_ok() && ahead.peek(Token![=]) && !ahead.peek(Token![=>]);
    assigned && ahead.parse::<Token![=]>().is_ok() && (ahead.peek(syn::Ident) || ahead.peek(syn::token::Paren))
}

/// The tokens of the layer that stands here.
fn layer_here(input: ParseStream) -> TokenStream {
    let (ahead, mut layer) = (input.fork(), TokenStream::new());
    while !ahead.is_empty() && !ahead.peek(Token![>>]) && !ahead.peek(Token![;]) && !separates(&ahead) {
        layer.extend(ahead.parse::<TokenTree>());
    }
    layer
}

/// Reads the `as head` behind a stage, which becomes its label.
pub(crate) fn label_behind(input: ParseStream, stage: Option<&mut Stage>, mistakes: &mut Mistakes) {
    let (Some(stage), true) = (stage, input.peek(Token![as]) && input.peek2(Ident::peek_any)) else { return };
    let (Ok(sign), Ok(label)) = (input.parse::<Token![as]>(), input.call(Ident::parse_any)) else { return };
    let mut tokens = sign.into_token_stream();
    tokens.extend([TokenTree::from(label.clone())]);
    mistakes.add(tokens, format!("a label stands before its layer, with a colon: write {label}: {}", stage.layer));
    stage.label.get_or_insert(label);
}

/// Checks that no label is given twice.
pub(crate) fn unlike(stages: &[Stage], mistakes: &mut Mistakes) {
    for (index, stage) in stages.iter().enumerate() {
        let Some(label) = &stage.label else { continue };
        if stages[..index].iter().any(|earlier| earlier.label.as_ref() == Some(label)) {
            mistakes.add(
                label,
                format!("the label `{label}` is given twice; parameters are named by it, so each needs its own"),
            );
        }
    }
}

/// Whether the layer `word` is given labels of the stages before it, as if these were variables: `add(x)`. That is noted.
pub(crate) fn fetches(
    word: &Ident,
    arguments: Option<&TokenStream>,
    stages: &[Stage],
    mistakes: &mut Mistakes,
) -> bool {
    let text = word.to_string();
    let (own, guessed) = (catalogue::kind(&text), guess_layer(&text).and_then(catalogue::kind));
    let (names, kind) = match (own.or(guessed), arguments) {
        (Some(Kind::Joint(kind)), Some(arguments)) => (names(arguments), *kind),
        (_, None) if own.is_none() => (vec![word.clone()], JointKind::Residual),
        _ => return false,
    };
    let place = |name: &Ident| stages.iter().rposition(|stage| stage.label.as_ref() == Some(name));
    let first = names.into_iter().filter_map(|name| Some((place(&name)?, name))).min_by_key(|(at, _)| *at);
    let Some((at, name)) = first else { return false };
    let (from, between) = (&stages[at], &stages[at + 1..]);
    let body = between.iter().map(ToString::to_string).collect::<Vec<_>>().join(" >> ");
    let way = match kind {
        _ if between.is_empty() => "leave it out".to_owned(),
        JointKind::Concat => format!("write {} >> concat(identity | {body})", from.layer),
        _ => format!("write {} >> residual({body})", from.layer),
    };
    let message = format!("a label names parameters, so a later stage cannot fetch the output of `{name}`; {way}");
    mistakes.add(name, message);
    true
}

/// The names in arguments that are nothing but names: `x`, `x, y`, `[x, y]`, `x | y`.
fn names(arguments: &TokenStream) -> Vec<Ident> {
    let mut all = Vec::new();
    for token in arguments.clone() {
        match token {
            TokenTree::Ident(name) => all.push(name),
            TokenTree::Punct(sign) if ",|".contains(sign.as_char()) => {}
            TokenTree::Group(group) => all.extend(names(&group.stream())),
            _ => return Vec::new(),
        }
    }
    all
}
