//! Rows whose values lie whole strides apart.

use super::simd::Lanes;
use crate::element::Element;

/// Copies a run, and zeros up to the end of its last register where `to` is longer.
#[inline(always)]
pub(super) fn copy<E: Element, V: Lanes<E>>(from: &[E], to: &mut [E]) {
    let (whole, mut at) = (from.len().min(to.len()), 0);
    while at + V::COUNT <= whole {
        V::load(from, at).store(to, at);
        at += V::COUNT;
    }
    while at < from.len() && at < to.len() {
        V::load_first(&from[at..]).store_first(&mut to[at..]);
        at += V::COUNT;
    }
}

/// Deals a row into two in turn, and zeros behind it where they are longer.
#[inline(always)]
pub(super) fn deal<E: Element, V: Lanes<E>>(x: &[E], mut even: &mut [E], mut odd: &mut [E]) {
    for x in x.chunks(2 * V::COUNT) {
        let (low, high) = x.split_at(V::COUNT.min(x.len()));
        let [one, other] = V::load_first(low).deinterleave(V::load_first(high));
        one.store_first(even);
        other.store_first(odd);
        even = even.get_mut(V::COUNT..).unwrap_or_default();
        odd = odd.get_mut(V::COUNT..).unwrap_or_default();
    }
}

/// Takes a row from two in turn.
#[inline(always)]
pub(super) fn gather<E: Element, V: Lanes<E>>(mut even: &[E], mut odd: &[E], x: &mut [E]) {
    for x in x.chunks_mut(2 * V::COUNT) {
        let (low, high) = x.split_at_mut(V::COUNT.min(x.len()));
        let [one, other] = V::load_first(even).interleave(V::load_first(odd));
        one.store_first(low);
        other.store_first(high);
        even = even.get(V::COUNT..).unwrap_or_default();
        odd = odd.get(V::COUNT..).unwrap_or_default();
    }
}
