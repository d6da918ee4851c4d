//! Networks as a whole: what the macro, the types and the model say of them.

#[macro_use]
#[path = "../common/families.rs"]
mod families;

mod catalogue;
mod contract;
mod diagram;
mod fold;
mod hygiene;
mod layouts;
mod model;
mod nets;
mod published;
mod serde;
