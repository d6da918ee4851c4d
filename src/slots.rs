//! What a layer keeps in files, as constants: so that the compiler can compare a network with a file.

use crate::init::Init;
use crate::outline::Parameter;

/// The most axes of a tensor.
const AXES: usize = 5;

/// Room for one tensor: its name, its dims and how its values start.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    name: &'static str,
    dims: ([usize; AXES], usize),
    init: Init,
}

impl Slot {
    /// Room for a tensor of these dims, outermost first.
    ///
    /// # Panics
    ///
    /// If they are more than five.
    #[must_use]
    pub const fn new(name: &'static str, dims: &[usize], init: Init) -> Self {
        assert!(dims.len() <= AXES, "a tensor of a layer has at most 5 axes");
        let (mut sizes, mut axis) = ([0; AXES], 0);
        while axis < dims.len() {
            sizes[axis] = dims[axis];
            axis += 1;
        }
        Self { name, dims: (sizes, dims.len()), init }
    }

    /// The name within the layer: `weight`, `bias`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The sizes, outermost first.
    #[must_use]
    pub const fn dims(&self) -> &[usize] {
        self.dims.0.split_at(self.dims.1).0
    }
}

/// The tensors of a layer.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "a constant, which nobody copies at run time")]
pub enum Slots {
    /// Those of one stage: parameters, then running statistics, in the order of their slabs.
    Stage([Option<Slot>; 4], [Option<Slot>; 4]),
    /// Those of a layer that only lists them when the program runs, or of a group of layers.
    Unknown,
}

impl Slots {
    /// Those of a stage without any.
    pub const NONE: Self = Self::Stage([None; 4], [None; 4]);

    /// Those of a stage that has parameters and no running statistics.
    #[must_use]
    pub const fn parameters_of<const COUNT: usize>(slots: [Option<Slot>; COUNT]) -> Self {
        Self::Stage(four(slots), [None; 4])
    }

    /// Those of a stage that has both.
    #[must_use]
    pub const fn of<const PARAMETERS: usize, const STATE: usize>(
        parameters: [Slot; PARAMETERS],
        state: [Slot; STATE],
    ) -> Self {
        Self::Stage(four(some(parameters)), four(some(state)))
    }

    /// A weight of these dims, drawn by He's rule, and a bias where there are `outputs` to have one.
    #[must_use]
    pub(crate) const fn weight_and_bias(dims: &[usize], outputs: usize) -> Self {
        let bias = if outputs > 0 { Some(Slot::new("bias", &[outputs], Init::Zeros)) } else { None };
        Self::parameters_of([Some(Slot::new("weight", dims, Init::HeNormal)), bias])
    }

    /// The factors and the offsets of a norm.
    #[must_use]
    pub(crate) const fn scale_and_shift(dims: &[usize]) -> Self {
        Self::of([Slot::new("weight", dims, Init::Ones), Slot::new("bias", dims, Init::Zeros)], [])
    }

    /// The parameters of a stage.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        if let Self::Stage(parameters, _) = self { listed(parameters) } else { Vec::new() }
    }

    /// The running statistics of a stage.
    pub(crate) fn state(&self) -> Vec<Parameter> {
        if let Self::Stage(_, state) = self { listed(state) } else { Vec::new() }
    }
}

fn listed(slots: &[Option<Slot>]) -> Vec<Parameter> {
    let parameter = |slot: &Slot| Parameter { name: slot.name, dims: slot.dims().to_vec(), init: slot.init };
    slots.iter().flatten().map(parameter).collect()
}

const fn some<const COUNT: usize>(slots: [Slot; COUNT]) -> [Option<Slot>; COUNT] {
    let (mut some, mut index) = ([None; COUNT], 0);
    while index < COUNT {
        some[index] = Some(slots[index]);
        index += 1;
    }
    some
}

const fn four<const COUNT: usize>(slots: [Option<Slot>; COUNT]) -> [Option<Slot>; 4] {
    let (mut four, mut index) = ([None; 4], 0);
    while index < COUNT {
        four[index] = slots[index];
        index += 1;
    }
    four
}
