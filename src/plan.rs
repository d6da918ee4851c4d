//! What a network is made of, as a tree that constants can walk.
//!
//! [`Outline`](crate::Outline) lists the stages of a network while a program runs; a plan knows their costs and how they are
//! joined before it does. Both number stages alike.

use crate::layer::Layer;
use crate::shape::Shape;
use crate::slots::Slots;
use crate::text::Text;

/// A layer as a tree of stages.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "a constant, which nobody copies at run time")]
pub enum Plan {
    /// One stage.
    One(Cost),
    /// One after the other, counted on.
    Row(&'static Self, &'static Self),
    /// A chain that is one stage of the chain around it.
    Inner(&'static Self),
    /// The same under a label.
    Tagged(&'static Self),
    /// As many copies of a chain.
    Copies(usize, &'static Self),
    /// Two branches; more nest to the right.
    Branches(Join, &'static Self, &'static Self),
    /// A network of its own, with its labels in the order in which they stand in it.
    Whole(&'static [&'static str], &'static Self),
}

/// How branches come together again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// A body, and a shortcut around it, are added.
    Skip,
    /// Branches are added.
    Added,
    /// Branches are put behind each other.
    Stacked,
}

/// What one stage costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Trainable parameters.
    pub params: usize,
    /// Running statistics.
    pub state: usize,
    /// Multiply-accumulates of one sample.
    pub macs: usize,
    /// Values of input, output and scratch for the inference of one sample.
    pub room: usize,
    /// What the parameters and running statistics are called.
    pub slots: Slots,
}

/// A figure that stages have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    Params,
    State,
    /// Both.
    Weights,
    Macs,
    Room,
}

impl Cost {
    const fn of<I: Shape, L: Layer<I>>() -> Self {
        Self {
            params: L::PARAMS,
            state: L::STATE,
            macs: L::MACS,
            room: I::LEN + L::Output::LEN + L::INFERENCE.elements(1),
            slots: L::SLOTS,
        }
    }

    const fn figure(&self, figure: Figure) -> usize {
        match figure {
            Figure::Params => self.params,
            Figure::State => self.state,
            Figure::Weights => self.params + self.state,
            Figure::Macs => self.macs,
            Figure::Room => self.room,
        }
    }
}

impl Plan {
    /// The plan of a layer that is one stage.
    #[must_use]
    pub const fn stage<I: Shape, L: Layer<I>>() -> Self {
        Self::One(Cost::of::<I, L>())
    }

    /// Stages that multiply by weights, on the longest path.
    pub(crate) const fn depth(&self) -> usize {
        match self {
            Self::One(cost) => (cost.params > 0 && cost.macs > 0) as usize,
            Self::Row(a, b) => a.depth() + b.depth(),
            Self::Inner(body) | Self::Tagged(body) | Self::Whole(_, body) => body.depth(),
            Self::Copies(count, body) => *count * body.depth(),
            Self::Branches(_, a, b) => {
                let (a, b) = (a.depth(), b.depth());
                if a > b { a } else { b }
            }
        }
    }

    /// The largest `figure` of a stage.
    pub(crate) const fn largest(&self, figure: Figure) -> usize {
        match self {
            Self::One(cost) => cost.figure(figure),
            Self::Inner(body) | Self::Tagged(body) | Self::Whole(_, body) | Self::Copies(_, body) => {
                body.largest(figure)
            }
            Self::Row(a, b) | Self::Branches(_, a, b) => {
                let (a, b) = (a.largest(figure), b.largest(figure));
                if a > b { a } else { b }
            }
        }
    }

    /// The stage of which `figure` is largest, the first of equals.
    pub(crate) const fn heaviest(&self, figure: Figure) -> Heaviest {
        let mut walk =
            Walk { figure, heaviest: Heaviest { name: Text::new(), value: 0 }, place: Place::ROOT, labels: &[] };
        walk.through(self);
        walk.heaviest
    }
}

/// The stage of which a figure is largest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heaviest {
    pub(crate) name: Text,
    pub(crate) value: usize,
}

/// A walk in search of the heaviest stage.
struct Walk {
    figure: Figure,
    heaviest: Heaviest,
    place: Place,
    /// Labels of this network that are still to come.
    labels: &'static [&'static str],
}

/// The place of the next stage, told as [`Outline`](crate::Outline) does.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    prefix: Text,
    position: usize,
    pub(crate) label: Option<&'static str>,
    at_root: bool,
    pub(crate) joined: bool,
}

impl Place {
    /// That of the first stage.
    pub(crate) const ROOT: Self = Self { prefix: Text::new(), position: 0, label: None, at_root: true, joined: false };

    pub(crate) const fn next_name(&mut self) -> Text {
        self.at_root = false;
        self.joined = false;
        let mut name = self.prefix;
        match self.label {
            Some(label) => name.push(label),
            None => name.push_number(self.position),
        }
        self.label = None;
        self.position += 1;
        name
    }

    /// Goes into a group: its stages are numbered from 0 below its name. Gives the place around it.
    pub(crate) const fn enter(&mut self) -> Option<Self> {
        self.joined = false;
        if self.at_root {
            self.at_root = false;
            return None;
        }
        let mut prefix = self.next_name();
        prefix.push(".");
        let around = *self;
        *self = Self { prefix, position: 0, label: None, at_root: false, joined: false };
        Some(around)
    }

    pub(crate) const fn leave(&mut self, around: Option<&Self>) {
        if let Some(around) = around {
            *self = *around;
        }
    }
}

impl Walk {
    const fn through(&mut self, plan: &Plan) {
        match plan {
            Plan::One(cost) => {
                let (name, value) = (self.place.next_name(), cost.figure(self.figure));
                if value > self.heaviest.value {
                    self.heaviest = Heaviest { name, value };
                }
            }
            Plan::Row(a, b) => {
                self.through(a);
                self.through(b);
            }
            Plan::Inner(body) => {
                let around = self.place.enter();
                self.through(body);
                self.place.leave(around.as_ref());
            }
            Plan::Tagged(body) => {
                if let [label, others @ ..] = self.labels {
                    self.place.label = Some(label);
                    self.labels = others;
                }
                self.through(body);
            }
            Plan::Copies(_, body) => {
                let around = self.place.enter();
                let copies = self.place.enter();
                self.through(body);
                self.place.leave(copies.as_ref());
                self.place.leave(around.as_ref());
            }
            Plan::Branches(Join::Skip, Plan::Inner(body), shortcut) => {
                let around = self.place.enter();
                self.through(body);
                self.place.label = Some("shortcut");
                self.through(shortcut);
                self.place.leave(around.as_ref());
            }
            Plan::Branches(_, a, b) => {
                let goes_on = self.place.joined;
                self.place.joined = false;
                let around = if goes_on { None } else { self.place.enter() };
                self.through(a);
                self.place.joined = true;
                self.through(b);
                self.place.leave(around.as_ref());
            }
            Plan::Whole(labels, body) => {
                let outer = self.labels;
                self.labels = labels;
                self.through(body);
                self.labels = outer;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Figure, Plan};
    use crate::Outline;
    use crate::layer::Layer;
    use crate::network::Network;
    use crate::prelude::*;

    /// The name of the heaviest stage is the one by which the outline calls it.
    fn agrees<N: Network>(network: &N) -> String {
        let outline = Outline::of::<N::Input, N>(network);
        let largest = outline.stages().iter().map(crate::Stage::params).max().unwrap();
        let first = outline.stages().iter().find(|stage| stage.params() == largest).unwrap();
        let heaviest = <N as Layer<N::Input>>::PLAN.heaviest(Figure::Params);
        assert_eq!((heaviest.name.as_str(), heaviest.value), (&*first.name, largest));
        first.name.clone()
    }

    #[test]
    fn stages_are_named_as_in_the_outline() {
        net! { Stem: Image<1, 8, 8> => Image<4, 8, 8> = relu >> wide: conv(4, k3, pad1) }
        net! { Plain: Image<1, 8, 8> => Vector<10> = relu >> flatten >> dense(10) }
        net! { Labels: Image<1, 8, 8> => Vector<3> = first: relu >> tail: (second: relu >> conv(2, k3)) >> flatten >> last: dense(3) }
        net! { Nested: Image<1, 8, 8> => Vector<3> = a: relu >> Stem >> repeat(2, b: conv(4, k3, pad1) >> big: conv(4, k5, pad2) >> relu) >> global_avgpool >> flatten >> out: dense(3) }
        net! { Joints: Image<2, 4, 4> => Image<12, 4, 4> =
        residual(relu >> a: conv(2, k3, pad1) | short: conv(2, k1)) >> concat(identity | conv(4, k1) | relu >> b: conv(6, k5, pad2)) }
        net! { Sums: Image<2, 4, 4> => Image<2, 4, 4> = residual(relu) >> sum(identity | sum(relu | conv(2, k3, pad1)) | conv(2, k1)) >> residual(relu | end: conv(2, k5, pad2)) }
        assert_eq!(agrees(&Plain), "2");
        assert_eq!(agrees(&Labels), "last");
        assert_eq!(agrees(&Nested), "2.0.big");
        assert_eq!(agrees(&Joints), "1.2.b");
        assert_eq!(agrees(&Sums), "2.shortcut.end");
        assert_eq!(agrees(&net!(Image<1, 8, 8> => Stem >> flatten >> dense(1, nobias))), "2");
        assert_eq!(agrees(&Stem), "wide");
    }

    #[test]
    fn the_longest_path_counts() {
        net! { Plain: Image<2, 8, 8> => Vector<3> = conv(2, k3) >> batchnorm >> relu >> flatten >> dense(3) }
        net! { Joints: Image<2, 8, 8> => Image<4, 8, 8> =
        repeat(3, residual(conv(2, k3, pad1) >> conv(2, k3, pad1) | conv(2, k1))) >> concat(separable(2, k3, pad1) | conv(2, k1)) }
        assert_eq!((Plain::DEPTH, Joints::DEPTH), (2, 8));
    }

    #[test]
    fn a_network_without_stages_that_have_a_figure_has_no_heaviest() {
        net! { Free: Vector<2> => Vector<2> = relu }
        const PLAN: Plan = <Free as Layer<Vector<2>>>::PLAN;
        assert_eq!(PLAN.heaviest(Figure::Params).value, 0);
    }
}
