//! What rustc says about the mistakes in `tests/ui`, all of it together, held to the rules for messages.

use std::fs;
use std::path::Path;

/// Words by which a message is about sizes.
const ABOUT_SIZES: [&str; 15] = [
    "budget of",
    "never reads",
    "channels",
    "features",
    "window",
    "padding of",
    "groups do",
    "at least",
    "at most",
    "fit",
    "gives",
    "arrives",
    "becomes",
    "comes out",
    "declared",
];

/// The texts by their files' names.
fn texts() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "stderr"));
    paths.map(|path| (path.file_name().unwrap().display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

/// The messages of a text without `error[E0277]: `.
fn messages(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.starts_with("error")).filter_map(|line| line.split_once(": ")).map(|(_, text)| text)
}

/// Numbers that stand for themselves: `k5` has none, `Image<3, 8, 8>` has three.
fn numbers(message: &str) -> usize {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let words = message.split(|character| !is_part(character));
    words.filter(|word| word.starts_with(|first: char| first.is_ascii_digit())).count()
}

#[test]
fn nothing_of_the_machinery_shows() {
    for (file, text) in texts() {
        // what rustc says before the text of a constant that does not hold
        let text = text.replace("error[E0080]: evaluation panicked: ", "");
        for word in ["typenum", "UInt<", "UTerm", "B1", "E0599", "E0271", "ToUInt", "panicked"] {
            assert!(!text.contains(word), "{file} says {word}");
        }
    }
}

#[test]
fn messages_about_sizes_have_the_numbers() {
    let mut seen = 0;
    for (file, text) in texts() {
        for message in messages(&text) {
            if ABOUT_SIZES.iter().any(|word| message.contains(word)) {
                assert!(numbers(message) >= 2, "{file}: {message}");
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "only {seen} messages are about sizes");
}

#[test]
fn messages_are_no_sentences() {
    for (file, text) in texts() {
        for message in messages(&text) {
            assert!(!message.ends_with('.'), "{file}: {message}");
            let name = message.starts_with("Image takes"); // a type's own name
            assert!(name || !message.starts_with(char::is_uppercase), "{file}: {message}");
        }
    }
}
