//! Reads numbers and pairs of numbers.
//!
//! A number with a mistake in it becomes an unknown number: nothing that follows from it is reported again.

use std::ops::RangeInclusive;

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, Lit, LitInt, Stmt, UnOp};

use crate::ast::{Number, Pair, Real, compact};
use crate::catalogue::RealWord;
use crate::error::Mistakes;

/// The largest size of one dimension: the end of the dimension table.
pub(crate) const LIMIT: usize = 4096;

impl Number {
    /// A literal at the place of the word that implies it.
    pub(crate) fn literal(value: usize, span: Span) -> Self {
        let mut literal = Literal::usize_unsuffixed(value);
        literal.set_span(span);
        Self { tokens: TokenTree::from(literal).into(), text: value.to_string(), value: Some(value) }
    }

    /// A number that could not be read.
    pub(crate) fn unknown() -> Self {
        Self { tokens: TokenTree::from(Ident::new("_", Span::call_site())).into(), text: "_".to_owned(), value: None }
    }

    /// A literal within `range`, or a const expression.
    pub(crate) fn read(
        tokens: &TokenStream,
        name: &str,
        range: RangeInclusive<usize>,
        mistakes: &mut Mistakes,
    ) -> Self {
        let text = compact(tokens);
        let read = match syn::parse2::<Expr>(tokens.clone()).map(ungrouped) {
            Ok(Expr::Lit(syn::ExprLit { lit: Lit::Int(literal), .. })) => {
                literal_in(&literal, name, &range).map(|value| (literal.to_token_stream(), Some(value)))
            }
            Ok(Expr::Unary(syn::ExprUnary { op: UnOp::Neg(_), .. })) => {
                Err(format!("{name} must be at least {}, not {}", range.start(), text.replace(' ', "")))
            }
            Ok(Expr::Block(block)) => Ok((block.into_token_stream(), None)),
            Ok(Expr::Assign(assigned)) => {
                Err(format!("{name} is written without a name; write {} alone", compact(&assigned.right)))
            }
            Ok(Expr::Tuple(pair)) if pair.elems.len() == 2 && compact(&pair.elems[0]) == compact(&pair.elems[1]) => {
                Err(format!(
                    "{name} is one number for rows and columns, not `{text}`; write {}",
                    compact(&pair.elems[0])
                ))
            }
            Ok(expression) if may_be_const(&expression) => {
                let value = calculated(&expression).map(|value| within(value, &value.to_string(), name, &range));
                let braced = quote_spanned!(expression.span()=> { #expression });
                value.transpose().map(|value| (braced, value))
            }
            _ => Err(format!("{name} has to be a whole number, a constant or a {{block}}, not `{text}`")),
        };
        let (tokens, value) = read.unwrap_or_else(|message| {
            mistakes.add(tokens, message);
            (tokens.clone(), None)
        });
        Self { tokens, text, value }
    }
}

/// An expression out of the invisible brackets in which a macro hands on what it was given.
fn ungrouped(expression: Expr) -> Expr {
    if let Expr::Group(group) = expression { ungrouped(*group.expr) } else { expression }
}

/// The value of a literal within `range`.
fn literal_in(literal: &LitInt, name: &str, range: &RangeInclusive<usize>) -> Result<usize, String> {
    within(literal.base10_parse().unwrap_or(usize::MAX), &literal.to_string(), name, range)
}

/// A value within `range`.
fn within(value: usize, shown: &str, name: &str, range: &RangeInclusive<usize>) -> Result<usize, String> {
    let (least, most) = (range.start(), range.end());
    match value {
        value if value < *least => Err(format!("{name} must be at least {least}, not {value}")),
        value if value <= *most => Ok(value),
        _ => Err(format!("{name} is {shown}, but must be at most {most}; write {most} or less")),
    }
}

/// The value of an expression in which literals alone are added and multiplied: `16*5*5`.
fn calculated(expression: &Expr) -> Option<usize> {
    match expression {
        Expr::Lit(syn::ExprLit { lit: Lit::Int(literal), .. }) => literal.base10_parse().ok(),
        Expr::Paren(inner) => calculated(&inner.expr),
        Expr::Group(inner) => calculated(&inner.expr),
        Expr::Binary(syn::ExprBinary { left, op, right, .. }) => {
            let (left, right) = (calculated(left)?, calculated(right)?);
            match op {
                BinOp::Add(_) => left.checked_add(right),
                BinOp::Mul(_) => left.checked_mul(right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether an expression can be a number that is known at compile time.
fn may_be_const(expression: &Expr) -> bool {
    !matches!(
        expression,
        Expr::Array(_)
            | Expr::Assign(_)
            | Expr::Closure(_)
            | Expr::Infer(_)
            | Expr::Lit(_)
            | Expr::Range(_)
            | Expr::Tuple(_)
    )
}

impl Real {
    /// A literal within the range of `word`, or an expression.
    pub(crate) fn read(tokens: &TokenStream, word: &RealWord, mistakes: &mut Mistakes) -> Self {
        let RealWord { name, least, most, example } = word;
        let text = compact(tokens);
        let expression = syn::parse2::<Expr>(tokens.clone()).map(ungrouped);
        let is_expression = match &expression {
            Ok(Expr::Unary(negated)) if matches!(negated.op, UnOp::Neg(_)) => !matches!(*negated.expr, Expr::Lit(_)),
            Ok(expression) => may_be_const(expression),
            Err(_) => false,
        };
        // a literal: `- 1` is one
        let text = if is_expression { text } else { text.replace("- ", "-") };
        let value = if is_expression { None } else { text.replace('_', "").parse::<f64>().ok() };
        if value.is_none() && !is_expression {
            mistakes.add(tokens, format!("the {name} has to be a number, a constant or a {{block}}, not `{text}`"));
        }
        if value.is_some_and(|value| !(*least..=*most).contains(&value)) {
            let range = word.range();
            mistakes.add(tokens, format!("the {name} must be {range}, not {text}; for example {example}"));
        }
        let tokens = match (expression, value) {
            // a whole number stands for a real one
            (Ok(expression), Some(value)) if value.fract() == 0.0 => {
                let literal = Literal::f64_unsuffixed(value.abs());
                let sign =
                    if value.is_sign_negative() { quote_spanned!(expression.span()=> -) } else { TokenStream::new() };
                quote_spanned!(expression.span()=> #sign #literal)
            }
            (Ok(Expr::Block(block)), _) => unbraced(&block.block),
            _ => tokens.clone(),
        };
        Self { tokens, text, is_expression }
    }

    /// A number that could not be read.
    pub(crate) fn unknown() -> Self {
        Self { tokens: TokenStream::new(), text: "_".to_owned(), is_expression: false }
    }

    /// The number that stands in the catalogue.
    pub(crate) fn literal(text: &str) -> Self {
        Self { tokens: text.parse().unwrap_or_default(), text: text.to_owned(), is_expression: false }
    }
}

/// A value at hand; braces around one value would be reported as unused.
pub(crate) fn unbraced(block: &Block) -> TokenStream {
    if let [Stmt::Expr(value, None)] = block.stmts.as_slice() {
        value.to_token_stream()
    } else {
        block.to_token_stream()
    }
}

impl Pair {
    /// One number for both axes.
    pub(crate) fn both(number: Number, tokens: impl ToTokens) -> Self {
        Self { rows: number.clone(), columns: number, tokens: tokens.into_token_stream() }
    }

    /// A literal for both axes, at the place of the word that implies it.
    pub(crate) fn literal(value: usize, word: &Ident) -> Self {
        Self::both(Number::literal(value, word.span()), word)
    }

    /// A pair that could not be read.
    pub(crate) fn unknown(tokens: impl ToTokens) -> Self {
        Self::both(Number::unknown(), tokens)
    }
}
