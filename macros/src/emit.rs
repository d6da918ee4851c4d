//! Writes the types and the values of chains, stages and layers.
//!
//! Every token of a stage has the span of the word that the user wrote, so that what only the types can see is reported
//! there. `$crate` cannot have it, so blocks import it under a name that can.

mod types;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Block, GenericArgument, Type};

use self::types::{conv_type, depthwise_type, exactly, pool_type, resize_type, taken};
use crate::ast::{Chain, First, Joint, Layer, Number, Real, Stage, Value};
use crate::catalogue::Takes;
use crate::number::unbraced;
use crate::shape::named;

/// The path to `shapewright`.
#[derive(Clone, Copy)]
pub(crate) enum Root<'a> {
    /// `$crate`, with its own span.
    Crate(&'a TokenStream),
    /// The same in an item, where each number is a constant.
    Item(&'a TokenStream),
    /// The name under which a block imports it.
    Imported,
}

impl Root<'_> {
    /// The path in front of a name that is reported at `span`.
    pub(crate) fn at(self, span: Span) -> TokenStream {
        match self {
            Self::Crate(tokens) | Self::Item(tokens) => tokens.clone(),
            Self::Imported => quote_spanned!(span=> __shapewright),
        }
    }

    /// Imports it.
    pub(crate) fn import(krate: &TokenStream) -> TokenStream {
        quote!(use #krate as __shapewright;)
    }
}

/// A balanced tree over `leaves`, which are at least one.
pub(crate) fn balanced<Leaf>(
    leaves: &[Leaf],
    leaf: &dyn Fn(&Leaf) -> TokenStream,
    join: &dyn Fn(TokenStream, TokenStream) -> TokenStream,
) -> TokenStream {
    match leaves {
        [] => TokenStream::new(),
        [one] => leaf(one),
        _ => {
            let (left, right) = leaves.split_at(leaves.len().div_ceil(2));
            join(balanced(left, leaf, join), balanced(right, leaf, join))
        }
    }
}

pub(crate) fn chain_type(chain: &Chain, root: Root) -> TokenStream {
    let krate = root.at(Span::call_site());
    balanced(&chain.stages, &|stage| stage_type(stage, root), &|a, b| quote!(#krate::Seq<#a, #b>))
}

pub(crate) fn chain_value(chain: &Chain, root: Root) -> TokenStream {
    let krate = root.at(Span::call_site());
    balanced(&chain.stages, &|stage| stage_value(stage, root), &|a, b| quote!(#krate::Seq(#a, #b)))
}

pub(crate) fn stage_type(stage: &Stage, root: Root) -> TokenStream {
    let ty = layer_type(&stage.layer, stage.span(), root);
    let krate = root.at(stage.span());
    if stage.label.is_some() { quote_spanned!(stage.span()=> #krate::Labeled<#ty>) } else { ty }
}

pub(crate) fn stage_value(stage: &Stage, root: Root) -> TokenStream {
    let value = layer_value(&stage.layer, stage.span(), root);
    let krate = root.at(stage.span());
    match &stage.label {
        Some(label) => {
            let label = label.unraw().to_string();
            quote_spanned!(stage.span()=> #krate::Labeled::new(#label, #value))
        }
        None => value,
    }
}

fn layer_type(layer: &Layer, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    let named = |name: &str| Ident::new(name, span);
    match layer {
        Layer::Conv(conv) => conv_type(conv, span, root),
        Layer::Depthwise(depthwise) => depthwise_type(&depthwise.window, depthwise.bias, span, root),
        Layer::Pool(pool) => exactly(&pool.window, pool_type(pool, span, root), span, root),
        Layer::Dense(dense) => {
            let input = taken(dense.input.as_ref(), span, root);
            let output = &dense.output.tokens;
            let bias = (!dense.bias).then(|| quote_spanned!(span=> , #krate::NoBias));
            quote_spanned!(span=> #krate::Dense<#input, #output #bias>)
        }
        Layer::Resize(resize) => resize_type(&resize.to, span, root),
        Layer::Value(value) => {
            let ty = named(value.word.ty);
            let groups = groups(value).map(|groups| quote_spanned!(span=> <#groups>));
            quote_spanned!(span=> #krate::#ty #groups)
        }
        Layer::Repeat(repeat) => {
            let (count, body) = (&repeat.count.tokens, chain_type(&repeat.body, root));
            quote_spanned!(span=> #krate::Repeat<#count, #body>)
        }
        Layer::Joint(joint) => {
            let ty = named(joint.kind.ty());
            let branches =
                branches(joint, span, root, chain_type, &|chain| quote_spanned!(span=> #krate::Chain<#chain>));
            nested(&branches, &|a, b| quote_spanned!(span=> #krate::#ty<#a, #b>))
        }
        Layer::Group(chain) => {
            let chain = chain_type(chain, root);
            quote_spanned!(span=> #krate::Chain<#chain>)
        }
        Layer::Path(path) => quote!(#path),
        // never reached without a mistake, which is reported instead
        Layer::Local(_) | Layer::Wrong => quote_spanned!(span=> _),
    }
}

fn layer_value(layer: &Layer, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    match layer {
        Layer::Value(value) => value_value(value, span, root),
        Layer::Repeat(repeat) => {
            let (count, body) = (&repeat.count.tokens, chain_value(&repeat.body, root));
            quote_spanned!(span=> #krate::Repeat::<#count, _>::new(#body))
        }
        Layer::Joint(joint) => {
            let ty = Ident::new(joint.kind.ty(), span);
            let branches =
                branches(joint, span, root, chain_value, &|chain| quote_spanned!(span=> #krate::Chain(#chain)));
            nested(&branches, &|a, b| quote_spanned!(span=> #krate::#ty::new(#a, #b)))
        }
        Layer::Group(chain) => {
            let chain = chain_value(chain, root);
            quote_spanned!(span=> #krate::Chain(#chain))
        }
        Layer::Local(block) => unbraced(block),
        _ => {
            let ty = layer_type(layer, span, root);
            quote_spanned!(span=> <#ty as ::core::default::Default>::default())
        }
    }
}

/// `Relu`, `Dropout::new(0.5)`, `BatchNorm::new().eps(1e-3)`
fn value_value(value: &Value, span: Span, root: Root) -> TokenStream {
    let (krate, ty) = (root.at(span), Ident::new(value.word.ty, span));
    if value.word.is_unit {
        return quote_spanned!(span=> #krate::#ty);
    }
    let options = value.options.iter().map(|(name, number)| {
        let (name, number) = (Ident::new(name, span), real(number, root));
        quote_spanned!(span=> .#name(#number))
    });
    let groups = groups(value).map(|groups| quote_spanned!(span=> ::<#groups>));
    let first = match &value.first {
        First::Real(number) => real(number, root),
        First::Whole(number) if groups.is_none() => plain(number),
        _ => TokenStream::new(),
    };
    quote_spanned!(span=> #krate::#ty #groups::new(#first) #(#options)*)
}

/// A real number as an argument. An expression has its type said, so that one of another type is an error at the user's token, which
/// does not speak of the function that takes it. The numbers of an item stand in it several times, always as constants: rustc
/// then has the same to say of each, and says it once.
fn real(Real { tokens, is_expression, .. }: &Real, root: Root) -> TokenStream {
    let Some(first) = tokens.clone().into_iter().next().filter(|_| *is_expression) else { return tokens.clone() };
    // lints that mind the binding leave out what a macro writes
    let span = first.span().resolved_at(Span::mixed_site());
    let constant = matches!(root, Root::Item(_)).then(|| quote_spanned!(span=> const));
    quote_spanned!(span=> #constant { let __real: ::core::primitive::f64 = #tokens; __real })
}

/// The values in `chain` with numbers that are left to the compiler: their ranges are checked in a constant.
pub(crate) fn checked_values(chain: &Chain, root: Root) -> Vec<TokenStream> {
    let inside = |chain: &Chain| checked_values(chain, root);
    let of_stage = |stage: &Stage| match &stage.layer {
        Layer::Value(value) if is_open(value) => vec![value_value(value, stage.span(), root)],
        Layer::Repeat(repeat) => inside(&repeat.body),
        Layer::Joint(joint) => joint.branches.iter().flat_map(inside).collect(),
        Layer::Group(chain) => inside(chain),
        _ => Vec::new(),
    };
    chain.stages.iter().flat_map(of_stage).collect()
}

/// The labels in `chain`, in the order in which they stand.
pub(crate) fn labels(chain: &Chain) -> Vec<String> {
    let of_stage = |stage: &Stage| {
        let label = stage.label.as_ref().map(|label| label.unraw().to_string());
        let inside: Vec<String> = match &stage.layer {
            Layer::Repeat(repeat) => labels(&repeat.body),
            Layer::Joint(joint) => joint.branches.iter().flat_map(labels).collect(),
            Layer::Group(chain) => labels(chain),
            _ => Vec::new(),
        };
        label.into_iter().chain(inside).collect::<Vec<_>>()
    };
    chain.stages.iter().flat_map(of_stage).collect()
}

/// Whether a number of the value is an expression.
fn is_open(value: &Value) -> bool {
    let first = match &value.first {
        First::Nothing => false,
        First::Whole(number) => number.value.is_none(),
        First::Real(number) => number.is_expression,
    };
    first || value.options.iter().any(|(_, number)| number.is_expression)
}

/// The groups of a norm, which its type says.
fn groups(value: &Value) -> Option<&TokenStream> {
    match (&value.word.takes, &value.first) {
        (Takes::Groups { .. }, First::Whole(groups)) => Some(&groups.tokens),
        _ => None,
    }
}

/// A number as an argument of a function.
fn plain(number: &Number) -> TokenStream {
    syn::parse2::<Block>(number.tokens.clone()).map_or_else(|_| number.tokens.clone(), |block| unbraced(&block))
}

/// The branches of a joint, each made by `chain` and then by `wrapped`; a missing shortcut is the identity.
fn branches(
    joint: &Joint,
    span: Span,
    root: Root,
    chain: fn(&Chain, Root) -> TokenStream,
    wrapped: &dyn Fn(TokenStream) -> TokenStream,
) -> Vec<TokenStream> {
    let mut branches: Vec<TokenStream> = joint.branches.iter().map(|branch| wrapped(chain(branch, root))).collect();
    if branches.len() == 1 {
        let krate = root.at(span);
        branches.push(quote_spanned!(span=> #krate::Identity));
    }
    branches
}

/// A joint of two, nested to the right for more.
fn nested(branches: &[TokenStream], join: &dyn Fn(TokenStream, TokenStream) -> TokenStream) -> TokenStream {
    match branches {
        [] => TokenStream::new(),
        [last] => last.clone(),
        [first, others @ ..] => join(first.clone(), nested(others, join)),
    }
}

/// A shape with our own shapes in it found, imported or not.
pub(crate) fn shape(ty: &Type, root: Root) -> TokenStream {
    let Some((name, arguments)) = named(ty) else {
        return quote!(#ty);
    };
    let krate = root.at(name.span());
    let arguments = arguments.into_iter().map(|argument| match argument {
        GenericArgument::Type(inner) => shape(inner, root),
        argument => quote!(#argument),
    });
    quote_spanned!(name.span()=> #krate::#name<#(#arguments),*>)
}
