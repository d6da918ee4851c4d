//! What several of these tests share.

#[macro_use]
pub(crate) mod fixture;
#[macro_use]
pub(crate) mod gradient;
pub(crate) mod training;
