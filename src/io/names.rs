//! The full names of a network's tensors, as constants: what [`Outline`](crate::Outline) does when the program runs.

use crate::plan::{Join, Place, Plan};
use crate::slots::{Slot, Slots};
use crate::text::Text;

/// A tensor's full name and what belongs to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) name: Text,
    pub(crate) slot: Slot,
}

/// How many tensors there are.
pub(crate) const fn count(plan: &Plan) -> usize {
    match plan {
        Plan::One(cost) => match &cost.slots {
            Slots::Stage(parameters, state) => filled(parameters) + filled(state),
            Slots::Unknown => {
                panic!(
                    "a layer of this network lists its parameters only when the program runs; give it `SLOTS`, or use `Model::open`"
                )
            }
        },
        Plan::Row(a, b) | Plan::Branches(_, a, b) => count(a) + count(b),
        Plan::Inner(body) | Plan::Tagged(body) | Plan::Whole(_, body) => count(body),
        Plan::Copies(copies, body) => *copies * count(body),
    }
}

const fn filled(slots: &[Option<Slot>]) -> usize {
    let (mut filled, mut index) = (0, 0);
    while index < slots.len() {
        filled += slots[index].is_some() as usize;
        index += 1;
    }
    filled
}

/// All tensors of a network: parameters, then running statistics.
pub(crate) const fn tensors<const COUNT: usize>(plan: &Plan) -> [Option<Named>; COUNT] {
    let mut walk = Walk { tensors: [None; COUNT], count: 0, of_state: false, labels: &[], place: Place::ROOT };
    walk.through(plan);
    (walk.of_state, walk.place) = (true, Place::ROOT);
    walk.through(plan);
    walk.tensors
}

/// A walk through a network.
struct Walk<const COUNT: usize> {
    tensors: [Option<Named>; COUNT],
    count: usize,
    /// Which of the two is being listed.
    of_state: bool,
    labels: &'static [&'static str],
    place: Place,
}

impl<const COUNT: usize> Walk<COUNT> {
    const fn through(&mut self, plan: &Plan) {
        match plan {
            Plan::One(cost) => {
                if let Slots::Stage(parameters, state) = &cost.slots {
                    self.stage(if self.of_state { state } else { parameters });
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
                let Some((label, rest)) = self.labels.split_first() else { panic!("each labelled stage has a label") };
                (self.place.label, self.labels) = (Some(*label), rest);
                self.through(body);
            }
            Plan::Copies(copies, body) => {
                let around = self.place.enter();
                let labels = self.labels;
                let mut copy = 0;
                while copy < *copies {
                    self.labels = labels;
                    let chain = self.place.enter();
                    self.through(body);
                    self.place.leave(chain.as_ref());
                    copy += 1;
                }
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

    const fn stage(&mut self, slots: &[Option<Slot>]) {
        let mut stage = self.place.next_name();
        stage.push(".");
        let mut index = 0;
        while index < slots.len() {
            if let Some(slot) = slots[index] {
                let mut name = stage;
                name.push(slot.name());
                self.tensors[self.count] = Some(Named { name, slot });
                self.count += 1;
            }
            index += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{count, tensors};
    use crate::layer::Layer;
    use crate::network::Network;
    use crate::outline::Outline;
    use crate::plan::{Cost, Plan};
    use crate::prelude::*;
    use crate::slots::Slots;

    net! {
        Stem: Image<3, 8, 8> => Image<4, 8, 8> = first: conv(3=>4, k3, pad1) >> batchnorm >> relu;
        Everything: Image<3, 8, 8> => Vector<2> =
            Stem
            >> repeat(12, inner: (conv(4, k3, pad1, nobias) >> prelu) >> batchnorm)
            >> deep: residual(conv(8, k3, pad1) >> out: groupnorm(2) | conv(8, k1) >> batchnorm) >> relu
            >> residual(depthwise(k3, pad1) >> relu)
            >> concat(identity | a: conv(4, k1) | sum(conv(4, k1) | b: conv(4, k1) >> instancenorm | identity >> conv(4, k1)))
            >> tail: (conv_transpose(16=>4, k3, s2) >> layernorm >> sum(conv(4, k1) >> prelu(channels) | c: conv(4, k1)))
            >> again: (subsample(s2)) >> flatten >> rmsnorm >> größe: dense(2);
        Signal: Sequence<3, 9> => Vector<4> = conv(5, k3) >> depthwise(k3) >> flatten >> dense(4, nobias)
    }

    fn check<N: Network>(network: &N) {
        let outline = Outline::of::<N::Input, N>(network);
        let plan = &<N as Layer<N::Input>>::PLAN;
        let names = tensors::<200>(plan);
        let names: Vec<_> = names.iter().flatten().map(|named| (named.name.as_str(), named.slot.dims())).collect();
        let expected: Vec<_> = outline.parameters().chain(outline.state()).collect();
        let expected: Vec<_> = expected.iter().map(|(name, parameter)| (&**name, &*parameter.dims)).collect();
        assert_eq!(names, expected);
        assert_eq!(count(plan), expected.len());
    }

    #[test]
    fn constants_and_outlines_agree() {
        check(&Stem);
        check(&Everything);
        check(&Signal);
    }

    #[test]
    #[should_panic(expected = "lists its parameters only when the program runs")]
    fn what_is_not_constant_is_refused() {
        count(&Plan::One(Cost { params: 0, state: 0, macs: 0, room: 0, slots: Slots::Unknown }));
    }
}
