//! Networks: layers with a fixed input shape.

use core::marker::PhantomData;

use crate::element::Element;
use crate::layer::{Backward, Forward, Layer};
use crate::layers::{Chain, Seq};
use crate::misplaced::{Opened, Pass};
use crate::outline::Outline;
use crate::plan::Plan;
use crate::shape::rules::{Gives, Is};
use crate::shape::{Known, Shape};
use crate::watch::Watch;

/// A layer that says which shape it takes; a [`Network`] if it is one for that shape.
pub trait Declared {
    /// The shape of an input sample. Whether it is one is for [`Joints::start`] to say, once.
    type Input;
}

/// A layer with a fixed input shape: what [`net!`](crate::net) makes, and what a [`Model`](crate::Model) holds.
///
/// `N: Network` alone is any network, of which nothing is known but that it has parameters. A function that gives it samples says what
/// arrives, `N: Network<Input = Image<1, 28, 28>>`; one that compares what comes out, or names a class, says that, too:
/// `N: Network<Input = Image<1, 28, 28>, Output = Vector<10>>`. `&Model<impl Network<…>>` is the same without a name. A function for samples
/// of any shape takes `&Batch<N::Input>`.
///
/// # Examples
///
/// A function for any network from digits to ten classes:
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{Error, Network};
///
/// fn train<N>(model: &mut Model<N>, images: &Batch<Image<1, 8, 8>>, labels: &Labels<10>) -> Result<f32, Error>
/// where
///     N: Network<Input = Image<1, 8, 8>, Output = Vector<10>>,
/// {
///     model.step(images, labels, &CrossEntropy, &mut Sgd::new(0.1))
/// }
///
/// let mut model = Model::new(net!(Image<1, 8, 8> => flatten >> dense(10)), 1);
/// assert!(train(&mut model, &Batch::zeros(2), &Labels::new(&[3, 4])?)? > 0.0);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a network",
    label = "not a network, or one with a mistake in it",
    note = "if a joint is reported above, mend that first; layers are joined by `>>`, and become a network by `(… >> dense!(10)).on::<Image<3, 32, 32>>()` or in `net!`",
    note = "the network comes first: `Model::new(Net, 42)`, `Model::open(Net, \"net.safetensors\")?`",
    note = "a function for any network says what arrives and what comes out: `N: Network<Input = Image<1, 28, 28>, Output = Vector<10>>`"
)]
pub trait Network: Layer<Self::Input, Output = <Self as Network>::Output> {
    /// The shape of an input sample.
    type Input: Shape;
    /// The shape of an output sample.
    type Output: Shape;

    #[doc(hidden)]
    fn load<Path, Given>(&self, _: Path) -> Given
    where
        Self: Opened<Given = Given>,
    {
        crate::__nothing_is_given()
    }
}

/// A piece with its input fixed to `I`; it gives `O`.
#[derive(Clone, Copy, Debug)]
pub struct On<I, O, L> {
    piece: Chain<L>,
    shapes: PhantomData<(I, O)>,
}

impl<I: Shape, O, L> Declared for On<I, O, L> {
    type Input = I;
}

/// The output of a chain of which `.on` has fixed more than the last layer. Nothing implements it.
#[diagnostic::on_unimplemented(
    message = "`.on` fixes the last layer alone: it binds tighter than `>>`, so a chain stands in parentheses",
    label = "a chain in front of a network",
    note = "write `(… >> flatten >> dense!(10)).on::<Image<3, 32, 32>>()`"
)]
pub trait InParentheses {
    /// What the chain takes.
    type Input: Shape;
}

impl<A, I, O: InParentheses, L> Network for Seq<A, On<I, O, L>>
where
    Self: Layer<O::Input>,
{
    type Input = O::Input;
    type Output = <Self as Layer<O::Input>>::Output;
}

#[diagnostic::do_not_recommend]
impl<I: Shape, O: Shape, L: Layer<I>> Network for On<I, O, L> {
    type Input = I;
    type Output = L::Output;
}

impl<I, O, L> On<I, O, L> {
    #[doc(hidden)]
    pub fn forward<P: Pass<Self>>(&self, pass: P) -> P::Given {
        pass.run(self)
    }
}

impl<I: Shape, Input: Shape, O, L> Layer<I> for On<Input, O, L>
where
    Self: Clone + Send + Sync,
    I: Is<Input, Self>,
    L: Layer<I::Same>,
{
    type Output = L::Output;

    const PLAN: Plan = <Chain<L> as Layer<I::Same>>::PLAN;

    crate::__hand_on!(Chain<L> as I::Same, |this| &this.piece);

    fn watch<E: Element>(&self, watch: &mut Watch<'_, E>) {
        Layer::<I::Same>::watch(&self.piece, watch);
    }

    fn outline(&self, outline: &mut Outline) {
        Layer::<I::Same>::outline(&self.piece, outline);
    }
}

/// Fixes the input shape of a piece.
pub trait Fix: Sized {
    /// The piece as a network that takes `I`. A method binds tighter than `>>`, so a chain stands in parentheses:
    /// `(… >> dense!(10)).on::<Image<3, 32, 32>>()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    /// use shapewright::dsl::*;
    ///
    /// let piece = conv!(3=>32, k5, pad2) >> relu >> pool2 >> flatten >> dense!(10);
    /// let model = Model::new(piece.on::<Image<3, 24, 24>>(), 1);
    /// assert_eq!(model.forward(&Batch::zeros(2)).len(), 2);
    /// ```
    fn on<I: Shape>(self) -> On<I, Self::Output, <Self::Output as Then<Self>>::Given>
    where
        Self: Layer<I>,
    {
        On { piece: Chain(self), shapes: PhantomData }
    }
}

impl<L> Fix for L {}

/// What is given where a shape comes out.
pub trait Then<L> {
    /// `L`. Where a mistake leaves no shape it is nothing, and nothing is reported of it again.
    type Given;
}

impl<L, S: Shape> Then<L> for S {
    type Given = L;
}

/// Whether the joints of a declared network are in order: `true`, or where one is not, a constant that does not compile.
#[derive(Debug)]
pub struct Sound<const JOINED: bool>;

impl<S> Then<S> for Sound<true> {
    type Given = S;
}

/// The joints of a chain, one after the other: each call checks one, at the user's own token.
///
/// `net!` writes the calls. `I` is what the chain takes, `S` what it gives so far.
#[derive(Clone, Copy, Debug)]
pub struct Joints<I, S> {
    shapes: PhantomData<(I, S)>,
}

impl<Input> Joints<Input, Input> {
    /// Before the first layer.
    #[must_use]
    pub const fn start() -> Joints<Input::Shape, Input::Shape>
    where
        Input: Known,
    {
        Joints { shapes: PhantomData }
    }
}

impl<I, S> Joints<I, S> {
    /// Joins a layer by its type.
    #[must_use]
    pub const fn then<L: Layer<S>>(self) -> Joints<I, L::Output>
    where
        S: Shape,
    {
        Joints { shapes: PhantomData }
    }

    /// Joins a layer by its value.
    #[must_use]
    pub const fn by<L: Layer<S>>(self, _layer: &L) -> Joints<I, L::Output>
    where
        S: Shape,
    {
        self.then::<L>()
    }

    /// Checks the declared output.
    pub const fn declared<O>(self)
    where
        S: Gives<O>,
    {
    }

    /// The chain whose joints these were.
    #[must_use]
    pub const fn of<L>(self, _chain: &L) -> Checked<I, S, L> {
        Checked { types: PhantomData }
    }
}

/// A chain `L` whose joints have been checked.
#[derive(Clone, Copy, Debug)]
pub struct Checked<I, S, L> {
    types: PhantomData<(I, S, L)>,
}

impl<I: Shape, S, L: Layer<I>> Checked<I, S, L> {
    /// The chain as a network.
    #[must_use]
    pub const fn network(self, chain: L) -> On<I, S, L> {
        On { piece: Chain(chain), shapes: PhantomData }
    }
}

/// What a chain with a mistake is, which has been reported at its joint. It has to be in scope.
pub trait OrNothing: Sized {
    /// Anything: nothing that is done with it is reported.
    #[must_use]
    fn network<L, N>(self, _chain: L) -> N {
        unreachable!("a network with a mistake does not compile")
    }
}

impl<I, S, L> OrNothing for Checked<I, S, L> {}

/// What stands in for a chain that `net!` has refused, so that its network can be named without a second error.
#[derive(Debug)]
pub struct Unchecked<O>(PhantomData<O>);

impl<O> Unchecked<O> {
    /// Never runs: there has been an error.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<O> Default for Unchecked<O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<O> Clone for Unchecked<O> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<I: Shape, O: Shape> Layer<I> for Unchecked<O> {
    type Output = O;

    fn forward<E: Element>(&self, _pass: Forward<'_, E>) {
        unreachable!("a refused network does not compile")
    }

    fn backward<E: Element>(&self, _pass: Backward<'_, E>) {
        unreachable!("a refused network does not compile")
    }
}
