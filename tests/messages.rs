//! What rustc says about the mistakes in `tests/ui`, all of it together, held to the rules for messages.

use std::fs;
use std::path::Path;

/// Messages about signs and words, in which no size plays a part.
const SYNTAX: [&str; 52] = [
    "every network is Clone",
    "is declared twice",
    "expected ",
    "has no argument",
    "has no figure",
    "there is no layer",
    "is missing",
    "are joined by",
    "are separated by",
    "takes no arguments",
    "without names",
    "is given twice",
    "has two limits",
    "has no limit",
    "without a unit",
    "bytes are counted in",
    "a limit is the most",
    "no generic parameters",
    "starts with its name",
    "an attribute stands before",
    "cannot see a local value",
    "by its type",
    "without braces",
    "without brackets",
    "are no list",
    "names parameters",
    "a label stands",
    "a network is no ",
    "a comment is written",
    "no declared output",
    "has one output",
    "stands before its file",
    "is the path of a type",
    "takes numbers for its padding",
    "is said of convolutions and pools",
    "which has no weights",
    // calls of other libraries
    "a model has no",
    "gradients are made anew",
    "a model runs on",
    "a model is trained by",
    "gives the class of a sample",
    "a loss is given to the model",
    "a model is evaluated by",
    "the figures of a network",
    "a data set is divided",
    "is a plain value",
    "fixes the last layer alone",
    "fills the model",
    // what rustc finds by itself; the numbers of mismatched types are in its label
    "cannot find type",
    "mismatched types",
    "no implementation for",
    // what is no layer, no shape, no source of data
    "is not a",
];

/// Messages that compare one number with another.
const COMPARED: [&str; 11] = [
    "budget of",
    "never reads",
    "do not divide",
    "does not fit",
    "does not divide",
    "is more than half",
    "at least",
    "at most",
    "is declared",
    " channels, but",
    " features, but",
];

/// The modules that a user imports from, whose paths may be shown.
const PUBLIC: [&str; 7] = ["prelude", "augment", "data", "layers", "optim", "shape", "train"];

/// What stands for numbers in types.
const ARITHMETIC: [&str; 12] =
    ["typenum", "UInt", "UTerm", "GrEq", "Prod", "Mul", "Mod", "IsEqual", "IsGreater", "Verdict", "ToUInt", "B1"];

/// The contents of the files in `tests/ui` that end in `extension`, by their names.
fn texts(extension: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    paths.map(|path| (path.file_name().unwrap().display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

/// The messages of a text without `error[E0277]: `.
fn messages(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.starts_with("error")).filter_map(|line| line.split_once(": ")).map(|(_, text)| text)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric() && character != '_')
}

/// A message without what it proposes, and without the numbers of stages.
fn said(message: &str) -> String {
    let message = message.split("; write").next().unwrap_or(message);
    let message = message.split("; for example").next().unwrap_or(message);
    let mut parts = message.split("(stage ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |said, part| said + part.split_once(')').map_or("", |(_, rest)| rest))
}

/// Numbers that stand for themselves: `k5` has none, `Image<3, 8, 8>` has three.
fn numbers(message: &str) -> usize {
    words(message).filter(|word| word.starts_with(|first: char| first.is_ascii_digit())).count()
}

/// Paths through two modules to a type.
fn long_paths(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|character: char| !character.is_alphanumeric() && !"_:".contains(character));
    words.map(|word| word.trim_end_matches(':')).filter(|word| {
        let parts: Vec<&str> = word.split("::").collect();
        let is_module = |part: &&str| part.starts_with(char::is_lowercase);
        let modules = parts.iter().take_while(|part| is_module(part)).count();
        modules >= 2 && parts.get(modules).is_some_and(|part| part.starts_with(char::is_uppercase))
    })
}

#[test]
fn nothing_of_the_machinery_shows() {
    for (file, text) in texts("stderr") {
        // what rustc says before the text of a constant that does not hold
        let text = text.replace("error[E0080]: evaluation panicked: ", "");
        for code in ["E0599", "E0271", "panicked"] {
            assert!(!text.contains(code), "{file} says {code}");
        }
        for word in words(&text) {
            let digits = word.strip_prefix('U').unwrap_or_default();
            let numeral = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            assert!(!numeral && !ARITHMETIC.contains(&word), "{file} says {word}");
        }
        for path in long_paths(&text).filter(|path| !path.starts_with("self::")) {
            let public = PUBLIC.iter().any(|module| {
                path.strip_prefix("shapewright::")
                    .and_then(|rest| rest.strip_prefix(module))
                    .and_then(|name| name.strip_prefix("::"))
                    .is_some_and(|name| name.starts_with(char::is_uppercase))
            });
            assert!(public, "{file} says {path}");
        }
    }
}

/// What is said of a file's mistakes is as many errors as it has mistakes, which its first line counts.
#[test]
fn each_mistake_is_one_error() {
    let texts_of_errors = texts("stderr");
    let mut counted = 0;
    for (file, source) in texts("rs") {
        let mistakes = source.lines().next().and_then(|line| line.strip_prefix("// mistakes: "));
        if ["net_", "piece_", "budget_"].iter().any(|family| file.starts_with(family)) {
            assert!(mistakes.is_some(), "{file} does not say how many mistakes it has");
        }
        let Some(mistakes) = mistakes else { continue };
        let name = file.replace(".rs", ".stderr");
        let (_, text) = texts_of_errors.iter().find(|(file, _)| *file == name).expect(&name);
        let errors = text.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors.to_string(), mistakes, "{name}");
        counted += 1;
    }
    assert!(counted >= 45, "only {counted} files of mistakes in the language");
}

#[test]
fn every_file_has_its_text() {
    let (sources, texts) = (texts("rs"), texts("stderr"));
    assert!(texts.len() >= 45 && sources.len() == texts.len(), "{} files, {} texts", sources.len(), texts.len());
}

#[test]
fn messages_have_the_numbers_concerned() {
    for (file, text) in texts("stderr") {
        for message in messages(&text) {
            if SYNTAX.iter().any(|part| message.contains(part)) {
                continue;
            }
            let least = if COMPARED.iter().any(|part| message.contains(part)) { 2 } else { 1 };
            assert!(numbers(&said(message)) >= least, "{file}: {message}");
        }
    }
}

#[test]
fn proposals_and_stages_do_not_count_as_numbers() {
    assert_eq!(numbers(&said("conv takes 4 channels, but `relu` (stage 1.0) gives 3; write conv(3=>8, k3)")), 2);
    assert_eq!(long_paths("a::B a::b::C<shapewright::layers::x::Y> a::b shapewright::Image").count(), 2);
}

#[test]
fn messages_are_no_sentences() {
    for (file, text) in texts("stderr") {
        for message in messages(&text) {
            assert!(!message.ends_with('.'), "{file}: {message}");
            let name = ["Image takes", "Vector takes"].iter().any(|name| message.starts_with(name)); // a type's own name
            assert!(name || !message.starts_with(char::is_uppercase), "{file}: {message}");
        }
    }
}
