//! What tests/fixtures holds: how many configurations, how large, and that a test asks for each.

use std::fs;
use std::path::PathBuf;

use safetensors::SafeTensors;

/// The files below tests/ with an ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).expect("a folder of the repository");
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == ending)).collect()
}

/// The names of the configurations of a file.
fn configurations(file: &[u8]) -> Vec<String> {
    let tensors = SafeTensors::deserialize(file).expect("a file that make.py wrote");
    let mut names: Vec<String> =
        tensors.names().iter().map(|name| name.split('/').next().unwrap().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn each_configuration_is_tested_and_there_are_enough() {
    let mut count = 0;
    for path in files("tests/fixtures", "safetensors") {
        let family = path.file_stem().unwrap().to_str().unwrap();
        let test =
            fs::read_to_string(format!("{}/tests/layers/{family}.rs", env!("CARGO_MANIFEST_DIR"))).expect(family);
        for name in configurations(&fs::read(&path).unwrap()) {
            let asked = ["\"", "/"].iter().any(|end| test.contains(&format!("\"{name}{end}")));
            assert!(asked, "tests/layers/{family}.rs does not ask for \"{name}\"");
            count += 1;
        }
    }
    assert!(count >= 120, "{count} configurations");
}

#[test]
fn they_stay_small() {
    let endings = ["safetensors", "txt"].into_iter().flat_map(|ending| files("tests/fixtures", ending));
    let bytes: u64 = endings.map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(bytes < 3_000_000, "{bytes} bytes");
}
