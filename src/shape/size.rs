//! Sizes: the numbers that rustc prints and the numbers that the type system calculates with.

use core::ops::{Add, Mul};

use typenum::{B0, B1, Prod, Sum, U4096, UInt, UTerm};

/// A size as rustc prints it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Const<const SIZE: usize>;

/// The number that a type stands for.
pub trait Size {
    /// The number.
    const SIZE: usize;
}

impl<const SIZE: usize> Size for Const<SIZE> {
    const SIZE: usize = SIZE;
}

/// The table that knows the arithmetic form of every size from 0 to [`LIMIT`].
#[derive(Clone, Copy, Debug)]
pub struct Sizes;

/// The largest size of one dimension. Products (the length of an image) may be larger.
pub const LIMIT: usize = 4096;

/// [`LIMIT`] as a type-level number.
pub type Limit = U4096;

/// `Sizes: Dim<SIZE>` holds for every size in the table.
#[diagnostic::on_unimplemented(
    message = "`{SIZE}` is not known to be a size: channels, rows, columns and features are numbers from 0 to 4096",
    label = "`{SIZE}` is not known to be one of 0 to 4096",
    note = "only single sizes are limited; products such as the length of an image may be larger",
    note = "a const parameter may be any number: it can stand for channels and features, `conv(N, k3)`, but rows, columns, kernels, strides and groups have to be numbers"
)]
pub trait Dim<const SIZE: usize> {
    /// The size as a type-level number.
    type N;
}

/// A type-level number that can be printed again: the inverse of [`Dim`].
#[diagnostic::on_unimplemented(
    message = "a calculated size is too large: channels, rows, columns and features are at most 4096 each",
    label = "what this layer gives has a size of more than 4096"
)]
pub trait Named {
    /// The same number as a [`Const`].
    type Dim: Size;
}

/// The type-level number of `SIZE`.
pub type N<const SIZE: usize> = <Sizes as Dim<SIZE>>::N;

/// The sum of two sizes: channels that are joined.
///
/// # Examples
///
/// ```
/// use shapewright::shape::size::{Plus, Size, Sizes, Times};
///
/// assert_eq!(<<Sizes as Plus<64, 32>>::Sum as Size>::SIZE, 96);
/// assert_eq!(<<Sizes as Times<64, 4>>::Product as Size>::SIZE, 256);
/// ```
pub trait Plus<const A: usize, const B: usize> {
    /// A + B, as a [`Const`].
    type Sum: Size;
}

impl<const A: usize, const B: usize> Plus<A, B> for Sizes
where
    Self: Dim<A> + Dim<B>,
    N<A>: Add<N<B>>,
    Sum<N<A>, N<B>>: Named,
{
    type Sum = <Sum<N<A>, N<B>> as Named>::Dim;
}

/// The product of two sizes: channels that are multiplied.
pub trait Times<const A: usize, const B: usize> {
    /// A · B, as a [`Const`].
    type Product: Size;
}

impl<const A: usize, const B: usize> Times<A, B> for Sizes
where
    Self: Dim<A> + Dim<B>,
    N<A>: Mul<N<B>>,
    Prod<N<A>, N<B>>: Named,
{
    type Product = <Prod<N<A>, N<B>> as Named>::Dim;
}

shapewright_macros::dimension_table!(4096);
