//! How the channels of an image lie in memory between two layers.

use crate::element::Element;
use crate::kernels::simd::Level;
use crate::layer::{Head, Layer};
use crate::shape::Shape;

/// How the values of a sample lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Channel after channel: (C, H, W).
    Planar,
    /// As many channels as a register has lanes, [`Level::lanes`], lie side by side at each pixel: (C/lanes, H, W, lanes).
    Interleaved,
}

/// How the input of a layer lies, and how its output is to lie.
///
/// Interleaved is only what stands between two layers that both say so ([`Layer::INTERLEAVES`]), in inference of a folded model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layouts {
    /// The input.
    pub x: Layout,
    /// The output.
    pub y: Layout,
}

impl Layouts {
    /// Both channel after channel.
    pub const PLANAR: Self = Self { x: Layout::Planar, y: Layout::Planar };

    /// Whether both lie channel after channel.
    #[must_use]
    pub const fn are_planar(self) -> bool {
        matches!((self.x, self.y), (Layout::Planar, Layout::Planar))
    }

    /// Those of `A` and of `B` behind it, which together have these.
    pub(crate) fn divide<I: Shape, A: Layer<I>, B: Layer<A::Output>, E: Element>(self, folded: bool) -> [Self; 2] {
        let between = if const { vanishes::<I, A>() } {
            self.x
        } else if const { vanishes::<A::Output, B>() } {
            self.y
        } else {
            Layout::between::<A::Output, E>(const { A::INTERLEAVES[1] && takes::<I, A, B>() }, folded)
        };
        [Self { y: between, ..self }, Self { x: between, ..self }]
    }

    /// Those of a copy of `L`, of which all `copies` in a row have these.
    pub(crate) fn of_copy<I: Shape, L: Layer<I>, E: Element>(self, copy: usize, copies: usize, folded: bool) -> Self {
        let between = Layout::between::<I, E>(const { L::INTERLEAVES[1] && stands_interleaved::<I, L>() }, folded);
        Self { x: if copy == 0 { self.x } else { between }, y: if copy + 1 == copies { self.y } else { between } }
    }
}

impl Layout {
    /// How samples of shape `S` lie between two layers, of which both interleave or one does not.
    fn between<S: Shape, E: Element>(interleave: bool, folded: bool) -> Self {
        let fill_registers = || S::DIMS[0].is_multiple_of(Level::best().lanes::<E>());
        if interleave && folded && fill_registers() { Self::Interleaved } else { Self::Planar }
    }
}

/// What [`Layer::INTERLEAVES`] is for `A` and `B` behind it.
pub(crate) const fn of_both<I: Shape, A: Layer<I>, B: Layer<A::Output>>() -> [bool; 2] {
    let reads = if vanishes::<I, A>() { takes::<I, A, B>() } else { A::INTERLEAVES[0] };
    let writes =
        if vanishes::<A::Output, B>() { A::INTERLEAVES[1] && begins_folded::<I, A, B>() } else { B::INTERLEAVES[1] };
    [reads, writes]
}

/// What [`Layer::INTERLEAVES`] is for copies of `L` in a row.
pub(crate) const fn of_copies<I: Shape, L: Layer<I>>() -> [bool; 2] {
    [stands_interleaved::<I, L>(), L::INTERLEAVES[1]]
}

/// Whether `L` reads interleaved channels where a batch norm that it begins with is not folded.
const fn stands_interleaved<I: Shape, L: Layer<I>>() -> bool {
    L::INTERLEAVES[0] && L::FOLD.norm == 0
}

/// Whether `B` reads interleaved channels behind `A`.
const fn takes<I: Shape, A: Layer<I>, B: Layer<A::Output>>() -> bool {
    B::INTERLEAVES[0] && begins_folded::<I, A, B>()
}

/// Whether a batch norm that `B` begins with is left to `A`.
const fn begins_folded<I: Shape, A: Layer<I>, B: Layer<A::Output>>() -> bool {
    B::FOLD.norm == 0 || A::FOLD.takes(B::FOLD)
}

/// Whether nothing is left of `L`: an activation is applied by whoever wrote its input, and a batch norm folded into it.
const fn vanishes<I: Shape, L: Layer<I>>() -> bool {
    matches!(L::HEAD, Head::Whole) || L::FOLD.norm > 0 && matches!(L::FOLD.behind, None | Some(Head::Whole))
}
