//! The procedural macros behind `shapewright`; use them through that crate.
//!
//! `net!` goes through `parse` (with `chain`, `arguments`, `options`, `number`), `infer` and `emit`, led by
//! `expand`; mistakes are collected on the way and reported together.
#![forbid(unsafe_code)]

mod arguments;
mod ast;
mod braced;
mod budget;
mod catalogue;
mod chain;
mod comment;
mod display;
mod emit;
mod error;
mod exact;
mod expand;
mod foreign;
mod groups;
mod infer;
mod labels;
mod number;
mod options;
mod parse;
mod rustdoc;
mod shape;
mod table;
#[cfg(test)]
mod tests;
mod unknown;
mod values;
mod words;

use proc_macro::TokenStream;

/// The dimension table of `shapewright::shape`, up to the size given.
#[doc(hidden)]
#[proc_macro]
pub fn dimension_table(limit: TokenStream) -> TokenStream {
    let limit = syn::parse_macro_input!(limit as syn::LitInt);
    match limit.base10_parse() {
        Ok(limit) => table::dimension_table(limit).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

/// `{$crate} <items or an expression>`: networks, as `shapewright::net!` documents it.
#[doc(hidden)]
#[proc_macro]
pub fn net(tokens: TokenStream) -> TokenStream {
    expand::net(tokens.into()).into()
}

/// `{$crate} <word> <arguments>`: the value of one layer outside `net!`.
#[doc(hidden)]
#[proc_macro]
pub fn layer(tokens: TokenStream) -> TokenStream {
    expand::piece(tokens.into()).into()
}

/// A budget that stands before `net!` and not in it, which is a mistake.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn budget(limits: TokenStream, item: TokenStream) -> TokenStream {
    let mistake: TokenStream = expand::budget_outside(limits.into()).into();
    mistake.into_iter().chain(item).collect()
}
