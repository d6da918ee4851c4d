//! Layers of other libraries, with their modules or bare: `nn.ReLU()`, `F.relu`, `nn::ReLU`, `ReLU`.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Token, token};

use crate::ast::tight;
use crate::catalogue::{self, Kind};
use crate::error::Mistakes;
use crate::words::guess_layer;

/// Modules of other libraries. A path that starts with one of them is read as theirs.
const MODULES: [&str; 5] = ["nn", "F", "torch", "tf", "keras"];

/// Layers of PyTorch and Keras that stand without arguments there, or nearly, under names that nobody is likely to give a network of
/// their own. One of these names alone is read as theirs.
pub(crate) const LAYERS: [&str; 44] = [
    "AvgPool1d",
    "AvgPool2d",
    "AveragePooling1D",
    "AveragePooling2D",
    "BatchNorm",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNormalization",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "ELU",
    "Flatten",
    "GELU",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNorm",
    "Hardswish",
    "Identity",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "LayerNorm",
    "LayerNormalization",
    "LeakyReLU",
    "LogSoftmax",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPooling1D",
    "MaxPooling2D",
    "PReLU",
    "RMSNorm",
    "ReLU",
    "ReLU6",
    "Relu",
    "SELU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
];

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
        Some("maxpool") if text == path => {
            format!("write maxpool(k2) or pool2, or self::{path} for a type of your own")
        }
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

/// Whether a path goes on here, or arguments follow, of which other messages speak.
fn goes_on(input: ParseStream) -> bool {
    let opens = input.peek(token::Paren) || input.peek(token::Bracket) || input.peek(token::Brace);
    opens || input.peek(Token![::]) || input.peek(Token![<]) || input.peek(Token![!])
}

/// The name with its modules, and its last part. A layer of ours with a point behind it is none: there a `>>` is missing.
fn name(input: ParseStream) -> Option<(TokenStream, Ident)> {
    let first = input.call(Ident::parse_any).ok()?;
    let word = first.to_string();
    let dotted = input.peek(Token![.]) && catalogue::kind(&word).is_none();
    let is_module = input.peek(Token![::]) && MODULES.contains(&word.as_str());
    let is_bare = LAYERS.contains(&word.as_str()) && !goes_on(input);
    if !dotted && !is_module && !is_bare {
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
