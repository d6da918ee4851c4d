//! The macro's inference against what PyTorch makes of the same chains.

use super::rows;
use crate::catalogue::WORDS;
use crate::shape::Shape;

/// For each chain its input shape, and below it a line for each stage: sizes, parameters, word.
static CHAINS: &str = include_str!("../../../tests/fixtures/chains.txt");

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
    let mut chains: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in CHAINS.lines() {
        match line.strip_prefix("    ") {
            Some(stage) => chains.last_mut().unwrap().1.push(stage),
            None => chains.push((line, Vec::new())),
        }
    }
    assert_eq!(chains.len(), 300);
    for (input, stages) in chains {
        let words: Vec<&str> = stages.iter().map(|stage| stage.split_once(": ").unwrap().1).collect();
        let rows = rows(&format!("{input} => {}", words.join(" >> ")));
        let inferred = rows.iter().zip(words);
        let inferred: Vec<String> = inferred
            .map(|(row, word)| format!("{}, {} parameters: {word}", sizes(&row.output), row.params.unwrap()))
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
