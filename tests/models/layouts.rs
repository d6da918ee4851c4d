//! How the channels lie between the layers of a folded model.

use std::cell::RefCell;

use shapewright::layer::{Backward, Forward, Layer, Layout, Layouts, Preparation, Prepared};
use shapewright::prelude::*;
use shapewright::{Element, Shape};

thread_local! {
    /// How the channels lay for each probe, forward and before that when it was prepared.
    static SEEN: RefCell<[Vec<Layouts>; 2]> = const { RefCell::new([vec![], vec![]]) };
}

/// Hands its input on, and writes down how it lies.
#[derive(Clone, Copy, Default)]
struct Probe;

impl<S: Shape> Layer<S> for Probe {
    type Output = S;

    const INTERLEAVES: [bool; 2] = [true; 2];
    const PREPARED: Prepared = Prepared { forward: 1, backward: 0 };

    fn prepare<E: Element>(&self, preparation: Preparation<'_, E>) {
        SEEN.with_borrow_mut(|[prepared, _]| prepared.push(preparation.layouts));
    }

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        SEEN.with_borrow_mut(|[_, forward]| forward.push(pass.layouts));
        pass.y.copy_from_slice(pass.x);
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let Some(dx) = pass.dx else { return };
        dx.copy_from_slice(pass.dy);
    }
}

/// What the probes of a network see in inference of its folded model: a letter for the input and one for the output of each, `i` where
/// channels are interleaved.
fn seen<N: Network>(network: N) -> String {
    let mut model = Model::new(network, 1);
    let planar = look(&model);
    assert!(!planar.contains('i'), "not folded: {planar}");
    model.fold();
    look(&model)
}

fn look<N: Network>(model: &Model<N>) -> String {
    SEEN.take();
    drop(model.forward(&Batch::zeros(1)));
    let [prepared, forward] = SEEN.take();
    assert_eq!(prepared, forward, "prepared for what comes");
    let letter = |layout| if layout == Layout::Interleaved { "i" } else { "p" };
    let letters: Vec<_> = forward.iter().map(|layouts| letter(layouts.x).to_owned() + letter(layouts.y)).collect();
    letters.join(" ")
}

type Picture = Image<16, 4, 4>;

#[test]
fn neighbours_agree() {
    assert_eq!(seen(net!(Picture => Probe)), "pp");
    assert_eq!(seen(net!(Picture => Probe >> Probe)), "pi ip");
    assert_eq!(seen(net!(Picture => Probe >> relu >> Probe >> tanh >> relu6 >> Probe >> relu)), "pi ii ip");
    assert_eq!(seen(net!(Picture => (Probe >> Probe) >> (one: Probe >> (relu >> Probe)))), "pi ii ii ip");
    assert_eq!(seen(net!(Sequence<32, 5> => Probe >> Probe)), "pi ip");
}

#[test]
fn whoever_does_not_interleave_stands_in_the_way() {
    assert_eq!(seen(net!(Picture => Probe >> maxpool(k3, pad1, s1) >> Probe >> gelu >> Probe)), "pp pp pp");
    assert_eq!(seen(net!(Picture => residual(Probe >> Probe) >> Probe)), "pi ip pp");
    assert_eq!(seen(net!(Picture => Probe >> concat(Probe >> Probe | Probe))), "pp pi ip pp");
    assert_eq!(seen(net!(Picture => Probe >> flatten >> dense(3))), "pp");
    assert_eq!(seen(net!(Image<6, 4, 4> => Probe >> Probe)), "pp pp", "6 channels fill no register");
}

#[test]
fn a_norm_is_no_obstacle_where_it_is_folded() {
    assert_eq!(seen(net!(Picture => conv(16, k1) >> batchnorm >> relu >> Probe)), "ip");
    assert_eq!(seen(net!(Picture => conv(16, k1) >> (batchnorm >> (relu >> Probe) >> Probe))), "ii ip");
    assert_eq!(seen(net!(Picture => conv(16, k1) >> relu >> batchnorm >> Probe >> Probe)), "pi ip");
    assert_eq!(seen(net!(Picture => batchnorm >> Probe >> Probe >> batchnorm >> Probe)), "pi ip pp");
    assert_eq!(seen(net!(Picture => Probe >> (relu >> batchnorm) >> Probe)), "pp pp");
}

net! { Inner: Picture => Picture = Probe >> depthwise(k3, pad1) >> relu }

#[test]
fn copies_and_networks_agree_with_their_neighbours() {
    assert_eq!(seen(net!(Picture => Probe >> repeat(3, Probe >> relu) >> Probe)), "pi ii ii ii ip");
    assert_eq!(seen(net!(Picture => Probe >> repeat(2, Probe >> maxpool(k3, pad1, s1)) >> Probe)), "pi ip pp pp");
    assert_eq!(seen(net!(Picture => Probe >> repeat(2, batchnorm >> Probe) >> Probe)), "pp pp pi ip");
    assert_eq!(seen(net!(Picture => conv(16, k1) >> Inner >> Inner >> conv(8, k1))), "ii ii");
}

#[test]
fn convolutions_interleave() {
    assert_eq!(seen(net!(Picture => depthwise(k3) >> Probe)), "ip");
    assert_eq!(seen(net!(Picture => Probe >> depthwise(k5, s2, pad2) >> Probe >> conv(32, k1) >> Probe)), "pi ii ip");
    assert_eq!(seen(net!(Picture => conv(16, k3) >> Probe >> conv(8, k1, s2))), "pp", "neither is 1×1 with stride 1");
    assert_eq!(seen(net!(Sequence<16, 8> => conv(32, k1) >> Probe >> depthwise(k3))), "ii");
}
