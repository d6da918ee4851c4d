//! The collector of mistakes: all of them are reported in one run, each at its own token.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The mistakes found so far, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<syn::Error>);

impl Mistakes {
    /// Notes a mistake at the tokens `at`.
    pub(crate) fn add(&mut self, at: impl ToTokens, message: impl Display) {
        self.0.push(syn::Error::new_spanned(at, message));
    }

    /// Notes what a parser of syn said.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// Whether a message has said `text` already.
    pub(crate) fn have_said(&self, text: &str) -> bool {
        self.0.iter().any(|error| error.to_string().contains(text))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One `compile_error!` a mistake; in braces, they stand as items and as statements alike.
    pub(crate) fn compile_errors(&self) -> TokenStream {
        self.0.iter().map(syn::Error::to_compile_error).collect()
    }

    /// The mistakes as errors of syn, for tests.
    #[cfg(test)]
    pub(crate) fn errors(&self) -> &[syn::Error] {
        &self.0
    }
}
