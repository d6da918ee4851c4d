//! Words that name no layer of ours, and what was probably meant by them.

use proc_macro2::Ident;

use crate::catalogue::{self, Kind};
use crate::chain::Place;
use crate::error::Mistakes;
use crate::words::{guess_layer, no_layer};

/// How `word` is read; if it is none of ours, that is noted, and it is read as the one that was probably meant.
pub(crate) fn meant(
    word: &Ident,
    has_arguments: bool,
    place: Place,
    mistakes: &mut Mistakes,
) -> Option<(&'static Kind, Ident)> {
    let name = word.to_string();
    if let Some(kind) = catalogue::kind(&name) {
        return Some((kind, word.clone()));
    }
    if let Some(reason) = no_layer(&name) {
        mistakes.add(word, format!("there is no layer `{name}`: {reason}"));
        return None;
    }
    let guess = guess_layer(&name);
    let digits = &name[name.trim_end_matches(|character: char| character.is_ascii_digit()).len()..];
    let hint = match guess {
        Some(pool @ ("maxpool" | "avgpool")) if !has_arguments && !matches!(digits, "" | "2") => {
            format!("write {pool}(k{digits})")
        }
        Some("maxpool") => "did you mean `maxpool` or `pool2`?".to_owned(),
        Some(guess) => format!("did you mean `{guess}`?"),
        None if place.sees_locals && !has_arguments => format!("a local value stands in braces: {{{name}}}"),
        None => {
            let known = format!("known: {}; ", catalogue::known());
            let list = if mistakes.have_said(&known) { "" } else { &known };
            let given = if place.sees_locals {
                format!("; what a function gives stands in braces, {{{name}(…)}}")
            } else {
                String::new()
            };
            format!("{list}one of your own is a type, whose name starts with a capital{given}")
        }
    };
    mistakes.add(word, format!("there is no layer `{name}`; {hint}"));
    // a layer that needs arguments would be reported a second time
    let kind = guess.and_then(catalogue::kind).filter(|kind| has_arguments || kind.stands_alone());
    kind.zip(guess).map(|(kind, guess)| (kind, Ident::new(guess, word.span())))
}
