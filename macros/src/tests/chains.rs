//! The macro's inference against what PyTorch makes of the same chains.

use super::rows;
use crate::catalogue::WORDS;
use crate::shape::Shape;

/// For each chain its shapes, and below them a line for each stage: sizes, parameters, word.
static CHAINS: &str = include_str!("../../../tests/fixtures/chains.rs");

/// The numbers of a shape as PyTorch gives them: features are one.
fn sizes(shape: &Shape) -> String {
    if shape.is_features() {
        return shape.len().unwrap().to_string();
    }
    let text = shape.to_string();
    let (_, numbers) = text.trim_end_matches('>').split_once('<').unwrap();
    numbers.replace(',', "")
}

#[test]
fn shapes_and_parameters_of_300_chains_are_pytorchs() {
    let chains: Vec<&str> = CHAINS.split("chain! { ").skip(1).collect();
    assert_eq!(chains.len(), 300);
    for chain in chains {
        let (input, stages) = chain.split_once(" => ").unwrap();
        let stages: Vec<&str> =
            stages.lines().filter_map(|line| line.strip_prefix("    (")?.strip_suffix(')')).collect();
        let words: Vec<&str> = stages.iter().map(|stage| stage.rsplit_once("; ").unwrap().1).collect();
        let rows = rows(&format!("{input} => {}", words.join(" >> ")));
        let inferred = rows.iter().zip(words);
        let inferred: Vec<String> = inferred
            .map(|(row, word)| format!("{}; {} parameters; {word}", sizes(&row.output), row.params.unwrap()))
            .collect();
        assert_eq!(inferred, stages, "{input}");
    }
}

#[test]
fn every_word_is_in_some_chain() {
    let spelled = |character: char| character.is_alphanumeric() || character == '_';
    let found: Vec<&str> = CHAINS.split(|character| !spelled(character)).collect();
    let missing: Vec<&str> = WORDS.iter().map(|(word, _)| *word).filter(|word| !found.contains(word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
