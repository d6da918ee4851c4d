//! One mistake a file: what rustc says about it, and where.
//!
//! After a change, `TRYBUILD=overwrite cargo test --test ui` writes the texts anew; they are to be read as prose.

#[test]
fn mistakes() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
