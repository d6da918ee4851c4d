//! The table of docs/catalogue.md says what is there: each word of the language once, types and tests that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One word's row: its cells without the signs around them.
struct Row {
    word: String,
    types: String,
    pytorch: String,
    shape: String,
    tests: String,
}

fn rows() -> Vec<Row> {
    let is_word = |line: &&str| line.starts_with("| `");
    let row = |line: &str| {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let [word, types, pytorch, shape, tests] = <[String; 5]>::try_from(cells).expect(line);
        Row { word: word.replace('`', ""), types, pytorch, shape, tests }
    };
    read("docs/catalogue.md").lines().filter(is_word).map(row).collect()
}

/// The links in a text: what is shown, and where it leads from docs/.
fn links(text: &str) -> Vec<(String, PathBuf)> {
    let link = |part: &str| {
        let (shown, rest) = part.split_once("](")?;
        let (target, _) = rest.split_once(')')?;
        Some((shown.replace('`', ""), Path::new("docs").join(target)))
    };
    text.split('[').filter_map(link).collect()
}

#[test]
fn the_words_are_those_of_the_macro() {
    let known = read("macros/src/catalogue.rs");
    let (_, list) = known.split_once("WORDS: &[(&str, Kind)] = &[").expect("the list of words");
    let (list, _) = list.split_once("];").expect("the end of the list");
    let known: BTreeSet<&str> = list.split("    (\"").skip(1).map(|entry| entry.split('"').next().unwrap()).collect();
    let rows = rows();
    let listed: BTreeSet<&str> = rows.iter().map(|row| row.word.as_str()).collect();
    assert_eq!(known, listed);
    assert_eq!(rows.len(), listed.len(), "a word is listed twice");
    assert_eq!(rows.len(), 45);
}

/// The documentation of `net!` has each word and each option in code that is compiled, and each word in a table.
#[test]
fn the_documentation_of_the_macro_has_every_word() {
    let text = read("src/net.rs");
    let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("///")).map(str::trim).collect();
    let fences = lines.split(|line| line.starts_with("```"));
    let (mut code, mut tables) = (BTreeSet::new(), BTreeSet::new());
    for (index, part) in fences.enumerate() {
        let words = if index % 2 == 1 { &mut code } else { &mut tables };
        for line in part.iter().filter(|line| index % 2 == 1 || line.starts_with('|')) {
            let line = line.split("//").next().unwrap();
            words.extend(line.split(|letter: char| !letter.is_alphanumeric() && letter != '_'));
        }
    }
    for Row { word, .. } in rows() {
        assert!(code.contains(word.as_str()), "no example has `{word}`");
        assert!(tables.contains(word.as_str()), "no table has `{word}`");
    }
    let spellings = read("macros/src/words.rs");
    let (_, spellings) = spellings.split_once("const SPELLINGS").expect("the list of options");
    let (spellings, _) = spellings.split_once("];").expect("its end");
    let spellings: Vec<&str> =
        spellings.split("    (\"").skip(1).map(|entry| entry.split('"').next().unwrap()).collect();
    assert!(spellings.len() > 10, "{spellings:?}");
    for option in spellings {
        let is_spelled = |word: &&str| word.trim_end_matches(|letter: char| letter.is_ascii_digit()) == option;
        assert!(code.iter().any(is_spelled), "no example has `{option}`");
    }
}

#[test]
fn nothing_is_left_open() {
    let text = read("docs/catalogue.md").to_lowercase();
    assert!(!["not yet", "todo", "tbd", "planned"].iter().any(|excuse| text.contains(excuse)));
    for Row { word, pytorch, shape, .. } in rows() {
        assert!(!pytorch.is_empty() && !shape.is_empty(), "{word}");
    }
    assert!(read("README.md").contains("(docs/catalogue.md)"));
}

#[test]
fn the_types_are_where_the_links_lead() {
    for (_, target) in links(&read("docs/catalogue.md")) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&target).exists(), "{}", target.display());
    }
    for row in rows() {
        let types = links(&row.types);
        assert!(!types.is_empty(), "{}", row.word);
        for (ty, target) in types {
            let declared = read(&target)
                .split(&format!("pub struct {ty}"))
                .skip(1)
                .any(|rest| !rest.starts_with(char::is_alphanumeric));
            assert!(declared, "{} declares no {ty}", target.display());
        }
    }
}

/// A test is a function, or a line of a macro that makes one: `name: …`, `"name": …` or `name {`.
fn has_test(file: &str, name: &str) -> bool {
    let made = [format!("fn {name}("), format!("{name}: "), format!("\"{name}\": "), format!("{name} {{")];
    file.lines().any(|line| made.iter().any(|start| line.trim_start().starts_with(start.as_str())))
}

#[test]
fn the_tests_exist() {
    for Row { word, tests, .. } in rows() {
        assert!(!tests.is_empty(), "{word} has no test");
        for part in tests.split("; ") {
            let [(_, file)] = &links(part)[..] else { panic!("{word}: {part}") };
            let text = read(file);
            let (_, names) = part.split_once(") ").expect("tests behind the link");
            for name in names.split(", ").map(|name| name.replace('`', "")) {
                assert!(has_test(&text, &name), "{word}: {} has no test `{name}`", file.display());
            }
        }
    }
}

#[test]
fn what_is_no_test_is_not_taken_for_one() {
    assert!(has_test("    fn one() {", "one") && has_test("    relu: in_place(Relu);", "relu"));
    assert!(!has_test("    fn one_more() {", "one") && !has_test("// relu: in place", "relu"));
}
