//! The collector of mistakes: all of them are reported in one run, each at its own token.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The mistakes found so far, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Mistakes {
    errors: Vec<syn::Error>,
    is_trial: bool,
}

impl Mistakes {
    /// A collector of which nothing is reported: for what is tried out.
    pub(crate) fn trial() -> Self {
        Self { is_trial: true, ..Self::default() }
    }

    /// Whether something is tried out, so that no way out need be looked for.
    pub(crate) fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// Notes a mistake at the tokens `at`.
    pub(crate) fn add(&mut self, at: impl ToTokens, message: impl Display) {
        self.errors.push(syn::Error::new_spanned(at, message));
    }

    /// Notes what a parser of syn said.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// Whether a message has said `text` already.
    pub(crate) fn have_said(&self, text: &str) -> bool {
        self.errors.iter().any(|error| error.to_string().contains(text))
    }

    pub(crate) fn len(&self) -> usize {
        self.errors.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// One `compile_error!` a mistake; in braces, they stand as items and as statements alike.
    pub(crate) fn compile_errors(&self) -> TokenStream {
        self.errors.iter().map(syn::Error::to_compile_error).collect()
    }

    /// The mistakes as errors of syn, for tests.
    #[cfg(test)]
    pub(crate) fn errors(&self) -> &[syn::Error] {
        &self.errors
    }
}
