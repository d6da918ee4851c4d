//! Outputs that are not one: several of an item, and that of a value, which declares none.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Error, Token, Type};

use super::{Header, sample, unknown};
use crate::ast::compact;
use crate::error::Mistakes;
use crate::infer::sum;
use crate::shape::{Shape, named};

impl Header<'_, '_> {
    /// The output, or where several are declared, what stands for one that cannot be read.
    pub(super) fn one_output(&mut self, output: Type) -> Type {
        let mut heads = vec![output];
        let mut others = TokenStream::new();
        while let Ok(Some(comma)) = self.input.parse::<Option<Token![,]>>() {
            let Ok(head) = self.input.parse::<Type>() else { break };
            others.extend(quote!(#comma #head));
            heads.push(head);
        }
        if let [Type::Tuple(tuple)] = heads.as_slice()
            && tuple.elems.len() > 1
        {
            others = tuple.to_token_stream();
            heads = tuple.elems.iter().cloned().collect();
        }
        if others.is_empty() {
            return heads.swap_remove(0);
        }
        let lengths = heads.iter().map(|head| match Shape::read(head, &mut Mistakes::default()) {
            Shape::Vector(length) => length,
            _ => None,
        });
        let joined = sum(lengths).map_or_else(String::new, |length| format!("=> Vector<{length}> and "));
        let message = format!(
            "a network has one output, not {}; write {joined}concat(… | …) at the end, or declare a network for each over a piece that all name",
            heads.len()
        );
        self.wrong(Error::new_spanned(others, message));
        self.has_heads = true;
        unknown()
    }

    /// Passes over an output in a value, which declares none.
    pub(super) fn no_output(&mut self) {
        let ahead = self.input.fork();
        let declared = ahead.parse::<Type>().is_ok_and(|ty| named(&ty).is_some() || sample(&ty).is_some());
        if !declared || !ahead.peek(Token![=]) || ahead.peek(Token![=>]) {
            return;
        }
        let (Ok(output), Ok(sign)) = (self.input.parse::<Type>(), self.input.parse::<Token![=]>()) else { return };
        let message = format!("a value has no declared output; leave out `{} =`", compact(&output));
        self.mistakes.add(quote!(#output #sign), message);
    }
}
