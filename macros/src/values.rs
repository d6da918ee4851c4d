//! Reads the layers that are values or that only resize.

use std::ops::RangeInclusive;

use proc_macro2::{Ident, TokenStream};

use crate::arguments::split;
use crate::ast::{First, Layer, Number, Pair, Real, Resize, Resized, Sides, Value, compact};
use crate::catalogue::{RealWord, ResizeKind, Takes, ValueWord};
use crate::error::Mistakes;
use crate::number::LIMIT;
use crate::options::{Options, Spelled};
use crate::words::{self, Argument, nearest};

/// `relu`, `dropout(0.5)`, `groupnorm(8, eps(1e-6))`
pub(crate) fn value(kind: &'static ValueWord, word: &Ident, arguments: TokenStream, mistakes: &mut Mistakes) -> Layer {
    if let Some((argument, other)) = kind.variant
        && compact(&arguments) == argument
    {
        let text = format!("{word}({argument})");
        return Layer::Value(Value { word: other, first: First::Nothing, options: Vec::new(), text });
    }
    if kind.is_unit {
        if let (Some((argument, _)), false) = (kind.variant, arguments.is_empty()) {
            let text = compact(&arguments);
            let message = format!("{word} has no argument `{text}`; write {word} alone or {word}({argument})");
            mistakes.add(&arguments, message);
        } else {
            no_arguments(word, &arguments, mistakes);
        }
        return Layer::Value(Value { word: kind, first: First::Nothing, options: Vec::new(), text: word.to_string() });
    }
    let mut parts = split(arguments, mistakes);
    let (first, first_text) = first(kind, word, &mut parts, mistakes);
    let mut texts: Vec<String> = first_text.into_iter().collect();
    let mut options = Vec::new();
    for part in &parts {
        let Some((option, number)) = option(kind, word, part, mistakes) else { continue };
        let text = format!("{}({})", option.name, number.text);
        if options.iter().any(|(name, _)| *name == option.name) {
            mistakes.add(part, format!("{} is given twice; leave one out", option.name));
            continue;
        }
        texts.push(text);
        options.push((option.name, number));
    }
    let text = if texts.is_empty() { word.to_string() } else { format!("{word}({})", texts.join(", ")) };
    Layer::Value(Value { word: kind, first, options, text })
}

/// Checks that nothing is said to a word that takes nothing.
fn no_arguments(word: &Ident, arguments: &TokenStream, mistakes: &mut Mistakes) {
    if !arguments.is_empty() {
        mistakes.add(arguments, format!("{word} takes no arguments; write {word} alone"));
    }
}

/// Takes what stands first from the `parts`, with its text if it was given.
fn first(
    kind: &ValueWord,
    word: &Ident,
    parts: &mut Vec<TokenStream>,
    mistakes: &mut Mistakes,
) -> (First, Option<String>) {
    let (name, example, default) = match &kind.takes {
        Takes::Nothing => return (First::Nothing, None),
        Takes::Real(real, default) => (real.name, real.example, *default),
        Takes::Groups { name, example } | Takes::Span { name, example } => (*name, *example, None),
    };
    let is_option = |part: &TokenStream| {
        let spelled = syn::parse2::<Spelled>(part.clone());
        spelled.is_ok_and(|spelled| kind.options.iter().any(|option| spelled.is_call_of(option.name)))
    };
    let given = parts.first().is_some_and(|part| !is_option(part)).then(|| parts.remove(0));
    let Some(part) = given else {
        if let (Takes::Real(..), Some(default)) = (&kind.takes, default) {
            return (First::Real(Real::literal(default)), None);
        }
        mistakes.add(word, format!("{word} needs its {name}: {word}({example})"));
        return (First::Whole(Number::unknown()), None);
    };
    // `p=0.5` as in other libraries
    let assigned = syn::parse2::<Spelled>(part.clone()).ok().and_then(Spelled::assigned);
    if let Some(number) = &assigned {
        let (text, number) = (compact(&part), compact(number));
        mistakes.add(&part, format!("{word} takes its {name} without a name, not `{text}`; write {word}({number})"));
    }
    let tokens = assigned.unwrap_or(part);
    if let Takes::Real(real, _) = &kind.takes {
        let number = Real::read(&tokens, real, mistakes);
        let text = number.text.clone();
        return (First::Real(number), Some(text));
    }
    let number = Number::read(&tokens, &format!("the {name}"), 1..=LIMIT, mistakes);
    let text = number.text.clone();
    (First::Whole(number), Some(text))
}

/// Reads `eps(1e-3)`.
fn option(
    kind: &'static ValueWord,
    word: &Ident,
    part: &TokenStream,
    mistakes: &mut Mistakes,
) -> Option<(&'static RealWord, Real)> {
    let text = compact(part);
    let spelled = syn::parse2::<Spelled>(part.clone()).ok();
    let named = |name: &str| kind.options.iter().find(|option| option.name == name);
    if let Some(spelled) = &spelled {
        if let Some(option) = kind.options.iter().find(|option| spelled.is_call_of(option.name)) {
            let Some(tokens) = spelled.numbers() else {
                mistakes.add(part, format!("`{text}` needs a number: {}({})", option.name, option.example));
                return Some((option, Real::unknown()));
            };
            return Some((option, Real::read(tokens, option, mistakes)));
        }
        let guess = match spelled.word().to_lowercase().as_str() {
            "epsilon" => named("eps"),
            lower => {
                named(lower).or_else(|| nearest(lower, kind.options.iter().map(|option| option.name)).and_then(named))
            }
        };
        if let Some(option) = guess {
            let number = spelled.numbers().map_or_else(|| option.example.to_owned(), compact);
            let meant = format!("{}({number})", option.name);
            let takes = takes(kind);
            mistakes.add(part, format!("{word} has no argument `{text}`; did you mean `{meant}`?{takes}"));
            return Some((option, Real::unknown()));
        }
    }
    let why = if matches!(kind.takes, Takes::Nothing) && spelled.is_none() { ": it goes by what arrives" } else { "" };
    let way = if kind.options.is_empty() { "; leave it out".to_owned() } else { format!(";{}", takes(kind)) };
    mistakes.add(part, format!("{word} has no argument `{text}`{why}{way}"));
    None
}

/// The options of a value, for a message.
fn takes(kind: &ValueWord) -> String {
    let options: Vec<String> =
        kind.options.iter().map(|option| format!("{}({})", option.name, option.example)).collect();
    if options.is_empty() { String::new() } else { format!(" it takes: {}", options.join(", ")) }
}

/// `zero_pad(1)`, `upsample(2)`, `adaptive_avgpool(7)`, `subsample(s2)`
pub(crate) fn resize(kind: ResizeKind, word: &Ident, arguments: TokenStream, mistakes: &mut Mistakes) -> Layer {
    if arguments.is_empty() {
        let needs = match kind {
            ResizeKind::ZeroPad => {
                "its rows and columns: zero_pad(1), or for top, left, bottom and right zero_pad(0, 0, 1, 1)"
            }
            ResizeKind::Upsample => "a factor: upsample(2)",
            ResizeKind::AdaptiveAvgPool => "the size that it gives: adaptive_avgpool(7)",
            ResizeKind::Subsample => "a stride: subsample(s2)",
        };
        mistakes.add(word, format!("{word} needs {needs}"));
        return Layer::Wrong;
    }
    let tokens = arguments.clone();
    let parts = split(arguments, mistakes);
    let text = format!("{word}({})", parts.iter().map(compact).collect::<Vec<_>>().join(", "));
    let to = match kind {
        ResizeKind::Subsample => Some(subsampled(word, parts, mistakes)),
        ResizeKind::ZeroPad => {
            let wanted = "one number, or four (top, left, bottom, right)";
            counted(word, &parts, (&[1, 4], wanted), ("the padding", 0..=LIMIT), mistakes).map(|numbers| {
                let side = |at: usize| numbers[at.min(numbers.len() - 1)].clone();
                let (top, left, bottom, right) = (side(0), side(1), side(2), side(3));
                Resized::Padded(Box::new(Sides { top, left, bottom, right, tokens: tokens.clone() }))
            })
        }
        ResizeKind::Upsample if parts.get(1).is_some_and(is_word) => {
            let factor = compact(&parts[0]);
            mistakes
                .add(&parts[1], format!("upsample repeats each value and has no other mode; write upsample({factor})"));
            None
        }
        ResizeKind::Upsample => counted(word, &parts, (&[1], "one factor"), ("the factor", 1..=LIMIT), mistakes)
            .map(|numbers| Resized::Repeated(numbers[0].clone())),
        ResizeKind::AdaptiveAvgPool => {
            let wanted = "one number, or one for the rows and one for the columns";
            counted(word, &parts, (&[1, 2], wanted), ("the size", 1..=LIMIT), mistakes).map(|numbers| {
                let (rows, columns) = (numbers[0].clone(), numbers[numbers.len() - 1].clone());
                Resized::Averaged(Pair { rows, columns, tokens: tokens.clone() })
            })
        }
    };
    to.map_or(Layer::Wrong, |to| Layer::Resize(Resize { to, tokens, text }))
}

fn is_word(part: &TokenStream) -> bool {
    syn::parse2::<Ident>(part.clone()).is_ok()
}

/// Reads as many numbers as one of the counts that are `allowed`.
fn counted(
    word: &Ident,
    parts: &[TokenStream],
    (allowed, wanted): (&[usize], &str),
    (name, range): (&str, RangeInclusive<usize>),
    mistakes: &mut Mistakes,
) -> Option<Vec<Number>> {
    if !allowed.contains(&parts.len()) {
        mistakes
            .add(parts.iter().cloned().collect::<TokenStream>(), format!("{word} takes {wanted}, not {}", parts.len()));
        return None;
    }
    Some(parts.iter().map(|part| Number::read(part, name, range.clone(), mistakes)).collect())
}

fn subsampled(word: &Ident, mut parts: Vec<TokenStream>, mistakes: &mut Mistakes) -> Resized {
    let is_option = |part: &TokenStream| syn::parse2::<Spelled>(part.clone()).is_ok_and(|part| part.known().is_some());
    let stated = parts.len() > 1 && parts.first().is_some_and(|part| !is_option(part));
    let channels = stated.then(|| Number::read(&parts.remove(0), "the number of channels", 1..=LIMIT, mistakes));
    let mut options = Options::read("subsample", words::SUBSAMPLE, &parts, mistakes);
    let stride = options.take(Argument::Stride).unwrap_or_else(|| Pair::unknown(word));
    Resized::Subsampled { channels, stride }
}
