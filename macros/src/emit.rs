//! Writes the types and the values of chains, stages and layers.
//!
//! Every token of a stage has the span of the word that the user wrote, so that what only the types can see is reported
//! there. `$crate` cannot have it, so blocks import it under a name that can.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Block, GenericArgument, Stmt, Type};

use crate::ast::{Chain, Conv, Layer, Number, Padding, Pair, Stage, Window};
use crate::shape::named;

/// The path to `shapewright`.
#[derive(Clone, Copy)]
pub(crate) enum Root<'a> {
    /// `$crate`, with its own span.
    Crate(&'a TokenStream),
    /// The name under which a block imports it.
    Imported,
}

impl Root<'_> {
    /// The path in front of a name that is reported at `span`.
    fn at(self, span: Span) -> TokenStream {
        match self {
            Self::Crate(tokens) => tokens.clone(),
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
    match layer {
        Layer::Conv(conv) => conv_type(conv, span, root),
        Layer::MaxPool(pool) => {
            let mut arguments = window_types(&pool.window, span, root);
            arguments[1].1 = false; // the stride has no default
            let arguments = written(arguments);
            quote_spanned!(span=> #krate::MaxPool2d<#(#arguments),*>)
        }
        Layer::Dense(dense) => {
            let input = taken(dense.input.as_ref(), span, root);
            let output = &dense.output.tokens;
            let bias = (!dense.bias).then(|| quote_spanned!(span=> , #krate::NoBias));
            quote_spanned!(span=> #krate::Dense<#input, #output #bias>)
        }
        Layer::Relu => quote_spanned!(span=> #krate::Relu),
        Layer::Flatten => quote_spanned!(span=> #krate::Flatten),
        Layer::Repeat(repeat) => {
            let (count, body) = (&repeat.count.tokens, chain_type(&repeat.body, root));
            quote_spanned!(span=> #krate::Repeat<#count, #body>)
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

pub(crate) fn layer_value(layer: &Layer, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    match layer {
        Layer::Relu => quote_spanned!(span=> #krate::Relu),
        Layer::Flatten => quote_spanned!(span=> #krate::Flatten),
        Layer::Repeat(repeat) => {
            let (count, body) = (&repeat.count.tokens, chain_value(&repeat.body, root));
            quote_spanned!(span=> #krate::Repeat::<#count, _>::new(#body))
        }
        Layer::Group(chain) => {
            let chain = chain_value(chain, root);
            quote_spanned!(span=> #krate::Chain(#chain))
        }
        Layer::Local(block) => unbraced(block),
        Layer::Conv(_) | Layer::MaxPool(_) | Layer::Dense(_) | Layer::Path(_) | Layer::Wrong => {
            let ty = layer_type(layer, span, root);
            quote_spanned!(span=> <#ty as ::core::default::Default>::default())
        }
    }
}

/// A value at hand; braces around one value would be reported as unused.
fn unbraced(block: &Block) -> TokenStream {
    if let [Stmt::Expr(value, None)] = block.stmts.as_slice() { quote!(#value) } else { quote!(#block) }
}

fn conv_type(conv: &Conv, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    let input = taken(conv.input.as_ref(), span, root);
    let (filters, groups) = (&conv.filters.tokens, &conv.groups.rows.tokens);
    let mut arguments = window_types(&conv.window, span, root);
    arguments.push((quote_spanned!(span=> #krate::Groups<#groups>), conv.groups.is(1)));
    arguments.push((quote_spanned!(span=> #krate::NoBias), conv.bias));
    let arguments = written(arguments);
    quote_spanned!(span=> #krate::Conv2d<#input, #filters, #(#arguments),*>)
}

/// Kernel, stride, padding and dilation; each with whether it is the default.
fn window_types(window: &Window, span: Span, root: Root) -> Vec<(TokenStream, bool)> {
    let krate = root.at(span);
    let pair = |name: &str, Pair { rows, columns, .. }: &Pair| {
        let (name, rows, columns) = (Ident::new(name, span), &rows.tokens, &columns.tokens);
        quote_spanned!(span=> #krate::#name<#rows, #columns>)
    };
    let padding = match &window.padding {
        Padding::Zeros(pad) => (pair("Pad", pad), pad.is(0)),
        Padding::Same => (quote_spanned!(span=> #krate::Same), false),
    };
    vec![
        (pair("Kernel", &window.kernel), false),
        (pair("Stride", &window.stride), window.stride.is(1)),
        padding,
        (pair("Dilation", &window.dilation), window.dilation.is(1)),
    ]
}

/// Generic arguments up to the last that is no default.
fn written(mut arguments: Vec<(TokenStream, bool)>) -> Vec<TokenStream> {
    while arguments.last().is_some_and(|(_, default)| *default) {
        arguments.pop();
    }
    arguments.into_iter().map(|(argument, _)| argument).collect()
}

/// What a layer says it takes: `In<3>`, or `Arriving`.
fn taken(input: Option<&Number>, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    let arriving = || quote_spanned!(span=> #krate::Arriving);
    input.map_or_else(arriving, |Number { tokens, .. }| quote_spanned!(span=> #krate::In<#tokens>))
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
