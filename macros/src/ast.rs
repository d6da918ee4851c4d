//! What the user wrote, as plain data: items, chains, stages, layers.
//!
//! Every part keeps the tokens at which a mistake in it is reported.

use proc_macro2::{Ident, Spacing, Span, TokenStream, TokenTree};

use crate::budget::Limit;
use crate::catalogue::{ConvKind, JointKind, PoolKind, ValueWord};

/// `pub LeNet: Image<1, 28, 28> => Vector<10> = …`
pub(crate) struct Item {
    pub(crate) attributes: Vec<syn::Attribute>,
    pub(crate) budget: Vec<Limit>,
    pub(crate) visibility: syn::Visibility,
    pub(crate) name: Ident,
    /// What no network has; noted already.
    pub(crate) generics: syn::Generics,
    pub(crate) input: syn::Type,
    pub(crate) output: syn::Type,
    pub(crate) chain: Chain,
}

/// `Image<3, 32, 32> => …`
pub(crate) struct Expression {
    pub(crate) input: syn::Type,
    pub(crate) chain: Chain,
}

/// Stages in a row; an unlabelled parenthesised chain is already flattened into it.
#[derive(Default)]
pub(crate) struct Chain {
    pub(crate) stages: Vec<Stage>,
}

/// A layer and perhaps its label.
pub(crate) struct Stage {
    pub(crate) label: Option<Ident>,
    /// The word, path or braces that the user wrote: where mistakes of the whole stage are reported.
    pub(crate) word: TokenStream,
    pub(crate) layer: Layer,
}

/// What a stage computes.
pub(crate) enum Layer {
    Conv(Box<Conv>),
    Depthwise(Box<Depthwise>),
    Pool(Box<Pool>),
    Dense(Dense),
    Resize(Resize),
    Value(Value),
    Repeat(Repeat),
    Joint(Joint),
    /// A labelled parenthesised chain.
    Group(Chain),
    /// Another network or a user's layer.
    Path(syn::TypePath),
    /// `{stem}`: a value at hand, with its braces.
    Local(syn::Block),
    /// A layer that could not be read; its mistake is noted already.
    Wrong,
}

/// `conv(3=>32, k5, pad2)`, and its kin that have filters, too.
pub(crate) struct Conv {
    pub(crate) kind: ConvKind,
    /// The channels that it says it takes; none: what arrives.
    pub(crate) input: Option<Number>,
    pub(crate) filters: Number,
    pub(crate) window: Window,
    /// Of a transposed convolution: what is added to the output at its end.
    pub(crate) output_padding: Pair,
    /// One number; a pair only by its type.
    pub(crate) groups: Pair,
    pub(crate) bias: bool,
    /// The arguments after the sizes, as the user wrote them.
    pub(crate) options: Vec<String>,
}

/// `depthwise(k3, pad1)`: one filter a channel.
pub(crate) struct Depthwise {
    pub(crate) window: Window,
    pub(crate) bias: bool,
    /// As the user wrote it.
    pub(crate) text: String,
}

/// `maxpool(k3, s2)`, `pool2`, `avgpool(k2)`
pub(crate) struct Pool {
    pub(crate) kind: PoolKind,
    pub(crate) window: Window,
    /// Of an average pool: whether the padding is left out of the mean.
    pub(crate) skips_padding: bool,
    /// As the user wrote it.
    pub(crate) text: String,
}

/// `dense(400=>120)`
pub(crate) struct Dense {
    /// The features that it says it takes; none: what arrives.
    pub(crate) input: Option<Number>,
    pub(crate) output: Number,
    pub(crate) bias: bool,
}

/// A layer that only changes how many positions or channels there are.
pub(crate) struct Resize {
    pub(crate) to: Resized,
    /// Its arguments.
    pub(crate) tokens: TokenStream,
    /// As the user wrote it.
    pub(crate) text: String,
}

/// What a [`Resize`] changes.
pub(crate) enum Resized {
    /// `zero_pad(1)`, `zero_pad(0, 0, 1, 1)`
    Padded(Box<Sides>),
    /// `upsample(2)`
    Repeated(Number),
    /// `adaptive_avgpool(7)`
    Averaged(Pair),
    /// `subsample(s2)`, `subsample(32, s2)`
    Subsampled { channels: Option<Number>, stride: Pair },
}

/// A layer that is a value: `relu`, `dropout(0.5)`, `groupnorm(8, eps(1e-6))`.
pub(crate) struct Value {
    pub(crate) word: &'static ValueWord,
    /// What stands first.
    pub(crate) first: First,
    /// The options by their names.
    pub(crate) options: Vec<(&'static str, Real)>,
    /// As the user wrote it.
    pub(crate) text: String,
}

/// What stands first in the arguments of a [`Value`].
pub(crate) enum First {
    Nothing,
    Whole(Number),
    Real(Real),
}

/// `repeat(3, …)`
pub(crate) struct Repeat {
    pub(crate) count: Number,
    pub(crate) body: Chain,
}

/// `residual(… | …)`, `concat(… | …)`, `sum(… | …)`
pub(crate) struct Joint {
    pub(crate) kind: JointKind,
    /// Of a residual block, the body and perhaps a shortcut.
    pub(crate) branches: Vec<Chain>,
}

/// A window that slides over an image or a sequence.
#[derive(Clone)]
pub(crate) struct Window {
    pub(crate) kernel: Pair,
    pub(crate) stride: Pair,
    pub(crate) padding: Padding,
    pub(crate) dilation: Pair,
    /// Whether a last window may reach beyond the padding.
    pub(crate) ceil: bool,
    /// Whether it has to read every pixel.
    pub(crate) exact: bool,
}

/// What surrounds the image.
#[derive(Clone)]
pub(crate) enum Padding {
    Zeros(Pair),
    Sides(Box<Sides>),
    /// As much as keeps the size at stride 1.
    Same,
}

/// A number for each side.
#[derive(Clone)]
pub(crate) struct Sides {
    pub(crate) top: Number,
    pub(crate) left: Number,
    pub(crate) bottom: Number,
    pub(crate) right: Number,
    /// The whole argument.
    pub(crate) tokens: TokenStream,
}

/// A number for each axis: rows and columns.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) rows: Number,
    pub(crate) columns: Number,
    /// The whole argument.
    pub(crate) tokens: TokenStream,
}

/// A number in the chain: a literal, or a const expression that only the types can see.
#[derive(Clone)]
pub(crate) struct Number {
    /// The number as a const generic argument: a literal or a block.
    pub(crate) tokens: TokenStream,
    /// As the user wrote it.
    pub(crate) text: String,
    /// None if it is not a literal, or if it is a literal with a mistake in it.
    pub(crate) value: Option<usize>,
}

/// A real number: a literal, or an expression.
pub(crate) struct Real {
    pub(crate) tokens: TokenStream,
    /// As the user wrote it.
    pub(crate) text: String,
    /// Whether its value is left to the compiler.
    pub(crate) is_expression: bool,
}

impl Number {
    /// Whether there are no tokens for it.
    pub(crate) fn is_missing(&self) -> bool {
        self.text == "_"
    }
}

impl Pair {
    pub(crate) fn values(&self) -> [Option<usize>; 2] {
        [self.rows.value, self.columns.value]
    }

    /// Whether two numbers were written, be they the same.
    pub(crate) fn is_two_numbers(&self) -> bool {
        let Self { rows, columns, tokens } = self;
        compact(tokens).trim_end_matches(')').ends_with(&format!("{}, {}", rows.text, columns.text))
    }

    pub(crate) fn is(&self, value: usize) -> bool {
        self.values() == [Some(value); 2]
    }
}

impl Stage {
    /// What a message calls the stage: `conv`, `pool2`, `nets::Stem`.
    pub(crate) fn name(&self) -> String {
        if let Layer::Group(_) = self.layer { "(…)".to_owned() } else { compact(&self.word) }
    }

    /// The convolution that it is, if it is one.
    pub(crate) fn conv(&self) -> Option<&Conv> {
        if let Layer::Conv(conv) = &self.layer { Some(conv) } else { None }
    }

    /// Whether there may be convolutions in it.
    pub(crate) fn holds_others(&self) -> bool {
        matches!(self.layer, Layer::Repeat(_) | Layer::Joint(_) | Layer::Group(_) | Layer::Path(_) | Layer::Local(_))
    }

    /// Where rustc reports what only the types can see.
    pub(crate) fn span(&self) -> Span {
        self.word.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span())
    }
}

/// Tokens as one writes them by hand: `nets::Stem<3, 8>`, `k(3, KERNEL)`.
pub(crate) fn compact(tokens: impl quote::ToTokens) -> String {
    let text = tokens.into_token_stream().to_string();
    [
        (" = ", "="),
        (" ::", "::"),
        (":: ", "::"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
    ]
    .iter()
    .fold(text, |text, (loose, tight)| text.replace(loose, tight))
}

/// Signs as they stand: `=>` together, `> >` apart.
pub(crate) fn tight(signs: &TokenStream) -> String {
    let mut text = String::new();
    for token in signs.clone() {
        text.push_str(&token.to_string());
        if !matches!(&token, TokenTree::Punct(sign) if sign.spacing() == Spacing::Joint) {
            text.push(' ');
        }
    }
    text.trim_end().to_owned()
}
