//! Transposed convolutions over sequences, and with padding of its own on each side, against PyTorch and against
//! differences.

use shapewright::prelude::*;
use shapewright::{Layer, Network};

use crate::common::fixture::Fixtures;

const FIXTURES: Fixtures = Fixtures(include_bytes!("../fixtures/transposed.safetensors"));

// The shapes that PyTorch gives: declared ones are checked by the macro and by the types.
net! {
    Grouped: Sequence<4, 7> => Sequence<6, 14> = conv_transpose(4=>6, k3, s2, pad1, output_pad1, groups2);
    Dilated: Sequence<3, 5> => Sequence<2, 17> = conv_transpose(2, k4, s3, pad2, output_pad2, dil2, nobias);
    Pointwise: Sequence<3, 6> => Sequence<5, 6> = conv_transpose(5, k1);
    One: Sequence<2, 1> => Sequence<3, 5> = conv_transpose(3, k5, s4);
    SidedSequence: Sequence<2, 6> => Sequence<3, 10> = conv_transpose(3, k4, s2, pad(3, 3, 1, 1));
    Filters: Image<20, 8, 8> => Image<24, 16, 16> = conv_transpose(24, k4, s2, pad1);
    Positions: Image<4, 4, 20> => Image<3, 8, 40> = conv_transpose(3, k2, s2);
    SequencePositions: Sequence<4, 20> => Sequence<6, 40> = conv_transpose(6, k4, s2, pad1);
    FewFilters: Image<32, 4, 4> => Image<1, 9, 9> = conv_transpose(1, k3, s2);
    FewPositions: Image<2, 2, 9> => Image<2, 4, 18> = conv_transpose(2, k2, s2);
    FewSteps: Sequence<3, 12> => Sequence<2, 24> = conv_transpose(2, k4, s2, pad1);
    Sided: Image<2, 4, 5> => Image<3, 7, 9> = conv_transpose(3, k3, s2, pad(0, 1, 3, 2), output_pad1);
}

const _: () = assert!(Grouped::PARAMS == 4 * 3 * 3 + 6 && Grouped::MACS == 4 * 3 * 3 * 7);
const _: () = assert!(Dilated::PARAMS == 3 * 2 * 4 && Dilated::MACS == 3 * 2 * 4 * 5);

#[test]
fn pytorch_agrees() {
    FIXTURES.check("sequence", Grouped);
    FIXTURES.check("sequence.dilated", Dilated);
    FIXTURES.check("sequence.pointwise", Pointwise);
    FIXTURES.check("sequence.one", One);
    FIXTURES.check("sequence.sided", SidedSequence);
    FIXTURES.check("sided", Sided);
    FIXTURES.check("filters", Filters);
    FIXTURES.check("positions", Positions);
    FIXTURES.check("sequence.positions", SequencePositions);
}

/// What a network keeps of its weights where they are read in registers: by both passes.
const fn in_registers<N: Network>() -> bool {
    <N as Layer<N::Input>>::PREPARED.forward > 0 && <N as Layer<N::Input>>::PREPARED.backward > 0
}

// Columns keep nothing, so none of these falls back to them unnoticed.
const _: () = assert!(in_registers::<Filters>() && in_registers::<Positions>() && in_registers::<SequencePositions>());
const _: () = assert!(in_registers::<FewFilters>() && in_registers::<FewPositions>() && in_registers::<FewSteps>());
const _: () = assert!(!in_registers::<Grouped>() && !in_registers::<Sided>());

gradient_checks! {
    grouped: Sequence<4, 7> => conv_transpose!(4=>6, k3, s2, pad1, output_pad1, groups2), 2;
    dilated: Sequence<3, 5> => conv_transpose!(2, k4, s3, pad2, output_pad2, dil2, nobias) >> relu, 2;
    sided: Image<2, 4, 5> => conv_transpose!(3, k3, s2, pad(0, 1, 3, 2), output_pad1), 2;
    along_filters: Image<32, 4, 4> => FewFilters, 1;
    along_positions: Image<2, 2, 9> => FewPositions, 2;
    along_positions_of_a_sequence: Sequence<3, 12> => FewSteps, 2;
    before_an_activation: Sequence<3, 12> => FewSteps >> relu, 3;
    there_and_back: Sequence<2, 12> => conv1d!(3, k4, s2, pad1) >> relu >> conv_transpose!(2, k4, s2, pad1), 2;
}

#[test]
fn sequences_are_named_as_sequences() {
    let model = Model::new(Grouped, 1);
    let weight = model.params().next().expect("a weight");
    assert_eq!((weight.name, weight.dims), ("0.weight", &[4, 3, 3][..]));
    assert!(model.summary().to_string().contains("ConvTranspose1d"));
}

/// A batch of none, and one sample that tells the others nothing.
#[test]
fn samples_stand_alone() {
    let model = Model::new(Grouped, 1);
    assert!(model.forward(&Batch::zeros(0)).is_empty());
    let two = Batch::<Sequence<4, 7>>::from_fn(2, |sample, index| (sample * 28 + index) as f32 / 56.0);
    let second = Batch::<Sequence<4, 7>>::from_fn(1, |_, index| (28 + index) as f32 / 56.0);
    assert_eq!(model.forward(&two).sample(1), model.forward(&second).sample(0));
}
