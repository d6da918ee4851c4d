//! The rules of joining layers, one trait a rule.
//!
//! Each is never more than a sentence with numbers in it: when a joint breaks a rule, what rustc prints is
//! the text that stands here.

use typenum::{B0, B1, UInt, UTerm};

use super::{Channelled, Shape, Vector};
use crate::network::Declared;

/// A rule that is kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept;

/// A rule that is broken.
#[derive(Clone, Copy, Debug)]
pub struct Broken;

/// Turns the outcome of type-level arithmetic into [`Kept`] or [`Broken`]; a number is kept if it is not 0.
pub trait Verdict {
    /// [`Kept`] or [`Broken`].
    type Is;
}

impl Verdict for B1 {
    type Is = Kept;
}

impl Verdict for B0 {
    type Is = Broken;
}

impl<High, Low> Verdict for UInt<High, Low> {
    type Is = Kept;
}

impl Verdict for UTerm {
    type Is = Broken;
}

/// The channels that arrive are the channels that the layer takes.
#[diagnostic::on_unimplemented(
    message = "a layer takes {TAKEN} channels, but {ARRIVING} arrive",
    label = "takes {TAKEN}, gets {ARRIVING}",
    note = "write the arriving number before its arrow, `{ARRIVING}=>…`, or leave both to the joint: `conv(32, k3)` takes what arrives"
)]
pub trait Channels<const ARRIVING: usize, const TAKEN: usize> {
    /// What the layer gives, which is nothing where the channels differ: what stands behind is silent.
    type Then<S: Shape>: Shape;
}

#[diagnostic::do_not_recommend]
impl<const N: usize> Channels<N, N> for () {
    type Then<S: Shape> = S;
}

/// The window fits into the padded input.
#[diagnostic::on_unimplemented(
    message = "a kernel of {KERNEL} (dilation {DILATION}) does not fit into {SIZE} rows or columns with padding {BEFORE} before and {AFTER} behind",
    label = "{SIZE}, padded by {BEFORE} before and {AFTER} behind, is shorter than the kernel",
    note = "take a smaller kernel or dilation, more padding, or fewer strides and pools before this layer, which the last lines below name"
)]
pub trait Fits<const SIZE: usize, const BEFORE: usize, const AFTER: usize, const KERNEL: usize, const DILATION: usize> {}

impl<const SIZE: usize, const BEFORE: usize, const AFTER: usize, const KERNEL: usize, const DILATION: usize>
    Fits<SIZE, BEFORE, AFTER, KERNEL, DILATION> for Kept
{
}

/// What a window gives is in the dimension table.
#[diagnostic::on_unimplemented(
    message = "{SIZE} with padding {BEFORE} and {AFTER} gives more than 4096 positions of a window of {KERNEL} (stride {STRIDE}, dilation {DILATION})",
    label = "{SIZE}, padded by {BEFORE} before and {AFTER} behind, gives too many",
    note = "rows and columns are at most 4096 each; take less padding or a larger stride"
)]
pub trait Tabled<
    const SIZE: usize,
    const BEFORE: usize,
    const AFTER: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const DILATION: usize,
>
{
}

impl<
    const SIZE: usize,
    const BEFORE: usize,
    const AFTER: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const DILATION: usize,
> Tabled<SIZE, BEFORE, AFTER, KERNEL, STRIDE, DILATION> for Kept
{
}

/// The padding of a transposed convolution leaves something of its output.
#[diagnostic::on_unimplemented(
    message = "a transposed convolution of {SIZE} with a kernel of {KERNEL} has nothing left when a padding of {BEFORE} and {AFTER} is taken away",
    label = "padding {BEFORE} before and {AFTER} behind takes everything away",
    note = "the padding of a transposed convolution makes its output smaller: take less of it"
)]
pub trait LeavesAtLeastOne<const SIZE: usize, const KERNEL: usize, const BEFORE: usize, const AFTER: usize> {}

impl<const SIZE: usize, const KERNEL: usize, const BEFORE: usize, const AFTER: usize>
    LeavesAtLeastOne<SIZE, KERNEL, BEFORE, AFTER> for Kept
{
}

/// What is added to the output of a transposed convolution is less than its stride or its dilation.
#[diagnostic::on_unimplemented(
    message = "an output padding of {MORE} must be less than the stride of {STRIDE} or the dilation of {DILATION}",
    label = "{MORE} with a stride of {STRIDE} and a dilation of {DILATION}",
    note = "a stride leaves as many outputs to choose from as it is long: take less output padding, or none"
)]
pub trait LessThanStride<const MORE: usize, const STRIDE: usize, const DILATION: usize> {}

impl<const MORE: usize, const STRIDE: usize, const DILATION: usize> LessThanStride<MORE, STRIDE, DILATION> for Kept {}

/// The numbers of a kernel, a stride, a dilation or groups are not 0.
#[diagnostic::on_unimplemented(
    message = "each number in {Of} must be at least 1",
    label = "{Of} has a 0",
    note = "kernels, strides, dilations and groups count from 1; only padding may be 0"
)]
pub trait AtLeastOne<Of> {}

impl<Of> AtLeastOne<Of> for Kept {}

/// A pool is padded alike on opposite sides.
#[diagnostic::on_unimplemented(
    message = "a pool is padded alike on opposite sides, but here by {BEFORE} before and {AFTER} behind",
    label = "padded by {BEFORE} before and {AFTER} behind",
    note = "write `pad(rows, columns)`, or let a layer of its own pad: `zero_pad(0, 1, 1, 1) >> maxpool(k3, s2)`"
)]
pub trait Alike<const BEFORE: usize, const AFTER: usize> {}

#[diagnostic::do_not_recommend]
impl<const PADDING: usize> Alike<PADDING, PADDING> for () {}

/// The padding of a pool is at most half of its window.
#[diagnostic::on_unimplemented(
    message = "a pool's padding of {PADDING} is more than half of its window of {KERNEL} (dilation {DILATION})",
    label = "padding {PADDING} with a window of {KERNEL} (dilation {DILATION})",
    note = "take less padding or a larger kernel: otherwise a window can see nothing but padding"
)]
pub trait AtMostHalf<const PADDING: usize, const KERNEL: usize, const DILATION: usize> {}

impl<const PADDING: usize, const KERNEL: usize, const DILATION: usize> AtMostHalf<PADDING, KERNEL, DILATION> for Kept {}

/// A window that has to be exact reads everything.
#[diagnostic::on_unimplemented(
    message = "a window of {KERNEL} that moves by {STRIDE} never reads {UNREAD} of {SIZE} rows or columns",
    label = "{UNREAD} of {SIZE} are never read",
    note = "`exact` forbids that: pad more, round up (`ceil`), take a kernel of at least the stride or another stride, or leave `exact` out"
)]
pub trait ReadsEverything<const UNREAD: usize, const SIZE: usize, const KERNEL: usize, const STRIDE: usize> {}

impl<const UNREAD: usize, const SIZE: usize, const KERNEL: usize, const STRIDE: usize>
    ReadsEverything<UNREAD, SIZE, KERNEL, STRIDE> for Kept
{
}

/// The windows of a max pool that has to be exact do not overlap.
#[diagnostic::on_unimplemented(
    message = "windows of {KERNEL} that move by {STRIDE} over {SIZE} rows or columns overlap, so that one maximum gets the gradient of several",
    label = "{KERNEL} is more than the stride of {STRIDE}",
    note = "`exact` forbids that: write a stride of {KERNEL}, or leave `exact` out"
)]
pub trait Apart<const KERNEL: usize, const STRIDE: usize, const SIZE: usize> {}

impl<const KERNEL: usize, const STRIDE: usize, const SIZE: usize> Apart<KERNEL, STRIDE, SIZE> for Kept {}

/// A window that has to be exact never sees padding alone.
#[diagnostic::on_unimplemented(
    message = "with {BEFORE} rows or columns of padding before and {BEHIND} behind, a window of {KERNEL} (dilation {DILATION}) sees nothing but padding",
    label = "padding {BEFORE} and {BEHIND} with a window of {KERNEL}",
    note = "`exact` forbids that: take less padding than the window spans, or leave `exact` out"
)]
pub trait NotBlind<const BEFORE: usize, const BEHIND: usize, const KERNEL: usize, const DILATION: usize> {}

impl<const BEFORE: usize, const BEHIND: usize, const KERNEL: usize, const DILATION: usize>
    NotBlind<BEFORE, BEHIND, KERNEL, DILATION> for Kept
{
}

/// The groups divide the channels.
#[diagnostic::on_unimplemented(
    message = "the {GROUPS} groups of a convolution do not divide {CHANNELS} channels",
    label = "{CHANNELS} is no multiple of {GROUPS}",
    note = "the groups of a convolution must divide both its input channels and its filters"
)]
pub trait Divides<const GROUPS: usize, const CHANNELS: usize> {}

impl<const GROUPS: usize, const CHANNELS: usize> Divides<GROUPS, CHANNELS> for Kept {}

/// Rows or columns divide into equal windows.
#[diagnostic::on_unimplemented(
    message = "adaptive_avgpool gives {PARTS} of {SIZE} rows or columns, which {PARTS} does not divide",
    label = "{SIZE} is no multiple of {PARTS}",
    note = "take a number that divides {SIZE}, or an `avgpool` with a kernel and a stride; `global_avgpool` takes any size"
)]
pub trait Parts<const SIZE: usize, const PARTS: usize> {}

impl<const SIZE: usize, const PARTS: usize> Parts<SIZE, PARTS> for Kept {}

/// The channels that arrive are at most those that are asked for.
#[diagnostic::on_unimplemented(
    message = "subsample gives {FILTERS} channels, but {ARRIVING} arrive",
    label = "{ARRIVING} channels do not become {FILTERS}",
    note = "it appends channels of zeros and drops none: take at least {ARRIVING}, or `conv({FILTERS}, k1)` for fewer"
)]
pub trait Broadens<const ARRIVING: usize, const FILTERS: usize> {}

impl<const ARRIVING: usize, const FILTERS: usize> Broadens<ARRIVING, FILTERS> for Kept {}

/// The groups of a norm divide the channels.
#[diagnostic::on_unimplemented(
    message = "{GROUPS} groups do not divide the channels of {Arriving}",
    label = "{GROUPS} groups, but {Arriving} arrives",
    note = "the groups of a norm must divide the channels: `layernorm` is one group, `instancenorm` one for each channel"
)]
pub trait DividesChannels<const GROUPS: usize, Arriving> {}

impl<const GROUPS: usize, Arriving> DividesChannels<GROUPS, Arriving> for Kept {}

/// A layer takes the number of features that arrive.
#[diagnostic::on_unimplemented(
    message = "dense takes Vector<{TAKEN}>, but {Arriving} arrives",
    label = "takes Vector<{TAKEN}>, gets {Arriving}",
    note = "leave the number to the joint: `dense(10)` takes what arrives"
)]
pub trait FeatureCount<Arriving, const TAKEN: usize> {
    /// What the layer gives, or nothing.
    type Then<S: Shape>: Shape;
}

impl<Arriving, const TAKEN: usize> FeatureCount<Arriving, TAKEN> for Kept {
    type Then<S: Shape> = S;
}

/// Shapes that a dense layer takes: [`Vector`] and [`Flat`](super::Flat).
#[diagnostic::on_unimplemented(
    message = "dense takes features, but {Self} arrives",
    label = "not flat: {Self}",
    note = "write `flatten` before it: `flatten >> dense(10)`; `.on` binds tighter than `>>`, so a chain stands in parentheses: `(… >> flatten >> dense!(10)).on::<…>()`"
)]
pub trait Features: Shape {
    /// What a dense layer gives, or nothing.
    type Then<S: Shape>: Shape;
}

/// Shapes that hold a score for each class: features.
#[diagnostic::on_unimplemented(
    message = "a class is told from features, but the network gives {Self}",
    label = "gives {Self}",
    note = "end the network in `flatten >> dense(N)` for N classes",
    note = "a function for any network says what arrives and what comes out: `N: Network<Input = Image<1, 28, 28>, Output = Vector<10>>`"
)]
pub trait Scores: Shape {}

#[diagnostic::do_not_recommend]
impl<F: Features> Scores for F {}

/// Shapes with rows and columns, or a length, that can be flattened: images and sequences.
#[diagnostic::on_unimplemented(
    message = "flatten takes an image or a sequence, but {Self} arrives",
    label = "{Self} is not known to be one",
    note = "if features arrive, they are flat already: remove this `flatten`; a function that returns a piece says what it gives: `-> impl Layer<Image<3, 8, 8>, Output = Image<16, 6, 6>>`"
)]
pub trait Spatial: Shape {
    /// Its features in one line, or nothing.
    type Flattened: Features;
}

/// Shapes with several positions a channel, over which a channel can be normalised: images and sequences.
#[diagnostic::on_unimplemented(
    message = "instancenorm takes an image or a sequence, but {Self} arrives",
    label = "one value a channel: {Self}",
    note = "write `layernorm` or `batchnorm` for features"
)]
pub trait Positioned: Channelled {}

#[diagnostic::do_not_recommend]
impl<S: Spatial + Channelled> Positioned for S {}

/// The shape that arrives is the one that a network of fixed input takes.
#[diagnostic::on_unimplemented(
    message = "`{Network}` takes {Wanted}, but {Self} arrives",
    label = "takes {Wanted}, gets {Self}",
    note = "`{Network}` has a fixed input: change what comes before it, or declare it for {Self}"
)]
pub trait Is<Wanted, Network>: Shape {
    /// The shape itself, which the network declares, so that one with a mistake is silent here as well.
    type Same: Shape;
}

#[diagnostic::do_not_recommend]
impl<S: Shape, Network: Declared<Input: Shape>> Is<S, Network> for S {
    type Same = Network::Input;
}

/// The shape that a chain gives is the one that its network declares.
///
/// A declared `Vector<N>` accepts any features of that length.
#[diagnostic::on_unimplemented(
    message = "the network gives {Self}, but {Declared} is declared",
    label = "gives {Self}",
    note = "declare what the chain gives, or end the chain in what is declared"
)]
pub trait Gives<Declared> {}

/// Features are as many as are asked for.
#[diagnostic::on_unimplemented(
    message = "the network gives {Features}, which are not {SIZE} features",
    label = "{Features} where {SIZE} features are asked for",
    note = "end the network in `dense({SIZE})`, or ask for as many as it gives"
)]
pub trait Counts<Features, const SIZE: usize> {}

impl<Features, const SIZE: usize> Counts<Features, SIZE> for Kept {}

/// Two branches give the same shape, so that they can be added.
#[diagnostic::on_unimplemented(
    message = "branches that are added must give the same shape, but one gives {Other} and the other {Self}",
    label = "{Self} beside {Other}",
    note = "give both the same channels, rows and columns: as a shortcut, a `conv` of k1 with the filters and the stride of the other branch"
)]
pub trait Agrees<Other> {
    /// The shape of both, or nothing.
    type Both: Shape;
}

#[diagnostic::do_not_recommend]
impl<S: Shape> Agrees<S> for S {
    type Both = S;
}

/// A group of layers is repeated at least once.
#[diagnostic::on_unimplemented(
    message = "`repeat` makes from 1 to 4096 copies, but {COPIES} are asked for",
    label = "{COPIES} copies",
    note = "leave it out, or say how often: `repeat(3, …)`; of a const parameter, which may be any number, say `where Vector<{COPIES}>: Shape`"
)]
pub trait CopyCount<const COPIES: usize> {}

#[diagnostic::do_not_recommend]
impl<const COPIES: usize> CopyCount<COPIES> for () where Vector<COPIES>: Shape {}

/// A group of layers gives the shape that it takes.
#[diagnostic::on_unimplemented(
    message = "`repeat` needs a body that keeps its shape, but {Taken} becomes {Self}",
    label = "{Taken} becomes {Self}",
    note = "inside the body, keep the channels and pad the convolutions"
)]
pub trait Keeps<Taken> {
    /// The shape, or nothing.
    type Both: Shape;
}

#[diagnostic::do_not_recommend]
impl<S: Shape> Keeps<S> for S {
    type Both = S;
}
