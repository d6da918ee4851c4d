//! Reads the arguments after the sizes: `k5`, `pad(1, 2)`, `same`, `nobias`.
//!
//! They are read one by one, so that a mistake in one hides none in the others.

use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;

use crate::ast::{Number, Padding, Pair, Sides, Window, compact};
use crate::catalogue;
use crate::error::Mistakes;
use crate::number::LIMIT;
use crate::words::Argument;

/// The options of one layer.
pub(crate) struct Options {
    layer: &'static str,
    given: Vec<(Argument, Given)>,
    /// As the user wrote them, or should have.
    pub(crate) texts: Vec<String>,
    /// Something cannot be read, and could have been any argument.
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
                _ if crossed(part).is_some() => by(layer, taken, open, part, mistakes),
                Ok(spelled) if !spelled.is_constant() => spelled.argument(layer, taken, part, mistakes),
                _ => bare(layer, taken, open, part, mistakes),
            };
            match read {
                // an argument with a mistake is not reported as given twice, too
                Reading::Argument(read) if options.has(read.argument) && mistakes.len() > known_mistakes => {}
                Reading::Argument(read) => options.add(read, mistakes),
                Reading::Nothing => {}
                Reading::Doubtful => options.doubtful = true,
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
        let stride = stride.unwrap_or_else(|| match apart {
            _ if self.doubtful => Pair::unknown(word),
            Some(apart) => Pair::literal(apart, word),
            None => kernel.clone(),
        });
        Window {
            kernel,
            stride,
            padding: self.padding(word),
            dilation: self.take(Argument::Dilation).unwrap_or_else(|| Pair::literal(1, word)),
            ceil: self.has(Argument::Ceil),
            exact: self.has(Argument::Exact),
        }
    }

    fn padding(&mut self, word: &Ident) -> Padding {
        if self.has(Argument::Same) {
            return Padding::Same;
        }
        match self.remove(Argument::Pad) {
            Some(Given { numbers, tokens }) if numbers.len() == 4 => {
                let mut numbers = numbers.into_iter();
                let [top, left, bottom, right] = [(); 4].map(|()| numbers.next().unwrap_or_else(Number::unknown));
                Padding::Sides(Box::new(Sides { top, left, bottom, right, tokens }))
            }
            None if self.doubtful => Padding::Zeros(Pair::unknown(word)),
            given => Padding::Zeros(given.map_or_else(|| Pair::literal(0, word), Given::pair)),
        }
    }

    pub(crate) fn has(&self, argument: Argument) -> bool {
        self.given.iter().any(|(given, _)| *given == argument)
    }

    pub(crate) fn take(&mut self, argument: Argument) -> Option<Pair> {
        self.remove(argument).map(Given::pair)
    }

    fn remove(&mut self, argument: Argument) -> Option<Given> {
        let at = self.given.iter().position(|(given, _)| *given == argument)?;
        Some(self.given.swap_remove(at).1)
    }

    fn add(&mut self, Read { argument, given, text }: Read, mistakes: &mut Mistakes) {
        let name = argument.name();
        if let Some((_, earlier)) = self.given.iter().find(|(given, _)| given.name() == name) {
            let earlier = compact(&earlier.tokens);
            mistakes.add(&given.tokens, format!("the {name} is given twice: {earlier} and {text}; leave one out"));
        } else {
            self.given.push((argument, given));
            self.texts.push(text);
        }
    }
}

/// The numbers of an argument: as many as it takes, or one that could not be read.
struct Given {
    numbers: Vec<Number>,
    tokens: TokenStream,
}

impl Given {
    fn unknown(tokens: &TokenStream) -> Self {
        Self { numbers: vec![Number::unknown()], tokens: tokens.clone() }
    }

    /// One number for both axes, or one for each.
    fn pair(self) -> Pair {
        match self.numbers.as_slice() {
            [both] => Pair::both(both.clone(), self.tokens),
            [rows, columns] => Pair { rows: rows.clone(), columns: columns.clone(), tokens: self.tokens },
            _ => Pair::unknown(self.tokens),
        }
    }
}

/// An argument as it was read.
struct Read {
    argument: Argument,
    given: Given,
    /// Its right spelling.
    text: String,
}

/// What an argument was read as.
enum Reading {
    Argument(Read),
    /// Nothing that says anything of the window.
    Nothing,
    /// It could have been any argument.
    Doubtful,
}

/// A number or a constant without a word, as in other libraries: probably for the argument that is still `open`.
fn bare(
    layer: &str,
    taken: &[Argument],
    open: Option<Argument>,
    part: &TokenStream,
    mistakes: &mut Mistakes,
) -> Reading {
    let text = compact(part);
    let is_literal = syn::parse2::<syn::LitInt>(part.clone()).is_ok();
    let Some(open) = open.filter(|_| is_literal || syn::parse2::<Ident>(part.clone()).is_ok()) else {
        mistakes.add(part, format!("{layer} has no argument `{text}`; {}", takes(taken)));
        return Reading::Doubtful;
    };
    let (word, name) = (open.word(), open.name());
    let spelled = if is_literal { format!("{word}{text}") } else { format!("{word}({text})") };
    mistakes.add(part, format!("{layer} takes no bare `{text}`; write {spelled} for a {name} of {text}"));
    Reading::Argument(Read { argument: open, given: numbers(open, part, part, mistakes), text: spelled })
}

/// The word, the rows and the columns of `k3x5`, and of `3x5` and `(3, 5)` without a word.
fn crossed(part: &TokenStream) -> Option<(String, [usize; 2])> {
    let text = compact(part);
    let (word, sizes) = text.split_at(text.find(|character: char| character.is_ascii_digit())?);
    let (word, (rows, columns)) = match word {
        "(" => ("", sizes.strip_suffix(')')?.split_once(", ")?),
        _ => (word, sizes.split_once('x')?),
    };
    Some((word.to_owned(), [rows.parse().ok()?, columns.parse().ok()?]))
}

/// An argument with its numbers joined by an `x`, or in parentheses alone.
fn by(layer: &str, taken: &[Argument], open: Option<Argument>, part: &TokenStream, mistakes: &mut Mistakes) -> Reading {
    let Some((word, [rows, columns])) = crossed(part) else { return Reading::Doubtful };
    let argument = if word.is_empty() { open } else { Argument::guess(&word, taken) };
    let Some(argument) = argument.filter(|argument| argument.numbers() > 1) else {
        mistakes.add(part, format!("{layer} has no argument `{}`; {}", compact(part), takes(taken)));
        return Reading::Doubtful;
    };
    let word = argument.word();
    let text = if rows == columns { format!("{word}{rows}") } else { format!("{word}({rows}, {columns})") };
    mistakes.add(part, format!("{layer} has no argument `{}`; write {text}", compact(part)));
    let both = [rows, columns].map(Literal::usize_unsuffixed);
    let given = numbers(argument, &quote!(#(#both),*), part, mistakes);
    Reading::Argument(Read { argument, given, text })
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

    /// The word without its digits.
    pub(crate) fn word(&self) -> &str {
        &self.word
    }

    /// The numbers that stand with it.
    pub(crate) fn numbers(&self) -> Option<&TokenStream> {
        self.numbers.as_ref()
    }

    /// Whether it is `name(…)`, or `name` without its numbers.
    pub(crate) fn is_call_of(&self, name: &str) -> bool {
        self.word == name && !self.assigned
    }

    /// What stands after `=`.
    pub(crate) fn assigned(self) -> Option<TokenStream> {
        self.numbers.filter(|_| self.assigned)
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
    fn argument(&self, layer: &str, taken: &[Argument], part: &TokenStream, mistakes: &mut Mistakes) -> Reading {
        let text = compact(part);
        if let Some(argument) = self.known().filter(|argument| taken.contains(argument)) {
            return Reading::Argument(Read { argument, given: self.given(argument, part, mistakes), text });
        }
        if let Some((argument, constant)) = self.with_constant(taken, part) {
            let meant = format!("{}({constant})", argument.word());
            mistakes.add(part, format!("{layer} has no argument `{text}`; write {meant}"));
            let given = numbers(argument, &constant.to_token_stream(), part, mistakes);
            return Reading::Argument(Read { argument, given, text: meant });
        }
        let guess = match Argument::guess(&self.word, taken) {
            Some(Argument::Pad) if self.number_text().is_some_and(|text| text.contains("same")) => Some(Argument::Same),
            guess => guess,
        };
        match guess {
            Some(flag) if self.says_default(flag) => {
                let what = match flag {
                    Argument::Ceil => "rounds down unless ceil is written",
                    Argument::SkipPadding => "counts the padding unless skip_padding is written",
                    _ => "has a bias unless nobias is written",
                };
                mistakes.add(part, format!("{layer} {what}; leave out `{text}`"));
                Reading::Nothing
            }
            Some(guess) => {
                let (meant, takes) = (self.corrected(guess), takes(taken));
                mistakes.add(part, format!("{layer} has no argument `{text}`; did you mean `{meant}`? {takes}"));
                let says_nothing = self.numbers.is_none() || guess.numbers() == 0;
                let given = if says_nothing { Given::unknown(part) } else { self.given(guess, part, mistakes) };
                Reading::Argument(Read { argument: guess, given, text: meant })
            }
            None => {
                let behind = self.behind(&text);
                let is_flag = self.known().is_some_and(|known| known.numbers() == 0 && known != Argument::Same);
                let reading = if is_flag || behind.is_some() { Reading::Nothing } else { Reading::Doubtful };
                let way = behind
                    .map_or_else(|| takes(taken), |word| format!("it is a layer of its own: {layer}(…) >> {word}"));
                mistakes.add(part, format!("{layer} has no argument `{text}`; {way}"));
                reading
            }
        }
    }

    /// An argument with a constant as if this were its digits: `kK`.
    fn with_constant(&self, taken: &[Argument], part: &TokenStream) -> Option<(Argument, Ident)> {
        let (word, constant) = self.word.split_at(self.word.find(char::is_uppercase)?);
        let argument = Argument::spelled(word).filter(|argument| argument.numbers() > 0 && taken.contains(argument))?;
        let is_constant = self.numbers.is_none() && constant == constant.to_uppercase();
        is_constant.then(|| (argument, Ident::new(constant, part.span())))
    }

    /// The layer that is asked for as an argument, as in other libraries: `relu`, `activation="relu"`.
    fn behind(&self, text: &str) -> Option<String> {
        let asked = if self.word.starts_with("act") && self.assigned { self.number_text()? } else { text.to_owned() };
        let word = asked.trim_matches('"');
        catalogue::kind(word).filter(|kind| kind.stands_alone()).map(|_| word.to_owned())
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

    /// Whether it asks, as one does in other libraries, for what is done without the word `flag`: `bias=True`.
    fn says_default(&self, flag: Argument) -> bool {
        let says = |value| self.number_text().is_some_and(|text| text.eq_ignore_ascii_case(value));
        match flag {
            Argument::NoBias => self.word.contains("bias") && !self.word.starts_with("no") && !says("false"),
            Argument::Ceil => says("false"),
            Argument::SkipPadding => says("true"),
            _ => false,
        }
    }

    fn given(&self, argument: Argument, part: &TokenStream, mistakes: &mut Mistakes) -> Given {
        match &self.numbers {
            None if argument.numbers() == 0 => Given::unknown(part),
            None => {
                let (word, example) = (&self.word, argument.example());
                mistakes.add(part, format!("`{word}` needs a number: {example}"));
                Given::unknown(part)
            }
            Some(_) if argument.numbers() == 0 => {
                if !self.assigned {
                    mistakes.add(part, format!("{} takes no number", argument.word()));
                }
                Given::unknown(part)
            }
            Some(tokens) => numbers(argument, tokens, part, mistakes),
        }
    }
}

/// One number for all, one for the rows and one for the columns, or one for each side.
fn numbers(argument: Argument, tokens: &TokenStream, part: &TokenStream, mistakes: &mut Mistakes) -> Given {
    let parts = crate::arguments::split(tokens.clone(), mistakes);
    let name = format!("the {}", argument.name());
    let most = argument.numbers();
    if !matches!(parts.len(), 1 | 2 | 4) || parts.len() > most {
        let wanted = match most {
            4 => "one number, one for the rows and one for the columns, or four (top, left, bottom, right)",
            2 => "one number, or one for the rows and one for the columns",
            _ => "one number",
        };
        mistakes.add(part, format!("{name} takes {wanted}, not {}", parts.len()));
        return Given::unknown(part);
    }
    let mut number = |tokens| Number::read(tokens, &name, argument.least()..=LIMIT, mistakes);
    Given { numbers: parts.iter().map(&mut number).collect(), tokens: part.clone() }
}

/// What a layer takes, for a message.
fn takes(taken: &[Argument]) -> String {
    format!("it takes: {}", taken.iter().map(|argument| argument.example()).collect::<Vec<_>>().join(", "))
}
