//! Reads what stands in `net!`: items or an expression.
//!
//! A header that cannot be read ends the reading of its item; in chains reading goes on, see [`crate::chain`].

use proc_macro2::{Group, Ident, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, GenericArgument, LitInt, PathArguments, Result, Token, Type, TypePath, Visibility, token};

use crate::ast::{Expression, Item, compact};
use crate::budget;
use crate::catalogue;
use crate::chain::{Place, chain, expected, is_named, skip};
use crate::error::Mistakes;
use crate::exact;
use crate::shape::named;

const ITEM: &str = "LeNet: Image<1, 28, 28> => Vector<10> = conv(6, k5) >> …";
const EXPRESSION: &str = "Image<3, 32, 32> => conv(32, k5) >> …";

/// What stands in `net!`.
pub(crate) enum Net {
    /// Items, each with its own mistakes.
    Items(Vec<Result<(Item, Mistakes)>>),
    Expression(Box<(Expression, Mistakes)>),
}

impl Parse for Net {
    fn parse(input: ParseStream) -> Result<Self> {
        if !is_item(input) {
            let mut mistakes = Mistakes::default();
            let expression = expression(input, &mut mistakes)?;
            return Ok(Self::Expression(Box::new((expression, mistakes))));
        }
        let mut items = Vec::new();
        while !input.is_empty() {
            let mut mistakes = Mistakes::default();
            let item = item(input, &mut mistakes);
            if item.is_err() {
                skip(input, |input| input.peek(Token![;]));
            }
            items.push(item.map(|item| (item, mistakes)));
            while input.parse::<Option<Token![;]>>()?.is_some() {}
        }
        Ok(Self::Items(items))
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
    name && ahead.parse::<syn::Generics>().is_ok() && ahead.peek(Token![:])
}

fn item(input: ParseStream, mistakes: &mut Mistakes) -> Result<Item> {
    let mut attributes = input.call(Attribute::parse_outer)?;
    let mut ours =
        |name: &str| attributes.extract_if(.., |attribute| attribute.path().is_ident(name)).collect::<Vec<_>>();
    let (budgets, exact) = (ours("budget"), ours("exact"));
    let budget = budgets.iter().flat_map(|attribute| budget::limits(attribute, mistakes)).collect();
    let visibility = input.parse()?;
    no_keyword(input)?;
    let name: Ident = expect(input, "a name", ITEM)?;
    if name == "Image" || name == "Sequence" {
        let message = format!("an attribute stands before a network with a name; for example {ITEM}");
        return Err(Error::new_spanned(name, message));
    }
    if input.peek(Token![<]) {
        let way = "sizes that differ stand in networks of their own, or in a function that returns a net!(…)";
        return Err(Error::new_spanned(&name, format!("a network has no generic parameters: {way}")));
    }
    expect::<Token![:]>(input, &format!("`:` and the shape that goes into {name}"), ITEM)?;
    let arriving = shape(input, ITEM)?;
    expect::<Token![=>]>(input, "`=>` and the shape that comes out", ITEM)?;
    let output = shape(input, ITEM)?;
    if input.peek(Token![=>]) {
        return Err(expected(input, "`=` and the layers", &format!("; for example {ITEM}")));
    }
    let sign: Token![=] = expect(input, "`=` and the layers", ITEM)?;
    let mut chain = chain(input, &sign.to_token_stream(), Place::ITEM, mistakes);
    exact::hold(&mut chain, &exact, mistakes);
    Ok(Item { attributes, budget, visibility, name, input: arriving, output, chain })
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

fn expression(input: ParseStream, mistakes: &mut Mistakes) -> Result<Expression> {
    let arriving = shape(input, EXPRESSION)?;
    let sign: Token![=>] = expect(input, "`=>` and the layers", EXPRESSION)?;
    let chain = chain(input, &sign.to_token_stream(), Place::EXPRESSION, mistakes);
    Ok(Expression { input: arriving, chain })
}

/// The type of a shape. A layer here means that the shape was forgotten.
fn shape(input: ParseStream, example: &str) -> Result<Type> {
    let ahead = input.fork();
    let is_layer = |word: Ident| catalogue::kind(&word.to_string()).is_some();
    if ahead.call(Ident::parse_any).is_ok_and(is_layer) {
        return Err(input.error(format!("expected a shape before the layers; for example {example}")));
    }
    nameless(input)?;
    let ty: Type = expect(input, "a shape", example)?;
    if named(&ty).is_some() && (input.peek(token::Paren) || input.peek(token::Bracket)) {
        let sizes: Group = input.parse()?;
        let (name, text) = (compact(&ty), compact(sizes.stream()));
        return Err(Error::new_spanned(sizes, format!("the sizes of a shape stand in `<…>`: {name}<{text}>")));
    }
    if let Some(sample) = sample(&ty) {
        let message = format!("a network is declared by the shape of one sample: write {}", compact(&sample));
        return Err(Error::new_spanned(ty, message));
    }
    Ok(ty)
}

/// Refuses sizes without the name of a shape: `(1, 28, 28)`, `[1, 28, 28]`, `10`.
fn nameless(input: ParseStream) -> Result<()> {
    let (bare, tokens) = match input.fork().parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) => (group.stream(), group.to_token_stream()),
        Ok(TokenTree::Literal(size)) => (size.to_token_stream(), size.to_token_stream()),
        _ => return Ok(()),
    };
    let sizes = Punctuated::<LitInt, Token![,]>::parse_terminated.parse2(bare.clone()).unwrap_or_default();
    let name = match sizes.len() {
        1 => "Vector",
        2 => "Sequence",
        3 => "Image",
        _ => return Ok(()),
    };
    Err(Error::new_spanned(tokens, format!("a shape has a name: write {name}<{}>", compact(&bare))))
}

/// The shape in `Tensor<Image<1, 28, 28>>` or `Batch<Image<1, 28, 28>>`.
fn sample(ty: &Type) -> Option<Type> {
    let Type::Path(TypePath { path, .. }) = ty else { return None };
    let last = path.segments.last().filter(|last| last.ident == "Tensor" || last.ident == "Batch")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => named(inner).map(|_| inner.clone()),
        _ => None,
    }
}

fn expect<T: Parse>(input: ParseStream, what: &str, example: &str) -> Result<T> {
    let error = expected(input, what, &format!("; for example {example}"));
    input.parse().map_err(|_| error)
}
