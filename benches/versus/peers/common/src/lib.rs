//! What the peers written in Rust share: inputs, networks, cases, and how the driver speaks to them.

pub mod cases;
pub mod inputs;
pub mod process;
pub mod protocol;
