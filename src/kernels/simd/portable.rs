//! The level of any processor.

use core::ops::{Add, Div, Mul, Sub};

use super::{Lanes, WIDEST, transpose_in_rounds};
use crate::element::Element;

/// Eight values: two or four registers to a compiler that knows no more than the architecture's baseline.
#[derive(Clone, Copy)]
pub(super) struct Array<E>([E; 8]);

impl<E: Element> Array<E> {
    #[inline(always)]
    fn combine(mut self, other: Self, operation: impl Fn(E, E) -> E) -> Self {
        for lane in 0..8 {
            self.0[lane] = operation(self.0[lane], other.0[lane]);
        }
        self
    }
}

impl<E: Element> Lanes<E> for Array<E> {
    const COUNT: usize = 8;

    #[inline(always)]
    fn splat(value: E) -> Self {
        Self([value; 8])
    }

    #[inline(always)]
    fn load(values: &[E], at: usize) -> Self {
        Self(*values[at..].first_chunk().expect("a register of values"))
    }

    #[inline(always)]
    fn load_first(values: &[E]) -> Self {
        Self(core::array::from_fn(|lane| values.get(lane).copied().unwrap_or_default()))
    }

    #[inline(always)]
    fn store(self, values: &mut [E], at: usize) {
        *values[at..].first_chunk_mut().expect("room for a register") = self.0;
    }

    #[inline(always)]
    fn store_first(self, values: &mut [E]) {
        values.iter_mut().zip(self.0).for_each(|(value, lane)| *value = lane);
    }

    #[inline(always)]
    fn multiply_add(mut self, a: Self, b: Self) -> Self {
        for lane in 0..8 {
            self.0[lane] += a.0[lane] * b.0[lane];
        }
        self
    }

    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        self.combine(bound, |value, bound| if value < bound { bound } else { value })
    }

    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        self.combine(bound, |value, bound| if value > bound { bound } else { value })
    }

    #[inline(always)]
    fn relu(self) -> Self {
        self.at_least(Self::splat(E::zero()))
    }

    #[inline(always)]
    fn where_at_most(self, bound: Self, then: Self, mut otherwise: Self) -> Self {
        for lane in 0..8 {
            let at_most = self.0[lane] <= bound.0[lane];
            otherwise.0[lane] = if at_most { then.0[lane] } else { otherwise.0[lane] };
        }
        otherwise
    }

    #[inline(always)]
    fn scale(self, exponent: Self) -> Self {
        self.combine(exponent, E::scale)
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> [Self; 2] {
        let [a, b] = [self.0, other.0];
        [[a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]], [a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7]]].map(Self)
    }

    #[inline(always)]
    fn deinterleave(self, other: Self) -> [Self; 2] {
        let [a, b] = [self.0, other.0];
        [[a[0], a[2], a[4], a[6], b[0], b[2], b[4], b[6]], [a[1], a[3], a[5], a[7], b[1], b[3], b[5], b[7]]].map(Self)
    }

    #[inline(always)]
    fn transpose(square: [Self; WIDEST]) -> [Self; WIDEST] {
        transpose_in_rounds(square)
    }

    #[inline(always)]
    fn pick(self, later: Self, mut kept: Self, replaced: Self) -> Self {
        for lane in 0..8 {
            let (maximum, later) = (self.0[lane], later.0[lane]);
            kept.0[lane] = if maximum >= later || maximum.is_nan() { kept.0[lane] } else { replaced.0[lane] };
        }
        kept
    }
}

macro_rules! operators {
    ($($operator:ident $method:ident),*) => { $(
        impl<E: Element> $operator for Array<E> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.combine(other, E::$method)
            }
        }
    )* };
}

operators!(Add add, Sub sub, Mul mul, Div div);
