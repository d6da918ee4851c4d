//! Reads chains, stages and layers.
//!
//! What cannot be read is noted as a mistake and skipped up to the next `>>`, so that the mistakes of the other stages
//! are found in the same run.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Block, Error, Lit, Result, Token, TypePath, token};

use crate::arguments;
use crate::ast::{Chain, Layer, Stage, compact, tight};
use crate::braced::in_an_item;
use crate::catalogue::{self, Kind};
use crate::comment::{comment, is_comment};
use crate::error::Mistakes;
use crate::foreign::foreign;
use crate::groups;
use crate::labels::{self, is_named};
use crate::unknown::meant;
use crate::values;
use crate::words::guess_layer;

/// Where a chain stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// Whether it sees local values.
    pub(crate) sees_locals: bool,
    /// Whether several outputs are declared, which is noted: its last layers may be branches.
    has_heads: bool,
    /// What ends it besides the end of the input.
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Nothing,
    /// `;` or the next item.
    Item,
    /// `|` or, by mistake, a comma: the next branch of a joint.
    Branch,
}

impl Place {
    pub(crate) const ITEM: Self = Self { sees_locals: false, has_heads: false, end: End::Item };
    pub(crate) const EXPRESSION: Self = Self { sees_locals: true, has_heads: false, end: End::Nothing };

    /// The place of a chain in brackets here.
    fn inner(self) -> Self {
        Self { end: End::Nothing, ..self }
    }

    /// The same place, where several outputs may be declared.
    pub(crate) fn with_heads(self, has_heads: bool) -> Self {
        Self { has_heads, ..self }
    }

    /// The place of a branch here.
    pub(crate) fn branch(self) -> Self {
        Self { end: End::Branch, ..self }
    }
}

/// Reads a chain to its end. `before` is what it follows, where a missing layer is reported.
pub(crate) fn chain(input: ParseStream, before: &TokenStream, place: Place, mistakes: &mut Mistakes) -> Chain {
    let stages = stages(input, before, place, mistakes);
    labels::unlike(&stages, mistakes);
    Chain { stages }
}

/// A chain in brackets, or the rest of an argument list.
pub(crate) fn inner_chain(tokens: TokenStream, before: &TokenStream, place: Place, mistakes: &mut Mistakes) -> Chain {
    let read = |input: ParseStream| Ok(chain(input, before, place.inner(), mistakes));
    read.parse2(tokens).unwrap_or_else(|_| Chain { stages: Vec::new() })
}

fn stages(input: ParseStream, before: &TokenStream, place: Place, mistakes: &mut Mistakes) -> Vec<Stage> {
    let mut stages = Vec::new();
    let mut before = before.clone();
    loop {
        let starts_next = match place.end {
            End::Nothing => false,
            End::Item => ends_item(input),
            End::Branch => separates(input),
        };
        if input.is_empty() || starts_next {
            let sign = compact(&before);
            let way = if sign == ">>" { "write one, or remove it" } else { "for example conv(32, k3) >> relu" };
            mistakes.add(&before, format!("a layer is missing after this `{sign}`; {way}"));
            break;
        }
        let read =
            if comment(input, mistakes) { Ok(passed(input, place)) } else { stage(input, place, &stages, mistakes) };
        match read {
            Ok(read) => stages.extend(read),
            Err(error) => {
                mistakes.push(error);
                stages.extend(passed(input, place));
            }
        }
        labels::label_behind(input, stages.last_mut(), mistakes);
        if comment(input, mistakes) {
            passed(input, place);
        }
        if ends(input, place) {
            break;
        }
        match joint(input, place, mistakes) {
            Some(sign) => {
                if let Some(branch) = stages.last_mut().filter(|_| matches!(tight(&sign).as_str(), "+" | "|")) {
                    // what stands behind such a sign goes on from elsewhere, so the shape says nothing of the next
                    branch.layer = Layer::Wrong;
                }
                before = sign;
            }
            None => break,
        }
    }
    stages
}

/// Passes over what cannot be read, up to the next stage.
fn passed(input: ParseStream, place: Place) -> Vec<Stage> {
    skip(input, |input| input.peek(Token![>>]) || ends(input, place));
    vec![Stage { label: None, word: TokenStream::new(), layer: Layer::Wrong }]
}

fn ends(input: ParseStream, place: Place) -> bool {
    let next_starts = match place.end {
        End::Nothing => false,
        End::Item => ends_item(input) || starts_item(input),
        End::Branch => separates(input),
    };
    input.is_empty() || next_starts
}

/// Whether the next item starts here.
pub(crate) fn starts_item(input: ParseStream) -> bool {
    let capital = |name: Ident| name.to_string().starts_with(char::is_uppercase);
    let named = is_named(input) && input.fork().call(Ident::parse_any).is_ok_and(capital);
    (input.peek(Token![#]) && !is_comment(input)) || input.peek(Token![pub]) || named
}

/// A `;`, unless a layer follows: then it is the mistake of who is used to statements.
fn ends_item(input: ParseStream) -> bool {
    let ahead = input.fork();
    let semicolon = ahead.parse::<Token![;]>().is_ok();
    let named = is_named(&ahead);
    let is_layer = |word: Ident| catalogue::kind(&word.to_string()).is_some();
    semicolon && (named || !ahead.call(Ident::parse_any).is_ok_and(is_layer))
}

/// Whether the next branch starts here; a comma is the mistake of who is used to argument lists.
pub(crate) fn separates(input: ParseStream) -> bool {
    input.peek(Token![,]) || input.peek(Token![|])
}

/// Reads what stands between two branches: `|`, or by mistake a comma, `||` or `|>`.
pub(crate) fn separator(input: ParseStream) -> Option<TokenStream> {
    if !separates(input) {
        return None;
    }
    let mut sign = TokenStream::new();
    while let Ok(punct) = input.parse::<Punct>() {
        let goes_on = punct.spacing() == Spacing::Joint && (input.peek(Token![|]) || input.peek(Token![>]));
        sign.extend([TokenTree::from(punct)]);
        if !goes_on {
            break;
        }
    }
    Some(sign)
}

/// Reads the `>>` between two stages, or what stands there instead; none if the chain ends here.
fn joint(input: ParseStream, place: Place, mistakes: &mut Mistakes) -> Option<TokenStream> {
    if let Ok(sign) = input.parse::<Token![>>]>() {
        return Some(sign.to_token_stream());
    }
    let mut sign = TokenStream::new();
    while let Ok(punct) = input.parse::<Punct>() {
        sign.extend([TokenTree::from(punct)]);
    }
    let text = tight(&sign);
    if sign.is_empty() {
        mistakes.push(expected(input, "`>>`", ""));
        if input.peek(Lit) {
            skip(input, |input| input.peek(Token![>>]) || ends(input, place));
            return input.parse::<Token![>>]>().ok().map(|sign| sign.to_token_stream());
        }
    } else if ends(input, place) {
        mistakes.add(&sign, format!("nothing may follow the last layer; remove `{text}`"));
        return None;
    } else if text != "|" || !place.has_heads {
        let way = match text.as_str() {
            "+" => "; branches are added by residual(… | …) or sum(… | …)",
            "|" => "; branches stand in concat(… | …), sum(… | …) or residual(… | …)",
            _ => "",
        };
        mistakes.add(&sign, format!("layers are joined by `>>`, not by `{text}`{way}"));
    }
    Some(sign)
}

/// A stage behind those `before`; an unlabelled chain in parentheses is all the stages in it.
fn stage(input: ParseStream, place: Place, before: &[Stage], mistakes: &mut Mistakes) -> Result<Vec<Stage>> {
    let label = labels::label(input, mistakes)?;
    if input.peek(Token![>>]) {
        return Err(Error::new_spanned(next(input), "a layer is missing before this `>>`; write one, or remove it"));
    }
    let (word, layer) = if input.peek(token::Paren) {
        let group: Group = input.parse()?;
        let tokens = group.stream();
        if tokens.is_empty() {
            return Err(Error::new_spanned(group, "there is no layer in these parentheses"));
        }
        let blame = label.as_ref().map_or_else(|| group.to_token_stream(), ToTokens::to_token_stream);
        if label.is_none() {
            let read = |input: ParseStream| Ok(stages(input, &blame, place.inner(), mistakes));
            return read.parse2(tokens);
        }
        (blame.clone(), Layer::Group(inner_chain(tokens, &blame, place, mistakes)))
    } else if input.peek(token::Bracket) {
        let Some((word, copies)) = groups::copies(input, place, mistakes) else {
            return Err(expected(input, "a layer", "; layers are joined by `>>`, not listed"));
        };
        (word, copies)
    } else if input.peek(token::Brace) {
        // not by the parser of the input: it would report what stands in the braces in words of its own
        let braces: Group = input.parse()?;
        let block: Block = syn::parse2(braces.to_token_stream())
            .map_err(|_| Error::new(braces.span_open(), "these braces hold no value; layers are joined by `>>`"))?;
        if !place.sees_locals {
            mistakes.add(&block, in_an_item(&block));
        }
        (block.to_token_stream(), Layer::Local(block))
    } else if let Some(foreign) = foreign(input, mistakes) {
        let meant = foreign.meant.map_or(Layer::Wrong, |(kind, word)| layer(kind, &word, None, place, mistakes));
        (foreign.name, meant)
    } else if is_path(input) {
        let path = path(input)?;
        (path.to_token_stream(), Layer::Path(path))
    } else {
        let word = input.call(Ident::parse_any).map_err(|_| expected(input, "a layer", ""))?;
        input.parse::<Option<Token![!]>>()?;
        let arguments = bracketed(&word, input, mistakes)?;
        let fetches = labels::fetches(&word, arguments.as_ref(), before, mistakes);
        let meant = if fetches { None } else { meant(&word, arguments.is_some(), place, mistakes) };
        match meant {
            Some((kind, word)) => (word.to_token_stream(), layer(kind, &word, arguments, place, mistakes)),
            None => (word.to_token_stream(), Layer::Wrong),
        }
    };
    Ok(vec![Stage { label, word, layer }])
}

/// A name with a capital, or with `::`.
fn is_path(input: ParseStream) -> bool {
    let capital = |name: Ident| name.to_string().starts_with(char::is_uppercase);
    input.peek(Token![::])
        || input.peek(Token![<])
        || (input.peek(Ident::peek_any) && input.peek2(Token![::]))
        || input.fork().call(Ident::parse_any).is_ok_and(capital)
}

/// A path to a type, which takes no arguments.
fn path(input: ParseStream) -> Result<TypePath> {
    let path: TypePath = input.parse()?;
    let bang = input.parse::<Option<Token![!]>>()?;
    if bang.is_none() && !opens(input) {
        return Ok(path);
    }
    let name = compact(&path);
    let is_empty = input.fork().parse::<Group>().is_ok_and(|arguments| arguments.stream().is_empty());
    let way = match path.path.segments.last().and_then(|last| guess_layer(&last.ident.to_string())) {
        Some("conv") => "the layer is conv(32, k3), with a number of filters and a kernel".to_owned(),
        Some("maxpool") => "the layer is maxpool(k2) or pool2".to_owned(),
        Some("dense") => "the layer is dense(10), with a number of features".to_owned(),
        Some(guess) => format!("did you mean the layer `{guess}`?"),
        None if is_empty => {
            return Err(Error::new_spanned(path, format!("`{name}` is the path of a type: write {name}")));
        }
        None => "to give it arguments, make the value outside and insert it in braces".to_owned(),
    };
    let message = format!("`{name}` is the path of a type, which stands here without arguments; {way}");
    Err(Error::new_spanned(path, message))
}

/// Whether a bracket opens here.
fn opens(input: ParseStream) -> bool {
    input.peek(token::Paren) || input.peek(token::Bracket) || input.peek(token::Brace)
}

/// The arguments of a layer, if there are any.
fn bracketed(word: &Ident, input: ParseStream, mistakes: &mut Mistakes) -> Result<Option<TokenStream>> {
    if !opens(input) {
        return Ok(None);
    }
    let group: Group = input.parse()?;
    if group.delimiter() != Delimiter::Parenthesis {
        let text = compact(group.stream());
        mistakes.add(&group, format!("the arguments of a layer stand in parentheses: {word}({text})"));
    }
    Ok(Some(group.stream()))
}

/// The layer that `word` names, of which the kind is known.
pub(crate) fn layer(
    kind: &'static Kind,
    word: &Ident,
    arguments: Option<TokenStream>,
    place: Place,
    mistakes: &mut Mistakes,
) -> Layer {
    let arguments = arguments.unwrap_or_default();
    match kind {
        Kind::Conv(kind) => arguments::conv(*kind, word, arguments, mistakes),
        Kind::Depthwise => arguments::depthwise(word, arguments, mistakes),
        Kind::Pool(kind) => arguments::pool(*kind, word, arguments, mistakes),
        Kind::Pool2 => arguments::pool2(word, arguments, mistakes),
        Kind::Dense => arguments::dense(word, arguments, mistakes),
        Kind::Resize(kind) => values::resize(*kind, word, arguments, mistakes),
        Kind::Value(kind) => values::value(kind, word, arguments, mistakes),
        Kind::Joint(kind) => groups::joint(*kind, word, arguments, place, mistakes),
        Kind::Repeat => groups::repeat(word, arguments, place, mistakes),
    }
}

/// An error at what stands next: `expected …, but found …`, with a `hint`.
pub(crate) fn expected(input: ParseStream, what: &str, hint: &str) -> Error {
    let next = next(input);
    if next.is_empty() {
        return Error::new(input.span(), format!("expected {what}, but there is nothing more{hint}"));
    }
    let text = compact(&next);
    Error::new_spanned(next, format!("expected {what}, but found `{text}`{hint}"))
}

/// What stands next: a token, or signs without a space between them.
fn next(input: ParseStream) -> TokenStream {
    let ahead = input.fork();
    let mut next = TokenStream::new();
    while let Ok(token) = ahead.parse::<TokenTree>() {
        let joint = matches!(&token, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
        next.extend([token]);
        if !joint {
            break;
        }
    }
    next
}

/// Skips tokens until `stop`, or to the end.
pub(crate) fn skip(input: ParseStream, stop: impl Fn(ParseStream) -> bool) {
    while !input.is_empty() && !stop(input) {
        let _ = input.parse::<TokenTree>();
    }
}
