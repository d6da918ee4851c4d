//! What several test files share.
#![allow(dead_code, unreachable_pub, unused_macros)] // no file uses all of it

pub mod fixture;
pub mod folder;
pub mod gradient;
pub mod training;
