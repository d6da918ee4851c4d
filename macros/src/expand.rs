//! Expands the macros: reads, checks, and writes the code that stands for what was read, or the mistakes in it.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{GenericParam, Type};

use crate::ast::{Chain, Expression, Item, Stage};
use crate::budget::checks;
use crate::catalogue::{self, Kind};
use crate::chain::{Place, layer};
use crate::emit::{Root, balanced, chain_type, chain_value, checked_values, labels, shape, stage_type, stage_value};
use crate::error::Mistakes;
use crate::infer::check;
use crate::parse::{Net, unknown};
use crate::rustdoc::table;
use crate::shape::Shape;

/// Expands `{$crate} <items or an expression>`.
pub(crate) fn net(tokens: TokenStream) -> TokenStream {
    let (krate, tokens) = root(tokens);
    match syn::parse2(tokens) {
        Ok(Net::Items(items)) => items
            .into_iter()
            .map(|(read, mistakes)| match read {
                Some(read) => item(read, mistakes, &krate),
                None => mistakes.compile_errors(),
            })
            .collect(),
        Ok(Net::Expression(read)) => expression(*read, &krate),
        Err(error) => error.into_compile_error(),
    }
}

/// The mistake of a budget that does not stand in `net!`.
pub(crate) fn budget_outside(limits: TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let way = format!("net! {{ #[budget({limits})] pub LeNet: … }}");
    mistakes.add(limits, format!("a budget stands in `net!`, before the name of the network: {way}"));
    mistakes.compile_errors()
}

/// Expands `{$crate} <word> <arguments>`.
pub(crate) fn piece(tokens: TokenStream) -> TokenStream {
    let (krate, tokens) = root(tokens);
    let mut arguments = tokens.into_iter();
    let Some((TokenTree::Ident(mut word), kind)) = arguments.next().and_then(known) else {
        return quote!(::core::compile_error!("expected the word of a layer"));
    };
    // the word is not the user's token: it comes from the macro of the layer
    let mut arguments = arguments.peekable();
    if let Some(first) = arguments.peek() {
        word.set_span(first.span());
    }
    let mut mistakes = Mistakes::default();
    let layer = layer(kind, &word, Some(arguments.collect()), Place::EXPRESSION, &mut mistakes);
    let stage = Stage { label: None, word: word.to_token_stream(), layer };
    let mut chain = Chain { stages: vec![stage] };
    check(&unknown(), None, &mut chain, &mut mistakes);
    if mistakes.is_empty() { chain_value(&chain, Root::Crate(&krate)) } else { block_of(&mistakes) }
}

/// A word and how it is read.
fn known(word: TokenTree) -> Option<(TokenTree, &'static Kind)> {
    catalogue::kind(&word.to_string()).map(|kind| (word, kind))
}

/// Splits off the tokens of `$crate`, which stand first, in braces.
fn root(tokens: TokenStream) -> (TokenStream, TokenStream) {
    let mut tokens = tokens.into_iter();
    let krate = match tokens.next() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => TokenStream::new(),
    };
    (krate, tokens.collect())
}

/// The mistakes where an expression is expected.
fn block_of(mistakes: &Mistakes) -> TokenStream {
    let errors = mistakes.compile_errors();
    quote!({ #errors })
}

/// The struct, its consts and its traits; with mistakes, the same but unchecked, so that other uses stay silent.
fn item(mut item: Item, mut mistakes: Mistakes, krate: &TokenStream) -> TokenStream {
    if !item.generics.params.is_empty() {
        return generic(item, mistakes, krate);
    }
    let checked = check(&item.input, Some(&item.output), &mut item.chain, &mut mistakes);
    let table = table(&checked.rows, &item.output);
    let Item { attributes, budget, visibility, name, input, output, chain, .. } = &item;
    let structure = quote! {
        #(#attributes)*
        #[doc = #table]
        #[allow(rustdoc::private_intra_doc_links)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::default::Default)]
        #visibility struct #name;
    };
    let outside = Root::Item(krate);
    let (labels, shown) = (labels(chain), name.unraw().to_string());
    let (input, output) = (stated(input, &checked.input, outside), stated(output, &checked.output, outside));
    let (budget, joined, tree, value) = if mistakes.is_empty() {
        let (tree, value) = (chain_type(chain, outside), chain_value(chain, outside));
        (checks(budget, name, &checked.rows, krate), joined(&item, krate), tree, value)
    } else {
        let errors = mistakes.compile_errors();
        (TokenStream::new(), quote!(#errors), quote!(#krate::Unchecked<#output>), quote!(#krate::Unchecked::new()))
    };
    quote! {
        #structure

        #[allow(dead_code)]
        impl #name {
            /// Trainable parameters.
            #visibility const PARAMS: ::core::primitive::usize = Self::FIGURES.params;
            /// Running statistics.
            #visibility const STATE: ::core::primitive::usize = Self::FIGURES.state;
            /// Multiply-accumulates of the forward pass of one sample.
            #visibility const MACS: ::core::primitive::usize = Self::FIGURES.macs;
            /// Floating-point operations of the forward pass of one sample: two for each multiply-accumulate.
            #visibility const FLOPS: ::core::primitive::usize = Self::FIGURES.flops;
            /// Stages that multiply by weights, on the longest path.
            #visibility const DEPTH: ::core::primitive::usize = Self::FIGURES.depth;
            /// Bytes that the inference of one sample needs besides the weights, in `f32`.
            #visibility const INFERENCE_BYTES: ::core::primitive::usize = Self::FIGURES.inference_bytes;
            /// All figures together.
            #visibility const FIGURES: #krate::Figures = #krate::Facts::<Self>::FIGURES;

            /// The joints, each checked by a call: a mistake is reported here alone.
            #[doc(hidden)]
            const __JOINED: ::core::primitive::bool = { #joined true };

            /// Bytes that a step of training on a batch of that many samples needs besides the weights, at most, in `f32`.
            #visibility const fn training_bytes(__batch: ::core::primitive::usize) -> ::core::primitive::usize {
                Self::FIGURES.training_bytes(__batch)
            }

            /// Bytes of the parameters and the running statistics, in `f32`.
            #visibility const fn weights_bytes() -> ::core::primitive::usize {
                Self::FIGURES.weights_bytes
            }

            /// The stages as a table: output shapes, parameters and multiply-accumulates.
            #visibility fn summary() -> #krate::Outline {
                #krate::Facts::<Self>::summary(&Self)
            }

            /// The network as a picture in SVG: stages as wide as their activations, shapes at the joints.
            #visibility fn diagram() -> ::std::string::String {
                #krate::Facts::<Self>::diagram(&Self, #shown)
            }

            #[doc(hidden)]
            #visibility fn forward<__P: #krate::Pass<Self>>(&self, __pass: __P) -> __P::Given {
                __pass.run(self)
            }
        }

        #budget

        #krate::__network! { #name: #input => #output, [#(#labels),*], #tree, #value }
    }
}

/// The mistakes of a network with generic parameters, and a layer that stands for it, so that its uses stay silent.
fn generic(mut item: Item, mut mistakes: Mistakes, krate: &TokenStream) -> TokenStream {
    let output = shape(&item.output, Root::Item(krate));
    for shape in [&mut item.input, &mut item.output] {
        // its parameters are not known to the rest of what is written
        if !Shape::read(shape, &mut Mistakes::default()).is_known() {
            *shape = unknown();
        }
    }
    check(&item.input, Some(&item.output), &mut item.chain, &mut mistakes);
    let (errors, Item { visibility, name, generics, .. }) = (mistakes.compile_errors(), item);
    let sized = generics.params.iter().all(|parameter| matches!(parameter, GenericParam::Const(_)));
    let stand_in = sized.then(|| quote!(#visibility type #name #generics = #krate::Unchecked<#output>;));
    quote!(#errors #stand_in)
}

/// The type of a shape in the header, or where that has a mistake, of what it probably is.
fn stated(ty: &Type, read: &Shape, root: Root) -> TokenStream {
    if Shape::is_sound(ty) {
        return shape(ty, root);
    }
    let supposed = read.supposed().to_string();
    syn::parse_str(&supposed).map_or_else(|_| ty.to_token_stream(), |supposed| shape(&supposed, root))
}

/// The calls that check one joint each.
fn joined(Item { input, output, chain, .. }: &Item, krate: &TokenStream) -> TokenStream {
    let import = Root::import(krate);
    // rustc reports an output that differs at the receiver, so this one stands at the declared type
    // A constant in scope would make the name a pattern, whatever its span: `__` begins names that no user writes.
    let joints = Ident::new("__joints", output.span());
    let (start, output) = (start(input), shape(output, Root::Imported));
    let stages = chain.stages.iter().map(|stage| {
        let (then, ty) = (Ident::new("then", stage.span()), stage_type(stage, Root::Imported));
        quote!(.#then::<#ty>())
    });
    let checked = checked_values(chain, Root::Imported);
    quote_spanned! {joints.span()=>
        #import
        #(let _ = #checked;)*
        let #joints = #start #(#stages)*;
        #joints.declared::<#output>();
    }
}

/// What stands before the first joint, at the shape that arrives.
fn start(input: &Type) -> TokenStream {
    let shape = shape(input, Root::Imported);
    quote_spanned!(input.span()=> __shapewright::Joints::<#shape, #shape>::start())
}

/// The value of the network.
fn expression((expression, mut mistakes): (Expression, Mistakes), krate: &TokenStream) -> TokenStream {
    let Expression { input, mut chain } = expression;
    check(&input, None, &mut chain, &mut mistakes);
    if !mistakes.is_empty() {
        return block_of(&mistakes);
    }
    let import = Root::import(krate);
    let start = start(&input);
    // a constant in scope would make a pattern of a name that a user writes
    let names: Vec<Ident> = chain
        .stages
        .iter()
        .enumerate()
        .map(|(index, stage)| Ident::new(&format!("__stage_{index}"), stage.span()))
        .collect();
    // One pattern for all: no user's value is evaluated where our names are in scope.
    let values = chain.stages.iter().map(|stage| stage_value(stage, Root::Imported));
    let joints = chain.stages.iter().zip(&names).map(|(stage, name)| quote_spanned!(stage.span()=> .by(&#name)));
    let tree = balanced(&names, &|name| quote!(#name), &|a, b| quote!(__shapewright::Seq(#a, #b)));
    quote! {{
        #import
        #[allow(unused_imports)]
        use __shapewright::OrNothing as _;
        let (#(#names,)*) = (#(#values,)*);
        let __joints = #start #(#joints)*;
        let __chain = #tree;
        __joints.of(&__chain).network(__chain)
    }}
}
