//! Reads the arguments after the sizes: `k5`, `pad(1, 2)`, `same`, `nobias`.
//!
//! They are read one by one, so that a mistake in one hides none in the others.

use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};

use crate::ast::{Number, Padding, Pair, Window, compact};
use crate::error::Mistakes;
use crate::number::LIMIT;
use crate::words::Argument;

/// The options of one layer.
pub(crate) struct Options {
    layer: &'static str,
    given: Vec<(Argument, Pair)>,
    /// As the user wrote them, or should have.
    pub(crate) texts: Vec<String>,
    /// Something is missing or says nothing, and could have been any argument.
    pub(crate) doubtful: bool,
}

impl Options {
    /// Reads the `parts` of a `layer` that takes `taken`.
    pub(crate) fn read(
        layer: &'static str,
        taken: &[Argument],
        parts: &[TokenStream],
        mistakes: &mut Mistakes,
    ) -> Self {
        let mut options = Self { layer, given: Vec::new(), texts: Vec::new(), doubtful: false };
        for part in parts {
            let open = taken.iter().copied().find(|argument| argument.numbers() > 0 && !options.has(*argument));
            let known_mistakes = mistakes.len();
            let read = match syn::parse2::<Spelled>(part.clone()) {
                Ok(spelled) if !spelled.is_constant() => spelled.argument(layer, taken, part, mistakes),
                _ => bare(layer, taken, open, part, mistakes),
            };
            let Some(read) = read else {
                options.doubtful = true;
                continue;
            };
            // an argument with a mistake is not reported as given twice, too
            if !options.has(read.argument) || mistakes.len() == known_mistakes {
                options.add(read, mistakes);
            }
        }
        options
    }

    /// Takes out the window: a kernel, and what else was given. Without a stride, windows lie `apart`, or else side by
    /// side. `example` is the layer with a kernel.
    pub(crate) fn window(
        &mut self,
        word: &Ident,
        apart: Option<usize>,
        example: &str,
        mistakes: &mut Mistakes,
    ) -> Window {
        if !self.has(Argument::Kernel) && !self.doubtful {
            mistakes.add(word, format!("{} needs a kernel: {example}", self.layer));
        }
        let kernel = self.take(Argument::Kernel).unwrap_or_else(|| Pair::unknown(word));
        let stride = self.take(Argument::Stride);
        let stride = stride.unwrap_or_else(|| apart.map_or(kernel.clone(), |apart| Pair::literal(apart, word)));
        let pad = self.take(Argument::Pad).unwrap_or_else(|| Pair::literal(0, word));
        Window {
            kernel,
            stride: if self.doubtful { Pair::unknown(word) } else { stride },
            padding: if self.take(Argument::Same).is_some() { Padding::Same } else { Padding::Zeros(pad) },
            dilation: self.take(Argument::Dilation).unwrap_or_else(|| Pair::literal(1, word)),
        }
    }

    pub(crate) fn has(&self, argument: Argument) -> bool {
        self.given.iter().any(|(given, _)| *given == argument)
    }

    pub(crate) fn take(&mut self, argument: Argument) -> Option<Pair> {
        let at = self.given.iter().position(|(given, _)| *given == argument)?;
        Some(self.given.swap_remove(at).1)
    }

    fn add(&mut self, Read { argument, pair, text }: Read, mistakes: &mut Mistakes) {
        let name = argument.name();
        if let Some((_, earlier)) = self.given.iter().find(|(given, _)| given.name() == name) {
            let earlier = compact(&earlier.tokens);
            mistakes.add(&pair.tokens, format!("the {name} is given twice: {earlier} and {text}; leave one out"));
        } else {
            self.given.push((argument, pair));
            self.texts.push(text);
        }
    }
}

/// An argument as it was read.
struct Read {
    argument: Argument,
    pair: Pair,
    /// Its right spelling.
    text: String,
}

/// A number or a constant without a word, as in other libraries: probably for the argument that is still `open`.
fn bare(
    layer: &str,
    taken: &[Argument],
    open: Option<Argument>,
    part: &TokenStream,
    mistakes: &mut Mistakes,
) -> Option<Read> {
    let text = compact(part);
    let is_literal = syn::parse2::<syn::LitInt>(part.clone()).is_ok();
    let Some(open) = open.filter(|_| is_literal || syn::parse2::<Ident>(part.clone()).is_ok()) else {
        mistakes.add(part, format!("{layer} has no argument `{text}`; {}", takes(taken)));
        return None;
    };
    let (word, name) = (open.word(), open.name());
    let spelled = if is_literal { format!("{word}{text}") } else { format!("{word}({text})") };
    mistakes.add(part, format!("{layer} takes no bare `{text}`; write {spelled} for a {name} of {text}"));
    Some(Read { argument: open, pair: numbers(open, part, part, mistakes), text: spelled })
}

/// An argument as it is spelled: `k5` and `k(5)` here, `kernel_size=5` in other libraries.
pub(crate) struct Spelled {
    /// The word without its digits.
    word: String,
    /// The digits, what stands in the parentheses, or what stands after `=`.
    numbers: Option<TokenStream>,
    assigned: bool,
}

impl Parse for Spelled {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let ident = Ident::parse_any(input)?;
        let text = ident.to_string();
        let word = text.trim_end_matches(|character: char| character.is_ascii_digit());
        let digits = text[word.len()..].parse::<usize>().ok().map(|value| {
            let mut literal = Literal::usize_unsuffixed(value);
            literal.set_span(ident.span());
            TokenTree::from(literal).into()
        });
        let assigned = input.parse::<Option<Token![=]>>()?.is_some();
        let numbers = match digits {
            Some(digits) => Some(digits),
            None if input.is_empty() => None,
            None if input.peek(syn::token::Paren) => Some(input.parse::<Group>()?.stream()),
            None if assigned => Some(input.parse()?),
            None => None,
        };
        if input.is_empty() {
            Ok(Self { word: word.to_owned(), numbers, assigned })
        } else {
            Err(input.error("no argument"))
        }
    }
}

impl Spelled {
    /// The argument that is spelled here, if it is spelled well.
    pub(crate) fn known(&self) -> Option<Argument> {
        Argument::spelled(&self.word).filter(|_| !self.assigned)
    }

    /// Whether it is, or is probably meant to be, a kernel.
    pub(crate) fn is_kernel(&self) -> bool {
        Argument::guess(&self.word, &[Argument::Kernel]).is_some()
    }

    /// Whether it looks like a constant: capitals and no number.
    fn is_constant(&self) -> bool {
        self.numbers.is_none() && self.word.starts_with(char::is_uppercase) && self.word == self.word.to_uppercase()
    }

    /// The argument that is spelled here, or that was probably meant.
    fn argument(&self, layer: &str, taken: &[Argument], part: &TokenStream, mistakes: &mut Mistakes) -> Option<Read> {
        let text = compact(part);
        if let Some(argument) = self.known().filter(|argument| taken.contains(argument)) {
            return Some(Read { argument, pair: self.pair(argument, part, mistakes), text });
        }
        let guess = match Argument::guess(&self.word, taken) {
            Some(Argument::Pad) if self.number_text().is_some_and(|text| text.contains("same")) => Some(Argument::Same),
            guess => guess,
        };
        match guess {
            Some(Argument::NoBias) if self.word.contains("bias") && !self.says_no() => {
                mistakes.add(part, format!("{layer} has a bias unless nobias is written; leave out `{text}`"));
                None
            }
            Some(guess) => {
                let (meant, takes) = (self.corrected(guess), takes(taken));
                mistakes.add(part, format!("{layer} has no argument `{text}`; did you mean `{meant}`? {takes}"));
                let no_number = self.numbers.is_none();
                let pair = if no_number { Pair::unknown(part) } else { self.pair(guess, part, mistakes) };
                Some(Read { argument: guess, pair, text: meant })
            }
            None => {
                mistakes.add(part, format!("{layer} has no argument `{text}`; {}", takes(taken)));
                None
            }
        }
    }

    /// The spelling of `argument` with the numbers that stand here.
    fn corrected(&self, argument: Argument) -> String {
        let word = argument.word();
        match self.number_text() {
            _ if argument.numbers() == 0 => word.to_owned(),
            None => argument.example(),
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => format!("{word}{text}"),
            Some(text) => format!("{word}({text})"),
        }
    }

    fn number_text(&self) -> Option<String> {
        self.numbers.as_ref().map(compact)
    }

    /// `bias=False`, `no_bias`
    fn says_no(&self) -> bool {
        self.word.starts_with("no") || self.number_text().is_some_and(|text| text.eq_ignore_ascii_case("false"))
    }

    fn pair(&self, argument: Argument, part: &TokenStream, mistakes: &mut Mistakes) -> Pair {
        match &self.numbers {
            None if argument.numbers() == 0 => Pair::unknown(part),
            None => {
                let (word, example) = (&self.word, argument.example());
                mistakes.add(part, format!("`{word}` needs a number: {example}"));
                Pair::unknown(part)
            }
            Some(_) if argument.numbers() == 0 => {
                if !self.assigned {
                    mistakes.add(part, format!("{} takes no number", argument.word()));
                }
                Pair::unknown(part)
            }
            Some(tokens) => numbers(argument, tokens, part, mistakes),
        }
    }
}

/// One number for both axes, or one for the rows and one for the columns.
fn numbers(argument: Argument, tokens: &TokenStream, part: &TokenStream, mistakes: &mut Mistakes) -> Pair {
    let parts = crate::arguments::split(tokens.clone(), mistakes);
    let name = format!("the {}", argument.name());
    let mut number = |tokens| Number::read(tokens, &name, argument.least()..=LIMIT, mistakes);
    match (parts.as_slice(), argument.numbers()) {
        ([both], _) => Pair::both(number(both), part),
        ([rows, columns], 2) => Pair { rows: number(rows), columns: number(columns), tokens: part.clone() },
        (_, most) => {
            let wanted =
                if most == 2 { "one number, or one for the rows and one for the columns" } else { "one number" };
            mistakes.add(part, format!("{name} takes {wanted}, not {}", parts.len()));
            Pair::unknown(part)
        }
    }
}

fn takes(taken: &[Argument]) -> String {
    format!("it takes: {}", taken.iter().map(|argument| argument.example()).collect::<Vec<_>>().join(", "))
}
