//! Writes the types of the layers whose sizes are const generics.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use super::Root;
use crate::ast::{Conv, Number, Padding, Pair, Pool, Resized, Sides, Window};
use crate::catalogue::{ConvKind, PoolKind};

pub(super) fn conv_type(conv: &Conv, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    let input = taken(conv.input.as_ref(), span, root);
    let (filters, groups) = (&conv.filters.tokens, &conv.groups.rows.tokens);
    let no_bias = (quote_spanned!(span=> #krate::NoBias), conv.bias);
    if conv.kind == ConvKind::Separable {
        let depthwise = depthwise_type(&conv.window, false, span, root);
        let one = written(vec![
            (quote_spanned!(span=> #krate::Kernel<1, 1>), false),
            (quote_spanned!(span=> #krate::Stride<1, 1>), true),
            (quote_spanned!(span=> #krate::Pad<0, 0>), true),
            (quote_spanned!(span=> #krate::Dilation<1, 1>), true),
            (quote_spanned!(span=> #krate::NoGroups), true),
            no_bias,
        ]);
        let pointwise = quote_spanned!(span=> #krate::Conv2d<#input, #filters, #(#one),*>);
        return quote_spanned!(span=> #krate::Chain<#krate::Seq<#depthwise, #pointwise>>);
    }
    let mut arguments = window_types(&conv.window, span, root);
    let mut name = Ident::new("Conv2d", span);
    if conv.kind == ConvKind::Transposed {
        name = Ident::new("ConvTranspose2d", span);
        let more = &conv.output_padding;
        arguments.insert(3, (pair("OutputPad", more, span, root), more.is(0)));
    }
    let without = conv.groups.is(1);
    let groups = if without { quote_spanned!(span=> NoGroups) } else { quote_spanned!(span=> Groups<#groups>) };
    arguments.push((quote_spanned!(span=> #krate::#groups), without));
    arguments.push(no_bias);
    let arguments = written(arguments);
    exactly(&conv.window, quote_spanned!(span=> #krate::#name<#input, #filters, #(#arguments),*>), span, root)
}

pub(super) fn depthwise_type(window: &Window, bias: bool, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    let mut arguments = window_types(window, span, root);
    arguments.push((quote_spanned!(span=> #krate::NoBias), bias));
    let arguments = written(arguments);
    exactly(window, quote_spanned!(span=> #krate::DepthwiseConv2d<#(#arguments),*>), span, root)
}

/// The layer with that window, held to be exact if it has to be.
pub(super) fn exactly(window: &Window, layer: TokenStream, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    if window.exact { quote_spanned!(span=> #krate::Exact<#layer>) } else { layer }
}

pub(super) fn pool_type(pool: &Pool, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    let mut arguments = window_types(&pool.window, span, root);
    arguments[1].1 = false; // the stride has no default
    let rounding = (quote_spanned!(span=> #krate::Ceil), false);
    let floor = (quote_spanned!(span=> #krate::Floor), true);
    let rounding = if pool.window.ceil { rounding } else { floor };
    let name = match pool.kind {
        PoolKind::Max => {
            arguments.push(rounding);
            "MaxPool2d"
        }
        PoolKind::Average => {
            arguments.truncate(3); // no dilation
            arguments.push(rounding);
            arguments.push((quote_spanned!(span=> #krate::SkipPadding), !pool.skips_padding));
            "AvgPool2d"
        }
    };
    let (name, arguments) = (Ident::new(name, span), written(arguments));
    quote_spanned!(span=> #krate::#name<#(#arguments),*>)
}

pub(super) fn resize_type(to: &Resized, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    match to {
        Resized::Padded(sides) => {
            let Sides { top, left, bottom, right, .. } = &**sides;
            let sides = [top, left, bottom, right].map(|side| &side.tokens);
            quote_spanned!(span=> #krate::ZeroPad<#(#sides),*>)
        }
        Resized::Repeated(Number { tokens, .. }) => quote_spanned!(span=> #krate::Upsample<#tokens>),
        Resized::Averaged(to) => pair("AdaptiveAvgPool", to, span, root),
        Resized::Subsampled { channels, stride } => {
            let stride = pair("Stride", stride, span, root);
            let channels = channels.as_ref().map(|channels| {
                let channels = taken(Some(channels), span, root);
                quote_spanned!(span=> , #channels)
            });
            quote_spanned!(span=> #krate::Subsample<#stride #channels>)
        }
    }
}

/// `name<rows, columns>`
fn pair(name: &str, Pair { rows, columns, .. }: &Pair, span: Span, root: Root) -> TokenStream {
    let (krate, name, rows, columns) = (root.at(span), Ident::new(name, span), &rows.tokens, &columns.tokens);
    quote_spanned!(span=> #krate::#name<#rows, #columns>)
}

/// Kernel, stride, padding and dilation; each with whether it is the default.
fn window_types(window: &Window, span: Span, root: Root) -> Vec<(TokenStream, bool)> {
    let krate = root.at(span);
    let padding = match &window.padding {
        Padding::Zeros(pad) => (pair("Pad", pad, span, root), pad.is(0)),
        Padding::Sides(sides) => {
            let Sides { top, left, bottom, right, .. } = &**sides;
            let sides = [top, left, bottom, right].map(|side| &side.tokens);
            (quote_spanned!(span=> #krate::PadSides<#(#sides),*>), false)
        }
        Padding::Same => (quote_spanned!(span=> #krate::Same), false),
    };
    vec![
        (pair("Kernel", &window.kernel, span, root), false),
        (pair("Stride", &window.stride, span, root), window.stride.is(1)),
        padding,
        (pair("Dilation", &window.dilation, span, root), window.dilation.is(1)),
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
pub(super) fn taken(input: Option<&Number>, span: Span, root: Root) -> TokenStream {
    let krate = root.at(span);
    let arriving = || quote_spanned!(span=> #krate::Arriving);
    input.map_or_else(arriving, |Number { tokens, .. }| quote_spanned!(span=> #krate::In<#tokens>))
}
