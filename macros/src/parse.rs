//! Reads what stands in `net!`: items or an expression.
//!
//! Only an item without a name is given up. What is wrong with the rest of a header is noted, and reading goes on as if what was
//! meant stood there; in chains too, see [`crate::chain`].

mod outputs;

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Error, GenericArgument, Generics, Lit, LitInt, Path, PathArguments, Result, Token, Type, TypePath,
    Visibility, token,
};

use crate::ast::{Chain, Expression, Item, compact};
use crate::braced::{self, braced};
use crate::budget;
use crate::catalogue;
use crate::chain::{Place, chain, expected, skip, starts_item};
use crate::comment::{comment, is_comment};
use crate::error::Mistakes;
use crate::exact;
use crate::labels::is_named;
use crate::shape::named;

const ITEM: &str = "LeNet: Image<1, 28, 28> => Vector<10> = conv(6, k5) >> …";
/// What every network derives.
const HAD: [&str; 4] = ["Clone", "Copy", "Debug", "Default"];
const EXPRESSION: &str = "Image<3, 32, 32> => conv(32, k5) >> …";

/// What stands in `net!`.
pub(crate) enum Net {
    /// Items, each with its own mistakes; none where there is not even a name.
    Items(Vec<(Option<Item>, Mistakes)>),
    Expression(Box<(Expression, Mistakes)>),
}

impl Parse for Net {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut mistakes = Mistakes::default();
        comments(input, &mut mistakes);
        if !is_item(input) {
            let expression = expression(input, &mut mistakes);
            return Ok(Self::Expression(Box::new((expression, mistakes))));
        }
        let mut items: Vec<(Option<Item>, Mistakes)> = Vec::new();
        while !input.is_empty() {
            let mut item = item(input, &mut mistakes).map_err(|error| mistakes.push(error)).ok();
            if item.is_none() {
                skip(input, |input| input.peek(Token![;]));
            }
            if let Some(Item { name, .. }) = &item
                && items.iter().any(|(earlier, _)| earlier.as_ref().is_some_and(|earlier| earlier.name == *name))
            {
                mistakes.add(name, format!("the network {name} is declared twice; give one of them another name"));
                item = None;
            }
            items.push((item, std::mem::take(&mut mistakes)));
            while input.parse::<Option<Token![;]>>()?.is_some() {}
            comments(input, &mut mistakes);
        }
        items.push((None, mistakes)); // of comments behind the last item
        Ok(Self::Items(items))
    }
}

/// Passes over comments with `#` before an item.
fn comments(input: ParseStream, mistakes: &mut Mistakes) {
    while comment(input, mistakes) {
        skip(input, |input| starts_item(input) || is_comment(input));
    }
}

/// Attributes, a visibility or a name before anything else: the item form.
fn is_item(input: ParseStream) -> bool {
    let ahead = input.fork();
    let attributes = ahead.call(Attribute::parse_outer).is_ok_and(|attributes| !attributes.is_empty());
    let visible = ahead.parse().is_ok_and(|visibility| !matches!(visibility, Visibility::Inherited));
    let keyword = no_keyword(&ahead).is_err();
    let named = is_named(&ahead) || (ahead.peek(syn::Ident) && ahead.peek2(syn::Ident));
    attributes || visible || keyword || named || is_generic(&ahead)
}

/// `Net<const N: usize>:`, which is no shape.
fn is_generic(input: ParseStream) -> bool {
    let ahead = input.fork();
    let name = ahead.parse::<Ident>().is_ok() && ahead.peek(Token![<]);
    name && ahead.parse::<Generics>().is_ok() && ahead.peek(Token![:])
}

fn item(input: ParseStream, mistakes: &mut Mistakes) -> Result<Item> {
    let mut attributes = input.call(Attribute::parse_outer)?;
    let mut ours =
        |name: &str| attributes.extract_if(.., |attribute| attribute.path().is_ident(name)).collect::<Vec<_>>();
    let (budgets, exact) = (ours("budget"), ours("exact"));
    attributes.retain(|attribute| !attribute.path().is_ident("derive") || derives_no_more(attribute, mistakes));
    let budget = budgets.iter().flat_map(|attribute| budget::limits(attribute, mistakes)).collect();
    let visibility = input.parse()?;
    let (keyword, misplaced) = (input.fork().call(Ident::parse_any).ok(), no_keyword(input).err());
    if misplaced.is_some() {
        input.call(Ident::parse_any)?;
    }
    let name: Ident = expect(input, "a name", ITEM)?;
    if name == "Image" || name == "Sequence" {
        let message = format!("an attribute stands before a network with a name; for example {ITEM}");
        return Err(Error::new_spanned(name, message));
    }
    let generics: Generics = input.parse()?;
    let generic = !generics.params.is_empty();
    if generic {
        let way = "sizes that differ stand in networks of their own, or in a function that returns a net!(…)";
        mistakes.add(&name, format!("a network has no generic parameters: {way}"));
    }
    let mut header = Header { input, mistakes, example: ITEM, broken: generic, has_heads: false };
    let (arriving, output) = header.shapes(&name);
    let mut chain = if let Some(braced) = braced(input) {
        let header = braced::header(&visibility, &name, &arriving, &output);
        braced.read(&header, keyword.filter(|_| misplaced.is_some()).as_ref(), mistakes)
    } else {
        if let Some(error) = misplaced {
            header.mistakes.push(error);
        }
        let sign = header.sign::<Token![=]>("`=` and the layers");
        header.layers(sign, Place::ITEM)
    };
    exact::hold(&mut chain, &exact, mistakes);
    Ok(Item { attributes, budget, visibility, name, generics, input: arriving, output, chain })
}

/// Whether a derive asks for nothing that every network has.
fn derives_no_more(derive: &Attribute, mistakes: &mut Mistakes) -> bool {
    let traits = derive.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).unwrap_or_default();
    let had = traits.iter().filter(|derived| HAD.iter().any(|had| derived.is_ident(had)));
    let had: Vec<_> = had.collect();
    if let [first, ..] = had[..] {
        let names = had.iter().map(compact).collect::<Vec<_>>().join(" and ");
        mistakes.add(first, format!("every network is Clone, Copy, Debug and Default; leave out {names}"));
    }
    had.is_empty()
}

/// Keywords with which items start elsewhere.
fn no_keyword(input: ParseStream) -> Result<()> {
    let keyword = input.fork().call(Ident::parse_any).map(|word| word.to_string()).unwrap_or_default();
    if ["struct", "const", "static", "type", "let", "fn"].contains(&keyword.as_str()) {
        let example = format!("a network starts with its name; leave out `{keyword}`; for example {ITEM}");
        return Err(input.error(example));
    }
    Ok(())
}

fn expression(input: ParseStream, mistakes: &mut Mistakes) -> Expression {
    let mut header = Header { input, mistakes, example: EXPRESSION, broken: false, has_heads: false };
    let arriving = header.shape();
    let sign = header.sign::<Token![=>]>("`=>` and the layers");
    header.no_output();
    let chain = header.layers(sign, Place::EXPRESSION);
    Expression { input: arriving, chain }
}

/// What stands for a shape that could not be read.
pub(crate) fn unknown() -> Type {
    Type::Infer(syn::TypeInfer { attrs: Vec::new(), underscore_token: <Token![_]>::default() })
}

/// The signs and the shapes before a chain. What is wrong with one is noted, and reading goes on behind it.
struct Header<'a, 'b> {
    input: ParseStream<'a>,
    mistakes: &'b mut Mistakes,
    example: &'static str,
    /// Whether there has been a mistake.
    broken: bool,
    /// Whether several outputs are declared.
    has_heads: bool,
}

impl Header<'_, '_> {
    fn wrong(&mut self, error: Error) {
        self.mistakes.push(error);
        self.broken = true;
    }

    fn expected(&self, what: &str) -> Error {
        expected(self.input, what, &format!("; for example {}", self.example))
    }

    /// Whether what stands here is missing because of a mistake that is noted already.
    fn is_through(&self) -> bool {
        let ended = self.input.is_empty() || self.input.peek(Token![;]);
        self.broken && (ended || starts_chain(self.input))
    }

    /// Reads the sign `T`, or passes over what stands in its place.
    fn sign<T: Parse + ToTokens>(&mut self, what: &str) -> Option<TokenStream> {
        let error = self.expected(what);
        let sign = self.input.fork().parse::<T>().map(ToTokens::into_token_stream);
        let is_part = |sign: &TokenStream| self.input.peek(Token![=>]) && sign.to_string() == "=";
        match sign {
            Ok(sign) if !is_part(&sign) => return self.input.parse::<T>().map(|_| sign).ok(),
            _ if self.is_through() => return None,
            _ => self.wrong(error),
        }
        if !starts_chain(self.input) && !self.input.peek(Token![;]) {
            while self.input.parse::<Punct>().is_ok_and(|punct| punct.spacing() == Spacing::Joint) {}
        }
        None
    }

    /// Reads the layers behind `sign`.
    fn layers(&mut self, mut sign: Option<TokenStream>, place: Place) -> Chain {
        if sign.is_none() {
            sign = self.input.parse::<Token![=]>().ok().map(ToTokens::into_token_stream);
        }
        let missing = self.input.is_empty() || self.input.peek(Token![;]);
        if missing && self.broken {
            return Chain::default();
        }
        chain(self.input, &sign.unwrap_or_default(), place.with_heads(self.has_heads), self.mistakes)
    }

    /// Reads the two shapes of the network `name`, with the signs before them.
    fn shapes(&mut self, name: &Ident) -> (Type, Type) {
        if self.input.peek(token::Brace) {
            // `struct Net { … }`
            self.broken = true;
            return (unknown(), unknown());
        }
        self.sign::<Token![:]>(&format!("`:` and the shape that goes into {name}"));
        let arriving = self.shape();
        self.sign::<Token![=>]>("`=>` and the shape that comes out");
        let output = self.shape();
        (arriving, self.one_output(output))
    }

    /// Reads the type of a shape. A layer here means that the shape was forgotten.
    fn shape(&mut self) -> Type {
        if self.is_through() {
            return unknown();
        }
        let input = self.input;
        if starts_chain(input) {
            self.wrong(input.error(format!("expected a shape before the layers; for example {}", self.example)));
            return unknown();
        }
        if let Some((error, meant)) = nameless(input) {
            self.wrong(error);
            return meant;
        }
        let error = self.expected("a shape");
        let ty = match input.parse::<Type>() {
            Ok(ty) if !matches!(ty, Type::Infer(_)) => ty,
            _ => {
                self.wrong(error);
                skip(input, |input| input.peek(Token![=]) || input.peek(Token![;]));
                return unknown();
            }
        };
        if named(&ty).is_some() && (input.peek(token::Paren) || input.peek(token::Bracket)) {
            let Ok(sizes) = input.parse::<Group>() else { return unknown() };
            let (name, bare) = (compact(&ty), sizes.stream());
            let text = compact(&bare);
            self.wrong(Error::new_spanned(sizes, format!("the sizes of a shape stand in `<…>`: {name}<{text}>")));
            return syn::parse2(quote!(#ty<#bare>)).unwrap_or_else(|_| unknown());
        }
        if let Some(sample) = sample(&ty) {
            let message = format!("a network is declared by the shape of one sample: write {}", compact(&sample));
            self.wrong(Error::new_spanned(ty, message));
            return sample;
        }
        ty
    }
}

/// Whether the layers start here, or the `=` before them.
fn starts_chain(input: ParseStream) -> bool {
    let ahead = input.fork();
    let assigned = !ahead.peek(Token![=>]) && ahead.parse::<Token![=]>().is_ok();
    let word = ahead.fork().call(Ident::parse_any).map(|word| word.to_string()).unwrap_or_default();
    if catalogue::kind(&word).is_some() {
        return true;
    }
    let sizes = ahead.peek(token::Paren) || ahead.peek(token::Bracket) || ahead.peek(Lit);
    assigned && !sizes && !ahead.parse::<Type>().is_ok_and(|ty| named(&ty).is_some() || sample(&ty).is_some())
}

/// Sizes without the name of a shape, and the shape that was meant: `(1, 28, 28)`, `[1, 28, 28]`, `10`.
fn nameless(input: ParseStream) -> Option<(Error, Type)> {
    let (bare, tokens) = match input.fork().parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) if group.delimiter() != Delimiter::None => {
            (group.stream(), group.to_token_stream())
        }
        Ok(TokenTree::Literal(size)) => (size.to_token_stream(), size.to_token_stream()),
        _ => return None,
    };
    let sizes = Punctuated::<LitInt, Token![,]>::parse_terminated.parse2(bare.clone()).unwrap_or_default();
    let name = match sizes.len() {
        1 => "Vector",
        2 => "Sequence",
        3 => "Image",
        _ => return None,
    };
    let _ = input.parse::<TokenTree>();
    let error = Error::new_spanned(tokens, format!("a shape has a name: write {name}<{}>", compact(&bare)));
    let name = Ident::new(name, error.span());
    Some((error, syn::parse2(quote!(#name<#sizes>)).unwrap_or_else(|_| unknown())))
}

/// The shape in `Tensor<Image<1, 28, 28>>` or `Batch<Image<1, 28, 28>>`, or that of the sizes in `Tensor<1, 28, 28>`.
fn sample(ty: &Type) -> Option<Type> {
    let Type::Path(TypePath { path, .. }) = ty else { return None };
    let last = path.segments.last().filter(|last| last.ident == "Tensor" || last.ident == "Batch")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    if let GenericArgument::Type(inner) = arguments.args.first()? {
        return named(inner).map(|_| inner.clone());
    }
    let (name, sizes) = (["Vector", "Sequence", "Image"].get(arguments.args.len() - 1)?, &arguments.args);
    let name = Ident::new(name, last.ident.span());
    syn::parse2(quote!(#name<#sizes>)).ok()
}

fn expect<T: Parse>(input: ParseStream, what: &str, example: &str) -> Result<T> {
    let error = expected(input, what, &format!("; for example {example}"));
    input.parse().map_err(|_| error)
}
