//! Reads `#[budget(params <= 62_000, inference_bytes <= 128 KiB)]`, and writes the constants that hold a network to it.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Block, Error, Lit, LitFloat, LitInt, Meta, Path, Result};

use crate::arguments::split;
use crate::chain::expected;
use crate::emit::Root;
use crate::error::Mistakes;
use crate::infer::Row;
use crate::number::unbraced;
use crate::words::nearest;

/// The figures that may have a limit, and whether they are bytes.
const KEYS: [(&str, bool); 7] = [
    ("params", false),
    ("state", false),
    ("macs", false),
    ("flops", false),
    ("depth", false),
    ("inference_bytes", true),
    ("weights_bytes", true),
];

/// Units of bytes.
const UNITS: [(&str, usize); 3] = [("B", 1), ("KiB", 1024), ("MiB", 1024 * 1024)];

const EXAMPLE: &str = "#[budget(params <= 62_000, inference_bytes <= 128 KiB)]";

/// One limit of a budget.
pub(crate) struct Limit {
    key: Ident,
    most: TokenStream,
    /// The last token of the limit.
    end: Span,
}

/// The limits that `attribute` states.
pub(crate) fn limits(attribute: &Attribute, mistakes: &mut Mistakes) -> Vec<Limit> {
    let Meta::List(list) = &attribute.meta else {
        mistakes.add(attribute, format!("a budget says its limits: {EXAMPLE}"));
        return Vec::new();
    };
    if list.tokens.is_empty() {
        mistakes.add(attribute, format!("a budget says its limits: {EXAMPLE}"));
    }
    let mut limits: Vec<Limit> = Vec::new();
    for part in split(list.tokens.clone(), mistakes) {
        match (|input: ParseStream| limit(input, mistakes)).parse2(part) {
            Ok(Some(limit)) => match limits.iter().find(|earlier| earlier.key == limit.key) {
                Some(_) => mistakes.add(&limit.key, format!("`{}` has two limits; leave one out", limit.key)),
                None => limits.push(limit),
            },
            Ok(None) => {}
            Err(error) => mistakes.push(error),
        }
    }
    limits
}

/// `inference_bytes <= 128 KiB`; none where a mistake is noted already.
fn limit(input: ParseStream, mistakes: &mut Mistakes) -> Result<Option<Limit>> {
    let error = expected(input, "a figure", &hint());
    let key = input.call(Ident::parse_any).map_err(|_| error)?;
    let Some(is_bytes) = bytes(&key, mistakes) else {
        input.parse::<TokenStream>()?;
        return Ok(None);
    };
    comparison(input, &key, mistakes)?;
    let number = Amount::parse(input)?;
    let unit = input.parse::<Option<Ident>>()?;
    if input.peek(syn::Token![*]) || input.peek(syn::Token![+]) || input.peek(syn::Token![-]) {
        let way = format!(
            "; a calculation stands in braces: {{ {} {} }}",
            number.tokens,
            input.fork().parse::<TokenStream>()?
        );
        return Err(expected(input, "a single number", &way));
    }
    if !input.is_empty() {
        return Err(expected(input, &format!("a comma behind the limit of `{key}`"), &hint()));
    }
    let end = unit.as_ref().map_or(number.span, Ident::span);
    let unit = unit.map(|unit| (unit.to_string(), unit.span())).or(number.suffix);
    let factor = match &unit {
        None => Some(1),
        Some((unit, span)) => factor(&key, is_bytes, unit, number.value, *span, mistakes),
    };
    let (Some(factor), number_tokens) = (factor, number.tokens) else { return Ok(None) };
    let most = match number.value.map(|value| value.checked_mul(factor)) {
        Some(Some(most)) => Literal::usize_unsuffixed(most).to_token_stream(),
        Some(None) => {
            mistakes.add(number_tokens, format!("the limit of `{key}` is more than a number here can say"));
            return Ok(None);
        }
        None if factor == 1 => number_tokens,
        None => {
            let factor = Literal::usize_unsuffixed(factor);
            quote!(#number_tokens * #factor)
        }
    };
    Ok(Some(Limit { key, most, end }))
}

/// Whether the figure is in bytes; none if there is no such figure.
fn bytes(key: &Ident, mistakes: &mut Mistakes) -> Option<bool> {
    let text = key.to_string();
    if let Some((_, is_bytes)) = KEYS.iter().find(|(known, _)| *known == text) {
        return Some(*is_bytes);
    }
    let foreign = match text.as_str() {
        "parameters" | "weights" => Some("params"),
        "ram" | "memory" | "bytes" | "activations" | "peak" => Some("inference_bytes"),
        "rom" | "flash" | "size" => Some("weights_bytes"),
        _ => {
            let mut names = KEYS.iter().map(|(known, _)| *known);
            names.clone().find(|name| text.contains(name)).or_else(|| nearest(&text.to_lowercase(), &mut names))
        }
    };
    let way = match foreign {
        Some(guess) => format!("did you mean `{guess}`? {}", known()),
        None if text.starts_with("train") => {
            "a limit of training is said outside: const _: () = assert!(Net::training_bytes(64) <= 4 << 20);".to_owned()
        }
        None => known(),
    };
    mistakes.add(key, format!("a budget has no figure `{text}`; {way}"));
    None
}

/// Reads `<=`, or what stands in its place.
fn comparison(input: ParseStream, key: &Ident, mistakes: &mut Mistakes) -> Result<()> {
    let mut sign = TokenStream::new();
    while let Ok(punct) = input.parse::<Punct>() {
        sign.extend([TokenTree::from(punct)]);
    }
    let text: String = sign.to_string().split_whitespace().collect();
    if input.is_empty() {
        let at = if sign.is_empty() { key.to_token_stream() } else { sign };
        return Err(Error::new_spanned(at, format!("`{key}` has no limit{}", hint())));
    }
    if sign.is_empty() {
        return Err(expected(input, &format!("`<=` behind `{key}`"), &hint()));
    }
    if text != "<=" {
        mistakes.add(sign, format!("a limit is the most that `{key}` may be: write `<=`, not `{text}`"));
    }
    Ok(())
}

/// What the number is multiplied by; none if the unit is wrong, which is noted.
fn factor(
    key: &Ident,
    is_bytes: bool,
    unit: &str,
    number: Option<usize>,
    span: Span,
    mistakes: &mut Mistakes,
) -> Option<usize> {
    let at = Ident::new("unit", span);
    if !is_bytes {
        let thousands = match unit.to_lowercase().chars().next() {
            Some('k') => 1_000,
            Some('m') => 1_000_000,
            Some('g') => 1_000_000_000,
            _ => 1,
        };
        let number = number.and_then(|number| number.checked_mul(thousands)).map_or("…".to_owned(), grouped);
        mistakes.add(at, format!("`{key}` is a number without a unit; write {key} <= {number}"));
        return None;
    }
    let number = number.map_or("…".to_owned(), grouped);
    let factor = UNITS.iter().find(|(known, _)| *known == unit).map(|(_, factor)| *factor);
    if factor.is_none() {
        let guess = match unit.to_lowercase().chars().next() {
            Some('k') => "KiB (1,024 bytes)",
            Some('m') => "MiB (1,048,576 bytes)",
            _ => "B, KiB (1,024 bytes) or MiB (1,048,576 bytes)",
        };
        mistakes.add(at, format!("bytes are counted in B, KiB and MiB, not in `{unit}`; write {number} {guess}"));
    }
    factor
}

/// The number of a limit: a literal, a constant or a block.
struct Amount {
    tokens: TokenStream,
    value: Option<usize>,
    /// A unit that stands at the digits: `128KiB`.
    suffix: Option<(String, Span)>,
    span: Span,
}

impl Amount {
    fn parse(input: ParseStream) -> Result<Self> {
        if input.peek(Lit) {
            let whole = |literal: LitFloat| literal.base10_parse().ok().filter(|value: &f64| value.fract() == 0.0);
            let way = match input.fork().parse().ok().and_then(whole).map(|value| format!("{value:.0}").parse()) {
                Some(Ok(value)) => format!("; write {}", grouped(value)),
                _ => hint(),
            };
            let error = expected(input, "a whole number", &way);
            let literal = input.parse::<LitInt>().map_err(|_| error)?;
            let suffix = Some((literal.suffix().to_owned(), literal.span())).filter(|(suffix, _)| !suffix.is_empty());
            let span = literal.span();
            return Ok(Self { tokens: literal.to_token_stream(), value: Some(literal.base10_parse()?), suffix, span });
        }
        if input.peek(syn::token::Brace) {
            let block: Block = input.parse()?;
            let span = block.brace_token.span.close();
            return Ok(Self { tokens: parenthesised(&unbraced(&block)), value: None, suffix: None, span });
        }
        let error = expected(input, "a limit", &hint());
        let constant = input.call(Path::parse_mod_style).map_err(|_| error)?;
        let span = constant.segments.last().map_or_else(Span::call_site, |segment| segment.ident.span());
        Ok(Self { tokens: constant.to_token_stream(), value: None, suffix: None, span })
    }
}

/// `62_000`
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|part| str::from_utf8(part).ok()).collect();
    parts.join("_")
}

fn parenthesised(tokens: &TokenStream) -> TokenStream {
    quote!((#tokens))
}

fn hint() -> String {
    format!("; for example {EXAMPLE}")
}

/// All figures for a message.
fn known() -> String {
    let keys = KEYS.map(|(key, _)| key).join(", ");
    format!("it limits: {keys}")
}

/// A constant for each limit, which is an error at the limit where the network is over it. The `rows` are its stages.
pub(crate) fn checks(limits: &[Limit], network: &Ident, rows: &[Row], krate: &TokenStream) -> TokenStream {
    let (import, name) = (Root::import(krate), network.unraw().to_string());
    let stages = stages(rows);
    let check = |Limit { key, most, end }: &Limit| {
        let mut arguments = Group::new(Delimiter::Parenthesis, most.clone());
        arguments.set_span(*end);
        let check = quote_spanned! {key.span()=>
            __shapewright::Budget::of(#name, &#network::FIGURES, &[#stages]).#key #arguments
        };
        quote! {
            const _: () = {
                #import
                #check
            };
        }
    };
    limits.iter().map(check).collect()
}

/// The names of stages, each with its layer's word.
fn stages(rows: &[Row]) -> TokenStream {
    let of = |Row { stage, layer, branches, .. }: &Row| {
        let word = layer.split('(').next().unwrap_or(layer);
        if branches.is_empty() { quote!((#stage, #word),) } else { stages(branches) }
    };
    rows.iter().map(of).collect()
}
