//! What stands in braces where it should not: the layers of a network that is written like a struct,
//! `struct Net: … { conv1: conv(…), fc: dense(10) }`, and values in items.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::{Block, Error, Expr, PathSegment, Stmt, Token, Type, Visibility, token};

use crate::ast::{Chain, compact};
use crate::catalogue;
use crate::chain::{Place, inner_chain};
use crate::error::Mistakes;

/// Layers in braces.
pub(crate) struct Braced(Group);

/// Reads the layers if they stand in braces here, behind an `=` or without one.
pub(crate) fn braced(input: ParseStream) -> Option<Braced> {
    let ahead = input.fork();
    let assigned = ahead.peek(Token![=]) && !ahead.peek(Token![=>]);
    if assigned {
        ahead.parse::<Token![=]>().ok()?;
    }
    if !ahead.peek(token::Brace) {
        return None;
    }
    let layers: Group = ahead.parse().ok()?;
    let ends = ahead.is_empty() || ahead.peek(Token![;]);
    if assigned && !(ends && are_several(layers.stream())) {
        return None;
    }
    if assigned {
        input.parse::<Token![=]>().ok()?;
    }
    input.parse().ok().map(Braced)
}

/// Whether there are several layers or labels, which tell layers from a value.
fn are_several(layers: TokenStream) -> bool {
    let layers: Vec<TokenTree> = layers.into_iter().collect();
    let separates = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if ",;>".contains(sign.as_char()));
    let labels = |pair: &[TokenTree]| match pair {
        [TokenTree::Ident(_), TokenTree::Punct(sign)] => sign.as_char() == ':' && sign.spacing() == Spacing::Alone,
        _ => false,
    };
    layers.iter().any(separates) || layers.windows(2).any(labels)
}

impl Braced {
    /// Reads the layers, which commas may separate, and says how the network is written that begins with `header`. What is wrong
    /// stands at the `keyword`, if there is one.
    pub(crate) fn read(self, header: &str, keyword: Option<&Ident>, mistakes: &mut Mistakes) -> Chain {
        let Self(group) = self;
        let before = TokenTree::from(Group::new(Delimiter::Brace, TokenStream::new())).into();
        let chain = inner_chain(joined(group.stream()), &before, Place::ITEM, mistakes);
        let shown: Vec<String> = chain.stages.iter().map(ToString::to_string).take(MOST_SHOWN).collect();
        let more = if chain.stages.len() > MOST_SHOWN { " >> …" } else { "" };
        let way = format!("{header} = {}{more}", shown.join(" >> "));
        mistakes.push(match keyword {
            Some(keyword) => Error::new_spanned(keyword, format!("a network is no {keyword}: write {way}")),
            None => Error::new(group.span_open(), format!("the layers of a network stand without braces: write {way}")),
        });
        chain
    }
}

/// The most layers that a message shows.
const MOST_SHOWN: usize = 3;

/// Layers with `>>` between them in place of commas.
fn joined(layers: TokenStream) -> TokenStream {
    let mut layers: Vec<TokenTree> = layers.into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if ",;".contains(sign.as_char()));
    layers.pop_if(|last| is_comma(last));
    let sign = |token: TokenTree| {
        if !is_comma(&token) {
            return vec![token];
        }
        let half = |spacing| {
            let mut sign = Punct::new('>', spacing);
            sign.set_span(token.span());
            TokenTree::from(sign)
        };
        vec![half(Spacing::Joint), half(Spacing::Alone)]
    };
    layers.into_iter().flat_map(sign).collect()
}

/// The header of a network, as a message shows it; with an example for what is missing.
pub(crate) fn header(visibility: &Visibility, name: &Ident, input: &Type, output: &Type) -> String {
    let visibility = compact(visibility);
    let visibility = if visibility.is_empty() { visibility } else { format!("{visibility} ") };
    let shape = |ty: &Type, example: &str| if let Type::Infer(_) = ty { example.to_owned() } else { compact(ty) };
    format!("{visibility}{name}: {} => {}", shape(input, "Image<3, 32, 32>"), shape(output, "Vector<10>"))
}

/// What is said of a value in braces in an item, which sees no local values and makes its layers by `Default`.
pub(crate) fn in_an_item(block: &Block) -> String {
    let [Stmt::Expr(value, None)] = block.stmts.as_slice() else { return LOCAL.to_owned() };
    let (path, is_made) = match value {
        Expr::Path(path) => (&path.path, false),
        Expr::Struct(value) => (&value.path, true),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => (&path.path, true),
            _ => return LOCAL.to_owned(),
        },
        _ => return LOCAL.to_owned(),
    };
    let text = compact(value);
    let is_word = path.get_ident().is_some_and(|word| catalogue::kind(&word.to_string()).is_some());
    let is_type = |segment: &&PathSegment| segment.ident.to_string().starts_with(char::is_uppercase);
    let segments: Vec<&PathSegment> = path.segments.iter().collect();
    match segments.iter().rposition(is_type) {
        _ if is_word => format!("a layer stands without braces: write {text}"),
        Some(_) if !is_made => format!("an item takes a layer of yours by its type: write {text} without braces"),
        Some(last) => {
            let ty = segments[..=last].iter().copied().map(compact).collect::<Vec<_>>().join("::");
            format!(
                "an item takes a layer of yours by its type, made by `Default`: write {ty}; net!(…) as a value takes {{{text}}}"
            )
        }
        None => LOCAL.to_owned(),
    }
}

const LOCAL: &str = "an item cannot see a local value; write the path of a type, such as Stem";
