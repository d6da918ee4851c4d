//! The numbers that networks compute with: `f32` to train and ship, `f64` to check gradients sharply.

use core::fmt::{Debug, Display};
use core::iter::Sum;

use num_traits::{Float, NumAssign};

use crate::activation::Functions;
use crate::kernels::gemm::{self, Matrix, MatrixMut};
use crate::kernels::math::Constants;
use crate::kernels::simd::Registers;

/// A floating-point number: `f32` or `f64`.
///
/// Sealed, because the kernels exist for these two.
pub trait Element:
    Float
    + NumAssign
    + Sum
    + Default
    + Debug
    + Display
    + Send
    + Sync
    + 'static
    + Registers
    + Constants
    + Functions
    + sealed::Sealed
{
    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;

    /// The number as `f64`.
    fn as_f64(self) -> f64;

    /// c = a·b + beta·c.
    fn multiply(a: Matrix<'_, Self>, b: Matrix<'_, Self>, beta: Self, c: MatrixMut<'_, Self>);
}

impl Element for f32 {
    #[allow(clippy::cast_possible_truncation)] // the nearest f32 is what is asked for
    fn from_f64(value: f64) -> Self {
        value as Self
    }

    fn as_f64(self) -> f64 {
        f64::from(self)
    }

    fn multiply(a: Matrix<'_, Self>, b: Matrix<'_, Self>, beta: Self, c: MatrixMut<'_, Self>) {
        gemm::multiply_f32(a, b, beta, c);
    }
}

impl Element for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }

    fn as_f64(self) -> f64 {
        self
    }

    fn multiply(a: Matrix<'_, Self>, b: Matrix<'_, Self>, beta: Self, c: MatrixMut<'_, Self>) {
        gemm::multiply_f64(a, b, beta, c);
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}
