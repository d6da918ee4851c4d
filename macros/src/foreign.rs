//! Layers named with the modules of other libraries: `nn.ReLU()`, `F.relu`, `nn::ReLU`.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

use crate::ast::tight;
use crate::catalogue::{self, Kind};
use crate::error::Mistakes;
use crate::words::guess_layer;

/// Modules of other libraries. A path that starts with one of them is read as theirs.
const MODULES: [&str; 5] = ["nn", "F", "torch", "tf", "keras"];

/// A layer of another library, with the word of ours that is read in its place.
pub(crate) struct Foreign {
    /// As the user wrote it, without its arguments.
    pub(crate) name: TokenStream,
    /// None if it needs arguments: those of another library are not ours.
    pub(crate) meant: Option<(&'static Kind, Ident)>,
}

/// Reads a layer of another library with its arguments, and notes the mistake; none if something else stands here.
pub(crate) fn foreign(input: ParseStream, mistakes: &mut Mistakes) -> Option<Foreign> {
    name(&input.fork())?;
    let (name, last) = name(input)?;
    let text = tight(&name).replace(' ', "");
    let path = text.replace('.', "::");
    let guess = guess_layer(&last.to_string());
    let way = match guess {
        Some(guess) if text == path => format!("write {guess}, or self::{path} for a type of your own"),
        Some(guess) => format!("write {guess}"),
        None => format!("a type of your own is written by its path, {path}"),
    };
    mistakes.add(&name, format!("there is no layer `{text}`; {way}"));
    if input.fork().parse::<Group>().is_ok() {
        let _ = input.parse::<Group>();
    }
    let kind = guess.and_then(catalogue::kind).filter(|kind| kind.stands_alone());
    let meant = kind.zip(guess).map(|(kind, guess)| (kind, Ident::new(guess, last.span())));
    Some(Foreign { name, meant })
}

/// The name with its modules, and its last part. A layer of ours with a point behind it is none: there a `>>` is missing.
fn name(input: ParseStream) -> Option<(TokenStream, Ident)> {
    let first = input.call(Ident::parse_any).ok()?;
    let word = first.to_string();
    let dotted = input.peek(Token![.]) && catalogue::kind(&word).is_none();
    let is_module = input.peek(Token![::]) && MODULES.contains(&word.as_str());
    if !dotted && !is_module {
        return None;
    }
    let mut last = first.clone();
    let mut name = TokenStream::from(TokenTree::from(first));
    while input.peek(Token![.]) || input.peek(Token![::]) {
        while !input.peek(Ident::peek_any) {
            name.extend([input.parse::<TokenTree>().ok()?]);
        }
        last = input.call(Ident::parse_any).ok()?;
        name.extend([TokenTree::from(last.clone())]);
    }
    (dotted || guess_layer(&last.to_string()).is_some()).then_some((name, last))
}
