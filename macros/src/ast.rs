//! What the user wrote, as plain data: items, chains, stages, layers.
//!
//! Every part keeps the tokens at which a mistake in it is reported.

use std::fmt::{self, Display};

use proc_macro2::{Ident, Span, TokenStream};

/// `pub LeNet: Image<1, 28, 28> => Vector<10> = …`
pub(crate) struct Item {
    pub(crate) attributes: Vec<syn::Attribute>,
    pub(crate) visibility: syn::Visibility,
    pub(crate) name: Ident,
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
    MaxPool(Box<MaxPool>),
    Dense(Dense),
    Relu,
    Flatten,
    Repeat(Repeat),
    /// A labelled parenthesised chain.
    Group(Chain),
    /// Another network or a user's layer.
    Path(syn::TypePath),
    /// `{stem}`: a value at hand, with its braces.
    Local(syn::Block),
    /// A layer that could not be read; its mistake is noted already.
    Wrong,
}

/// `conv(3=>32, k5, pad2)`
pub(crate) struct Conv {
    /// The channels that it says it takes; none: what arrives.
    pub(crate) input: Option<Number>,
    pub(crate) filters: Number,
    pub(crate) window: Window,
    /// One number; a pair only by its type.
    pub(crate) groups: Pair,
    pub(crate) bias: bool,
    /// The arguments after the sizes, as the user wrote them.
    pub(crate) options: Vec<String>,
}

/// `maxpool(k3, s2)`, `pool2`
pub(crate) struct MaxPool {
    pub(crate) window: Window,
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

/// `repeat(3, …)`
pub(crate) struct Repeat {
    pub(crate) count: Number,
    pub(crate) body: Chain,
}

/// A window that slides over an image.
pub(crate) struct Window {
    pub(crate) kernel: Pair,
    pub(crate) stride: Pair,
    pub(crate) padding: Padding,
    pub(crate) dilation: Pair,
}

/// What surrounds the image.
pub(crate) enum Padding {
    Zeros(Pair),
    /// As much as keeps the size at stride 1.
    Same,
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

    pub(crate) fn is(&self, value: usize) -> bool {
        self.values() == [Some(value); 2]
    }
}

impl Conv {
    /// The call with other input channels, all other arguments as the user wrote them.
    pub(crate) fn with_input(&self, channels: impl Display) -> String {
        self.call(format!("{channels}=>{}", self.filters))
    }

    fn call(&self, sizes: String) -> String {
        let arguments: Vec<String> = std::iter::once(sizes).chain(self.options.iter().cloned()).collect();
        format!("conv({})", arguments.join(", "))
    }
}

impl Dense {
    /// The call with other input features, or with those that arrive.
    pub(crate) fn with_input(&self, features: Option<usize>) -> String {
        let sizes = features.map_or(self.output.to_string(), |features| format!("{features}=>{}", self.output));
        format!("dense({sizes}{})", if self.bias { "" } else { ", nobias" })
    }
}

impl Stage {
    /// What a message calls the stage: `conv`, `pool2`, `nets::Stem`.
    pub(crate) fn name(&self) -> String {
        if let Layer::Group(_) = self.layer { "(…)".to_owned() } else { compact(&self.word) }
    }

    /// Where rustc reports what only the types can see.
    pub(crate) fn span(&self) -> Span {
        self.word.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span())
    }
}

impl Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Display for Chain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, stage) in self.stages.iter().enumerate() {
            let joint = if index == 0 { "" } else { " >> " };
            let label = stage.label.as_ref().map_or(String::new(), |label| format!("{label}: "));
            write!(formatter, "{joint}{label}{}", stage.layer)?;
        }
        Ok(())
    }
}

impl Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conv(conv) => {
                let sizes = conv.input.as_ref().map_or(String::new(), |input| format!("{input}=>"));
                formatter.write_str(&conv.call(format!("{sizes}{}", conv.filters)))
            }
            Self::MaxPool(pool) => formatter.write_str(&pool.text),
            Self::Dense(dense) => match &dense.input {
                Some(input) => {
                    write!(formatter, "dense({input}=>{}{})", dense.output, if dense.bias { "" } else { ", nobias" })
                }
                None => formatter.write_str(&dense.with_input(None)),
            },
            Self::Relu => formatter.write_str("relu"),
            Self::Flatten => formatter.write_str("flatten"),
            Self::Repeat(repeat) => write!(formatter, "repeat({}, {})", repeat.count, repeat.body),
            Self::Group(chain) => write!(formatter, "({chain})"),
            Self::Path(path) => formatter.write_str(&compact(path)),
            Self::Local(_) => formatter.write_str("{…}"),
            Self::Wrong => formatter.write_str("?"),
        }
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
