//! Folding batch norms into the weights before them: what a layer says about itself, and what it is given to do.

use crate::element::Element;
use crate::layer::Head;

/// What a layer begins and ends with, as far as [`Model::fold`](crate::Model::fold) is concerned.
///
/// A norm is folded where a layer that ends in weights stands right before one that begins with a norm, in one chain. In
/// inference of a folded model the first then writes what the second one's norm would give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Channels of the batch norm that the layer begins with, 0 if it begins with none. Their shifts, which are what is left of a
    /// folded norm, are the first of the [prepared](crate::Layer::prepare) values.
    pub norm: usize,
    /// How the layer begins behind that norm; `None` if nothing is there.
    pub behind: Option<Head>,
    /// What the layer ends in.
    pub end: End,
}

impl Fold {
    /// A layer that has no part in it.
    pub const NONE: Self = Self { norm: 0, behind: None, end: End::Other };

    /// A layer that ends in weights with `biases` biases for each output channel, 0 or 1.
    #[must_use]
    pub const fn weights(biases: usize) -> Self {
        Self { end: if biases == 0 { End::Weights } else { End::WeightsAndBias }, ..Self::NONE }
    }

    /// A layer, then another.
    #[must_use]
    pub(crate) const fn then(self, head: Head, next: Self) -> Self {
        let behind = match self.behind {
            None => Some(head),
            Some(Head::Own) => Some(Head::Own),
            Some(Head::Activation | Head::Whole) => Some(Head::Activation),
        };
        Self { norm: self.norm, behind, end: next.end }
    }

    /// Whether a norm at the beginning of `next` is folded into the end of this layer.
    #[must_use]
    pub(crate) const fn takes(self, next: Self) -> bool {
        !matches!(self.end, End::Other) && next.norm > 0
    }
}

/// What a layer ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With something that cannot be scaled channel by channel.
    Other,
    /// With weights of its own for each output channel, to which a [shift](crate::layer::Forward::shift) can be added.
    Weights,
    /// With weights and a bias of its own for each output channel.
    WeightsAndBias,
}

/// The folding of one layer.
#[derive(Debug)]
pub struct Folding<'a, E> {
    /// The layer's parameters: `PARAMS` values.
    pub parameters: &'a mut [E],
    /// Its running statistics: `STATE` values.
    pub state: &'a mut [E],
    /// What the layer before ends in: [`End::Other`] if the norm that this layer begins with must stay as it is.
    pub before: End,
    /// The slope and the offset of each channel: when a layer is called, those that its end has to take, or none; when it
    /// returns, those that the end of the layer before has to take, or none.
    pub lines: &'a mut Vec<Line>,
}

/// slope · y + offset
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The factor.
    pub slope: f64,
    /// What is added; always 0 for weights without a bias.
    pub offset: f64,
}

impl<E: Element> Folding<'_, E> {
    /// Takes the lines into the first `weights` parameters, as many for each channel one after the other, and the biases behind them.
    pub fn take_rows(self, weights: usize) {
        let channels = self.lines.len();
        self.take(weights, |index| index * channels / weights);
    }

    /// Takes the lines into the first `weights` parameters, of which each belongs to a channel, and the biases behind them.
    pub(crate) fn take(self, weights: usize, channel: impl Fn(usize) -> usize) {
        if self.lines.is_empty() {
            return;
        }
        let (weights, biases) = self.parameters.split_at_mut(weights);
        for (index, weight) in weights.iter_mut().enumerate() {
            *weight *= E::from_f64(self.lines[channel(index)].slope);
        }
        for (bias, &Line { slope, offset }) in biases.iter_mut().zip(&*self.lines) {
            *bias = E::from_f64(slope * bias.as_f64() + offset);
        }
        self.lines.clear();
    }
}
