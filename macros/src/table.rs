//! The dimension table: every size from 0 to a limit, as a number that rustc prints and as a
//! number that the type system can calculate with.
//!
//! Two traits connect the two: `Sizes: Dim<28>` knows `U28`, and `U28: Named` knows
//! `Const<28>`. The way back is split over sixteen traits by the four low bits, so that rustc searches
//! 256 impls instead of 4,096.

use std::fmt::Write;

use proc_macro2::TokenStream;

/// Low bits by which the way back is split.
const SHARD_BITS: u32 = 4;

/// The typenum type of `value`, binary digits written out.
fn typenum(value: usize) -> String {
    (0..usize::BITS - value.leading_zeros())
        .rev()
        .fold("UTerm".to_owned(), |high, bit| format!("UInt<{high},B{}>", value >> bit & 1))
}

/// The table of all sizes up to `limit`.
pub(crate) fn dimension_table(limit: usize) -> TokenStream {
    let shards = 1 << SHARD_BITS;
    let mut text = String::new();
    for value in 0..=limit {
        let number = typenum(value);
        let _ = write!(text, "#[diagnostic::do_not_recommend] impl Dim<{value}> for Sizes {{ type N = {number}; }}");
        let implemented = if value < shards / 2 {
            ("Named".to_owned(), number)
        } else {
            (format!("Named{}", value % shards), typenum(value / shards))
        };
        let _ = write!(text, "impl {} for {} {{ type Dim = Const<{value}>; }}", implemented.0, implemented.1);
    }
    for shard in 0..shards {
        let low = (0..SHARD_BITS).rev().fold("H".to_owned(), |high, bit| format!("UInt<{high},B{}>", shard >> bit & 1));
        let _ = write!(
            text,
            "#[doc(hidden)] pub trait Named{shard} {{ type Dim: Size; }}
             #[diagnostic::do_not_recommend]
             impl<H: Named{shard}> Named for {low} {{ type Dim = H::Dim; }}"
        );
    }
    text.parse().expect("the table is written as Rust")
}
