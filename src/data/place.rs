//! Where something stands in a data file.

use core::fmt;

/// A place in a data file, for errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A byte of the file, counted from 0.
    Byte(u64),
    /// A byte of what a packed file holds, counted from 0.
    Unpacked(u64),
    /// A line of text.
    Line {
        /// Counted from 1.
        line: u64,
    },
    /// A value in a line of text.
    Field {
        /// Counted from 1.
        line: u64,
        /// Which of the line's values, counted from 1.
        column: u64,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(offset) => write!(f, "byte {offset}"),
            Self::Unpacked(offset) => write!(f, "byte {offset} of the unpacked data"),
            Self::Line { line } => write!(f, "line {line}"),
            Self::Field { line, column } => write!(f, "line {line}, column {column}"),
        }
    }
}
