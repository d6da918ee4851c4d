//! What a layer makes of its parameters before samples run.

use crate::layer::Layer;
use crate::layout::Layouts;
use crate::shape::Shape;

/// Where a pass goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the input to the output.
    Forward,
    /// From the gradient of the output to those of the input and the parameters.
    Backward,
}

/// Values made of a layer's parameters for each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// For [`Layer::forward`].
    pub forward: usize,
    /// For [`Layer::backward`].
    pub backward: usize,
}

impl Prepared {
    /// None.
    pub const NONE: Self = Self { forward: 0, backward: 0 };

    /// Those of two layers.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { forward: self.forward + other.forward, backward: self.backward + other.backward }
    }

    /// Those of `count` copies.
    #[must_use]
    pub const fn times(self, count: usize) -> Self {
        Self { forward: count * self.forward, backward: count * self.backward }
    }

    /// Those of one direction.
    #[must_use]
    pub const fn of(self, direction: Direction) -> usize {
        match direction {
            Direction::Forward => self.forward,
            Direction::Backward => self.backward,
        }
    }
}

/// The preparing of a layer's parameters for one direction.
#[derive(Debug)]
pub struct Preparation<'a, E> {
    /// For which direction.
    pub direction: Direction,
    /// Whether folded batch norms are left to the layers before them.
    pub folded: bool,
    /// How the input of the forward pass will lie, and its output.
    pub layouts: Layouts,
    /// The layer's parameters: `PARAMS` values.
    pub parameters: &'a [E],
    /// The running statistics: `STATE` values.
    pub state: &'a [E],
    /// Where to write what all samples will read: `PREPARED` values of that direction.
    pub prepared: &'a mut [E],
}

impl<'a, E> Preparation<'a, E> {
    /// Of a layer that stands alone, as in training.
    #[must_use]
    pub const fn alone(direction: Direction, parameters: &'a [E], state: &'a [E], prepared: &'a mut [E]) -> Self {
        Self { direction, folded: false, layouts: Layouts::PLANAR, parameters, state, prepared }
    }

    /// Those of two layers, of which both together have this one.
    pub(crate) fn divide<I: Shape, A: Layer<I>>(self, layouts: [Layouts; 2]) -> [Self; 2] {
        let Self { direction, folded, .. } = self;
        let (parameters_a, parameters_b) = self.parameters.split_at(A::PARAMS);
        let (state_a, state_b) = self.state.split_at(A::STATE);
        let (prepared_a, prepared_b) = self.prepared.split_at_mut(A::PREPARED.of(direction));
        let [layouts_a, layouts_b] = layouts;
        [
            Self {
                direction,
                folded,
                layouts: layouts_a,
                parameters: parameters_a,
                state: state_a,
                prepared: prepared_a,
            },
            Self {
                direction,
                folded,
                layouts: layouts_b,
                parameters: parameters_b,
                state: state_b,
                prepared: prepared_b,
            },
        ]
    }
}
