//! Rows whose values lie whole strides apart.

use super::simd::Lanes;
use crate::element::Element;

/// Copies as many values as both have.
#[inline(always)]
pub(super) fn copy<E: Element, V: Lanes<E>>(from: &[E], to: &mut [E]) {
    let len = from.len().min(to.len());
    let Some(last) = len.checked_sub(V::COUNT) else {
        return V::load_first(&from[..len]).store_first(&mut to[..len]);
    };
    for (from, to) in from[..len].chunks_exact(V::COUNT).zip(to[..len].chunks_exact_mut(V::COUNT)) {
        V::load(from, 0).store(to, 0);
    }
    V::load(from, last).store(to, last);
}

/// Deals a row into two in turn, and zeros behind it where they are longer.
#[inline(always)]
pub(super) fn deal<E: Element, V: Lanes<E>>(x: &[E], even: &mut [E], odd: &mut [E]) {
    let whole = x.len().min(2 * even.len()).min(2 * odd.len()) / (2 * V::COUNT);
    for index in 0..whole {
        let [one, other] = V::load(x, 2 * index * V::COUNT).deinterleave(V::load(x, (2 * index + 1) * V::COUNT));
        one.store(even, index * V::COUNT);
        other.store(odd, index * V::COUNT);
    }
    let (mut even, mut odd) = (&mut even[whole * V::COUNT..], &mut odd[whole * V::COUNT..]);
    for x in x[2 * whole * V::COUNT..].chunks(2 * V::COUNT) {
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
pub(super) fn gather<E: Element, V: Lanes<E>>(even: &[E], odd: &[E], x: &mut [E]) {
    let whole = x.len().min(2 * even.len()).min(2 * odd.len()) / (2 * V::COUNT);
    for index in 0..whole {
        let [one, other] = V::load(even, index * V::COUNT).interleave(V::load(odd, index * V::COUNT));
        one.store(x, 2 * index * V::COUNT);
        other.store(x, (2 * index + 1) * V::COUNT);
    }
    let (mut even, mut odd) = (&even[whole * V::COUNT..], &odd[whole * V::COUNT..]);
    for x in x[2 * whole * V::COUNT..].chunks_mut(2 * V::COUNT) {
        let (low, high) = x.split_at_mut(V::COUNT.min(x.len()));
        let [one, other] = V::load_first(even).interleave(V::load_first(odd));
        one.store_first(low);
        other.store_first(high);
        even = even.get(V::COUNT..).unwrap_or_default();
        odd = odd.get(V::COUNT..).unwrap_or_default();
    }
}
