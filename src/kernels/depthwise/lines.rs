//! How a channel lies in memory, and where each tap finds its values there.

use super::tiles::SIDE;
use super::{Depthwise, TAPS};
use crate::element::Element;
use crate::kernels::simd::{Lanes, WIDEST};
use crate::kernels::strided::{copy, gather};

/// A tap along one axis: it sees place p + `shift` of phase `phase`.
#[derive(Clone, Copy)]
pub(super) struct Tap {
    pub(super) phase: usize,
    pub(super) shift: isize,
}

/// A tap of a row or a column of the kernel.
#[derive(Clone, Copy, Default)]
pub(super) struct Term {
    /// Where it reads for the first position.
    pub(super) offset: isize,
    /// Its weight's place among those of its axis.
    pub(super) weight: usize,
}

/// Some taps of an axis.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) all: [Term; TAPS],
    pub(super) count: usize,
}

impl Terms {
    pub(super) const NONE: Self = Self { all: [Term { offset: 0, weight: 0 }; TAPS], count: 0 };

    #[inline(always)]
    pub(super) fn push(&mut self, term: Term) {
        self.all[self.count] = term;
        self.count += 1;
    }

    #[inline(always)]
    pub(super) const fn are_none(&self) -> bool {
        self.count == 0
    }

    /// Whether they are not more than a tile has.
    #[inline(always)]
    pub(super) const fn fit_a_tile(&self) -> bool {
        self.count <= SIDE
    }

    #[inline(always)]
    pub(super) fn each(&self) -> &[Term] {
        &self.all[..self.count]
    }
}

impl Depthwise {
    #[inline(always)]
    pub(super) const fn phases(&self) -> usize {
        self.window.stride[0] * self.window.stride[1]
    }

    /// The tap number `tap` along an axis.
    #[inline(always)]
    pub(super) const fn tap(&self, axis: usize, tap: usize) -> Tap {
        let place = (tap * self.window.dilation[axis]).cast_signed() - self.window.padding[axis].cast_signed();
        let stride = self.window.stride[axis].cast_signed();
        Tap { phase: place.rem_euclid(stride).cast_unsigned(), shift: place.div_euclid(stride) }
    }

    /// How far from its position a tap reads.
    pub(super) const fn distance(&self, [row, column]: [usize; 2]) -> isize {
        self.tap(0, row).shift * self.pitch.cast_signed() + self.tap(1, column).shift
    }

    /// Values of the output laid out in the lines' pitch.
    #[inline(always)]
    pub(super) const fn positions(&self) -> usize {
        self.window.output[0] * self.pitch
    }

    /// Values of a phase of the input.
    #[inline(always)]
    pub(super) const fn pixels(&self) -> usize {
        self.rows * self.pitch
    }

    /// Zeros before a line of x.
    #[inline(always)]
    pub(super) const fn x_lead(&self) -> usize {
        positive(-self.reach[0])
    }

    /// Values of a line of x with its zeros.
    #[inline(always)]
    pub(super) const fn x_len(&self) -> usize {
        self.x_lead() + larger(self.pixels(), self.positions() + positive(self.reach[1])) + WIDEST
    }

    /// Zeros before the line of dy.
    #[inline(always)]
    pub(super) const fn dy_lead(&self) -> usize {
        positive(self.reach[1])
    }

    /// Values of the line of dy with its zeros.
    #[inline(always)]
    pub(super) const fn dy_len(&self) -> usize {
        self.dy_lead() + larger(self.positions(), self.pixels() + positive(-self.reach[0])) + WIDEST
    }

    /// Columns of a phase of the input.
    #[inline(always)]
    pub(super) const fn columns(&self) -> usize {
        self.window.input[1].div_ceil(self.window.stride[1])
    }

    /// From one row of a plane to the next: whole registers.
    #[inline(always)]
    pub(super) const fn plane_pitch(&self) -> usize {
        larger(self.columns(), self.window.output[1]).next_multiple_of(WIDEST)
    }

    /// Room for the output or a phase of the input without zeros around it.
    #[inline(always)]
    pub(super) const fn plane_len(&self) -> usize {
        larger(self.rows, self.window.output[0]) * self.plane_pitch()
    }

    /// Room for the lanes of all taps' products and of the sum of dy, in whole squares of registers.
    pub(super) const fn lanes_len(&self) -> usize {
        (self.window.taps() + 1).next_multiple_of(WIDEST) * WIDEST
    }

    /// Lays a channel out in its phases.
    #[inline(always)]
    pub(super) fn lay_out<E: Element, V: Lanes<E>>(&self, x: &[E], lines: &mut [E]) {
        let (lead, len, pitch) = (self.x_lead(), self.x_len(), self.pitch);
        let ([_, width], [down, across]) = (self.window.input, self.window.stride);
        if self.phases() == 1 && width == pitch {
            return copy::<E, V>(x, &mut lines[lead..][..x.len()]);
        }
        let (mut phase, mut row) = (0, 0);
        for x in x.chunks_exact(width) {
            let phases = &mut lines[phase * across * len..][..across * len];
            let start = lead + row * pitch;
            match across {
                1 => lay::<E, V>(x, &mut phases[start..]),
                2 => {
                    // Whole registers: the zeros behind a row are overwritten by the next one.
                    let (even, odd) = phases.split_at_mut(len);
                    let room = width.div_ceil(2).next_multiple_of(V::COUNT);
                    deal::<E, V>(x, &mut even[start..][..room], &mut odd[start..][..room]);
                }
                _ => {
                    for (first, phase) in phases.chunks_exact_mut(len).enumerate() {
                        let to = phase[start..].iter_mut();
                        to.zip(x.iter().skip(first).step_by(across)).for_each(|(to, &x)| *to = x);
                    }
                }
            }
            phase += 1;
            if phase == down {
                (phase, row) = (0, row + 1);
            }
        }
    }

    /// The inverse of [`lay_out`](Self::lay_out), from phases without zeros around them.
    #[inline(always)]
    pub(super) fn collect<E: Element, V: Lanes<E>>(&self, planes: &[E], x: &mut [E]) {
        let (len, pitch) = (self.plane_len(), self.plane_pitch());
        let ([_, width], [down, across]) = (self.window.input, self.window.stride);
        let (mut phase, mut row) = (0, 0);
        for x in x.chunks_exact_mut(width) {
            let phases = &planes[phase * across * len..][..across * len];
            let start = row * pitch;
            match across {
                1 => copy::<E, V>(&phases[start..][..width], x),
                2 => {
                    let (even, odd) = phases.split_at(len);
                    let room = width.div_ceil(2).next_multiple_of(V::COUNT);
                    gather::<E, V>(&even[start..][..room], &odd[start..][..room], x);
                }
                _ => {
                    for (first, phase) in phases.chunks_exact(len).enumerate() {
                        let to = x.iter_mut().skip(first).step_by(across);
                        to.zip(&phase[start..]).for_each(|(to, &x)| *to = x);
                    }
                }
            }
            phase += 1;
            if phase == down {
                (phase, row) = (0, row + 1);
            }
        }
    }

    /// Copies the rows of an output, which lie side by side, to lines or back.
    #[inline(always)]
    pub(super) fn copy_rows<E: Element, V: Lanes<E>>(
        &self,
        (from, pitch): (&[E], usize),
        to: &mut [E],
        to_pitch: usize,
    ) {
        let [height, width] = self.window.output;
        if pitch == to_pitch {
            return copy::<E, V>(from, &mut to[..height * width]);
        }
        for row in 0..height {
            lay::<E, V>(&from[row * pitch..][..width], &mut to[row * to_pitch..]);
        }
    }
}

/// Copies a row. Behind one that is shorter than a register zeros are written as far as there is room, to be overwritten by the next.
#[inline(always)]
fn lay<E: Element, V: Lanes<E>>(row: &[E], to: &mut [E]) {
    if row.len() < V::COUNT { V::load_first(row).store_first(to) } else { copy::<E, V>(row, to) }
}

/// Deals a row into two phases, in whole registers.
#[inline(always)]
fn deal<E: Element, V: Lanes<E>>(x: &[E], even: &mut [E], odd: &mut [E]) {
    let (mut from, mut at) = (0, 0);
    while from < x.len() {
        let low = V::load_first(&x[from..]);
        from += V::COUNT;
        let high = if from < x.len() { V::load_first(&x[from..]) } else { V::splat(E::zero()) };
        from += V::COUNT;
        let [one, other] = low.deinterleave(high);
        one.store(even, at);
        other.store(odd, at);
        at += V::COUNT;
    }
}

pub(super) const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

pub(super) const fn positive(number: isize) -> usize {
    if number > 0 { number.cast_unsigned() } else { 0 }
}
