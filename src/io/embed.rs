//! Weights in the program itself, compared with the network while it is compiled.

use core::marker::PhantomData;
use std::borrow::Cow;

use super::card::Card;
use super::file;
use super::header::{Entry, Header};
use super::names::{self, Named};
use crate::error::Error;
use crate::layer::Layer;
use crate::model::Model;
use crate::network::Network;
use crate::plan;
use crate::text::Text;

/// The weights of a network, embedded by [`include_weights!`](crate::include_weights).
#[derive(Clone, Copy, Debug)]
pub struct Embedded<N> {
    parameters: &'static [u8],
    state: &'static [u8],
    metadata: &'static [u8],
    network: PhantomData<N>,
}

impl<N: Network> Embedded<N> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(parameters: &'static [u8], state: &'static [u8], metadata: &'static [u8]) -> Self {
        Self { parameters, state, metadata, network: PhantomData }
    }

    /// A model with these weights. Its parameters are not copied: it reads them where they lie in the program until it is trained or otherwise changed. It
    /// does copy the running statistics, and allocates, as every model does, what its layers put in the order in which kernels read it: most of a
    /// convolution's weights are there once more, which the first inference fills.
    #[must_use]
    pub fn model(&self) -> Model<N>
    where
        N: Default,
    {
        let parameters = Cow::Borrowed(bytemuck::cast_slice(self.parameters));
        Model::holding(N::default(), parameters, bytemuck::cast_slice(self.state).to_vec())
    }

    /// The names of the classes and the normalisation of the input, empty where the file has none.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if the file's metadata are no card.
    pub fn card(&self) -> Result<Card, Error> {
        Card::of_metadata(&file::metadata(self.metadata)?)
    }
}

/// Embeds a safetensors file of weights in the program: an [`Embedded`](crate::Embedded).
///
/// The path is relative to the source file, as in `include_bytes!`. The network is a type that [`net!`](crate::net) declares. While the program is compiled, every rule
/// of the format is checked, and every name and all dims are compared with the network's: a file of another network is an error at `cargo check` that lists all that
/// differs. Its numbers must be `F32`; whether they are finite is not checked. They are put in the network's order and aligned, so that a
/// model reads them where they lie; [`Embedded::model`](crate::Embedded::model) says what it allocates besides.
///
/// A layer of your own with parameters must say them as [`Layer::SLOTS`](crate::Layer::SLOTS).
///
/// # Examples
///
/// ```
/// use shapewright::prelude::*;
/// use shapewright::{Embedded, include_weights};
///
/// net! { pub Tiny: Image<1, 8, 8> => Vector<2> = conv(1=>2, k3) >> relu >> pool2 >> flatten >> out: dense(2) }
///
/// const TINY: Embedded<Tiny> = include_weights!(Tiny, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/weights/tiny.safetensors"));
///
/// let (model, card) = (TINY.model(), TINY.card()?);
/// let said = model.predict(&Tensor::zeros());
/// assert_eq!(card.classes[said.class], "dark");
/// # Ok::<(), shapewright::Error>(())
/// ```
///
/// With the weights of another network it does not compile:
///
/// ```compile_fail
/// # use shapewright::prelude::*;
/// # use shapewright::{Embedded, include_weights};
/// net! { pub Wider: Image<1, 8, 8> => Vector<3> = conv(1=>2, k3) >> relu >> pool2 >> flatten >> out: dense(3) }
///
/// const WIDER: Embedded<Wider> = include_weights!(Wider, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/weights/tiny.safetensors"));
/// ```
#[macro_export]
macro_rules! include_weights {
    ($path:literal, $network:ty $(,)?) => {
        ::core::compile_error!(::core::concat!(
            "the network stands before its file: include_weights!(",
            ::core::stringify!($network),
            ", ",
            ::core::stringify!($path),
            ")"
        ))
    };
    ($network:ty, $path:expr $(,)?) => {{
        const FILE: &[u8] = ::core::include_bytes!($path);
        const COUNTS: $crate::embedded::Tally = $crate::embedded::counts::<$network>(FILE);
        #[allow(long_running_const_eval)]
        const PLAN: $crate::embedded::Plan<{ COUNTS.tensors }> =
            $crate::embedded::plan::<$network, { COUNTS.tensors }, { COUNTS.entries }>(FILE);
        static PARAMETERS: $crate::embedded::Aligned<{ COUNTS.parameters }> = PLAN.collect(FILE, 0);
        static STATE: $crate::embedded::Aligned<{ COUNTS.state }> = PLAN.collect(FILE, COUNTS.parameters);
        static METADATA: $crate::embedded::Aligned<{ COUNTS.metadata }> = $crate::embedded::metadata(FILE);
        $crate::Embedded::<$network>::new(PARAMETERS.bytes(), STATE.bytes(), METADATA.bytes())
    }};
}

/// How many of everything `include_weights!` needs.
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    /// Tensors of the network.
    pub tensors: usize,
    /// Tensors in the file.
    pub entries: usize,
    /// Bytes of the parameters.
    pub parameters: usize,
    /// Bytes of the running statistics.
    pub state: usize,
    /// Bytes of the metadata.
    pub metadata: usize,
}

/// Bytes at an address that suits every number and every cache line.
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug)]
pub struct Aligned<const LENGTH: usize>([u8; LENGTH]);

impl<const LENGTH: usize> Aligned<LENGTH> {
    /// The bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// `?` where an error stops the compiler.
macro_rules! sound {
    ($file:expr, $result:expr) => {
        match $result {
            Ok(value) => value,
            Err(fault) => panic!("{}", fault.told($file).as_str()),
        }
    };
}

const fn of<N: Network>() -> &'static plan::Plan {
    const { &<N as Layer<<N as Network>::Input>>::PLAN }
}

/// Reads how many of everything there are.
///
/// # Panics
///
/// If the file is malformed: the compiler stops there.
#[must_use]
#[expect(clippy::assertions_on_constants, reason = "it depends on the target")]
pub const fn counts<N: Network>(file: &[u8]) -> Tally {
    assert!(
        cfg!(target_endian = "little"),
        "embedded weights are read as they lie in the file, least significant byte first"
    );
    let mut header = sound!(file, Header::of(file));
    let mut entries = 0;
    while sound!(file, header.next()).is_some() {
        entries += 1;
    }
    let size = size_of::<f32>();
    let parameters = size * <N as Layer<<N as Network>::Input>>::PARAMS;
    let state = size * <N as Layer<<N as Network>::Input>>::STATE;
    let tensors = names::count(of::<N>());
    Tally { tensors, entries, parameters, state, metadata: header.metadata.len() }
}

/// The metadata of a file, as they stand there.
#[must_use]
pub const fn metadata<const LENGTH: usize>(file: &[u8]) -> Aligned<LENGTH> {
    let mut header = sound!(file, Header::of(file));
    while sound!(file, header.next()).is_some() {}
    let mut bytes = [0; LENGTH];
    bytes.copy_from_slice(header.metadata);
    Aligned(bytes)
}

/// Where each of the network's tensors lies in the file, from where to where.
#[derive(Debug)]
pub struct Plan<const TENSORS: usize>([[usize; 2]; TENSORS]);

impl<const TENSORS: usize> Plan<TENSORS> {
    /// The values of as many tensors as `LENGTH` bytes hold, behind the first `skipped` bytes.
    #[must_use]
    pub const fn collect<const LENGTH: usize>(&self, file: &[u8], skipped: usize) -> Aligned<LENGTH> {
        let (mut bytes, mut end, mut index) = ([0; LENGTH], 0, 0);
        while index < TENSORS {
            let values = file.split_at(self.0[index][1]).0.split_at(self.0[index][0]).1;
            if end >= skipped && end < skipped + LENGTH {
                bytes.split_at_mut(end - skipped).1.split_at_mut(values.len()).0.copy_from_slice(values);
            }
            end += values.len();
            index += 1;
        }
        Aligned(bytes)
    }
}

/// Finds the network's tensors in a file, or stops the compiler with everything that differs.
///
/// # Panics
///
/// If something differs.
#[must_use]
pub const fn plan<N: Network, const TENSORS: usize, const ENTRIES: usize>(file: &[u8]) -> Plan<TENSORS> {
    let names = names::tensors::<TENSORS>(of::<N>());
    let mut header = sound!(file, Header::of(file));
    let mut entries = [Entry::EMPTY; ENTRIES];
    let mut index = 0;
    while let Some(entry) = sound!(file, header.next()) {
        entries[index] = entry;
        index += 1;
    }
    sort(&mut entries);
    sound!(file, header.check_ranges(&entries));

    let mut differences = Differences { text: Text::new(), count: 0, shown: 0 };
    let mut plan = Plan([[0; 2]; TENSORS]);
    let mut index = 0;
    while index < TENSORS {
        let Some(named) = &names[index] else { panic!("as many tensors are listed as were counted") };
        let (name, dims) = (named.name.as_str(), named.slot.dims());
        let difference = Difference::of(name);
        match find(&entries, name) {
            None => differences.add(&difference.and(" ").dims(dims).and(" is missing")),
            Some(entry) if !equal(entry.dims(), dims) => {
                differences.add(&difference.and(" is ").dims(entry.dims()).and(", but must be ").dims(dims));
            }
            Some(entry) if !entry.dtype.is("F32") => differences.add(&difference.and(" is not of type F32")),
            Some(Entry { range: [start, end], .. }) => {
                plan.0[index] = [header.values + *start, header.values + *end];
            }
        }
        index += 1;
    }
    let (mut known, mut index) = (0, 0);
    while index < ENTRIES {
        let entry = &entries[index];
        if is_listed(&names, entry) {
            known += 1;
        } else if !is_counter(&names, entry) {
            differences.add(&Difference::of(entry.name.raw()).and(" ").dims(entry.dims()).and(" is unexpected"));
        }
        index += 1;
    }
    assert!(differences.count == 0, "{}", differences.told().as_str());
    assert!(known == TENSORS, "there are two tensors of one name");
    plan
}

/// Puts the tensors in the order of their values.
const fn sort(entries: &mut [Entry]) {
    let mut sorted = 1;
    while sorted < entries.len() {
        let mut at = sorted;
        while at > 0 && is_behind(&entries[at - 1], &entries[at]) {
            entries.swap(at - 1, at);
            at -= 1;
        }
        sorted += 1;
    }
}

const fn is_behind(a: &Entry, b: &Entry) -> bool {
    a.range[0] > b.range[0] || (a.range[0] == b.range[0] && a.range[1] > b.range[1])
}

const fn find<'a, 'b>(entries: &'b [Entry<'a>], name: &str) -> Option<&'b Entry<'a>> {
    let mut index = 0;
    while index < entries.len() {
        if entries[index].name.is(name) {
            return Some(&entries[index]);
        }
        index += 1;
    }
    None
}

const fn equal(a: &[usize], b: &[usize]) -> bool {
    let (mut equal, mut index) = (a.len() == b.len(), 0);
    while equal && index < a.len() {
        equal = a[index] == b[index];
        index += 1;
    }
    equal
}

const fn is_listed(names: &[Option<Named>], entry: &Entry) -> bool {
    let mut index = 0;
    while index < names.len() {
        if let Some(named) = &names[index]
            && entry.name.is(named.name.as_str())
        {
            return true;
        }
        index += 1;
    }
    false
}

/// Whether it is PyTorch's count of the batches that a batch norm has seen.
const fn is_counter(names: &[Option<Named>], entry: &Entry) -> bool {
    let mut index = 0;
    while index < names.len() {
        if let Some(named) = &names[index]
            && let Some(stage) = before(named.name.as_str(), "running_mean")
            && let Some(counter) = entry.name.after(stage)
            && counter.is("num_batches_tracked")
        {
            return true;
        }
        index += 1;
    }
    false
}

/// What stands before `end`, if the text ends in it.
const fn before<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    match text.len().checked_sub(end.len()) {
        Some(length) if text.is_char_boundary(length) => {
            let (before, behind) = text.split_at(length);
            if same(behind.as_bytes(), end.as_bytes()) { Some(before) } else { None }
        }
        _ => None,
    }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let (mut same, mut index) = (a.len() == b.len(), 0);
    while same && index < a.len() {
        same = a[index] == b[index];
        index += 1;
    }
    same
}

/// Everything that differs, and as much of it in words as there is room for.
struct Differences {
    text: Text<8192>,
    count: usize,
    shown: usize,
}

impl Differences {
    const fn add(&mut self, difference: &Difference) {
        let (text, between) = (difference.0.as_str(), if self.count == 0 { "" } else { "; " });
        if self.shown == self.count && between.len() + text.len() <= self.text.room() {
            self.text.push(between);
            self.text.push(text);
            self.shown += 1;
        }
        self.count += 1;
    }

    const fn told(&self) -> Text<8320> {
        let mut told = Text::new();
        told.push("the file's parameters are not the network's: ");
        told.push(self.text.as_str());
        if self.shown < self.count {
            told.push("; … and ");
            told.push_number(self.count - self.shown);
            told.push(" more");
        }
        told
    }
}

/// One thing that differs.
struct Difference(Text<1024>);

impl Difference {
    const fn of(name: &str) -> Self {
        Self(Text::new()).and("`").and(name).and("`")
    }

    const fn and(mut self, text: &str) -> Self {
        self.0.push(text);
        self
    }

    const fn dims(mut self, dims: &[usize]) -> Self {
        self = self.and("[");
        let mut axis = 0;
        while axis < dims.len() {
            self = self.and(if axis > 0 { ", " } else { "" });
            self.0.push_number(dims[axis]);
            axis += 1;
        }
        self.and("]")
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::{counts, plan};
    use crate::model::Model;
    use crate::net;
    use crate::network::Network;

    net! {
        Whole: Image<1, 8, 8> => Vector<2> = conv(1=>2, k3) >> batchnorm >> relu >> flatten >> out: dense(2);
        Wider: Image<1, 8, 8> => Vector<3> = conv(1=>2, k3) >> batchnorm >> relu >> flatten >> out: dense(3);
        Other: Image<1, 8, 8> => Vector<2> = conv(1=>2, k3, nobias) >> relu >> flatten >> last: dense(2);
        Deep: Vector<2> => Vector<2> = repeat(150, größe: dense(2));
        DeepOther: Vector<2> => Vector<2> = repeat(150, Größe: dense(2))
    }

    /// What the compiler would say of this file for `N`.
    fn said<N: Network, const TENSORS: usize, const ENTRIES: usize>(file: &[u8]) -> String {
        let counts = counts::<N>(file);
        assert_eq!((counts.tensors, counts.entries), (TENSORS, ENTRIES));
        match catch_unwind(|| plan::<N, TENSORS, ENTRIES>(file)) {
            Ok(_) => "fits".to_owned(),
            Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_default(),
        }
    }

    #[test]
    fn everything_that_differs_is_said() {
        let file = Model::new(Whole, 1).to_safetensors().unwrap();
        assert_eq!(said::<Whole, 8, 8>(&file), "fits");
        assert_eq!(
            said::<Wider, 8, 8>(&file),
            "the file's parameters are not the network's: `out.weight` is [2, 72], but must be [3, 72]; `out.bias` is [2], but must be [3]"
        );
        assert_eq!(
            said::<Other, 3, 8>(&file),
            "the file's parameters are not the network's: `last.weight` [2, 72] is missing; `last.bias` [2] is missing; \
            `0.bias` [2] is unexpected; `1.weight` [2] is unexpected; `1.bias` [2] is unexpected; `out.weight` [2, 72] is unexpected; \
            `out.bias` [2] is unexpected; `1.running_mean` [2] is unexpected; `1.running_var` [2] is unexpected"
        );
        let doubles = Model::new(Whole, 1).cast::<f64>().to_safetensors().unwrap();
        assert!(
            said::<Whole, 8, 8>(&doubles)
                .starts_with("the file's parameters are not the network's: `0.weight` is not of type F32; ")
        );
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let file = Model::new(Deep, 1).to_safetensors().unwrap();
        assert_eq!(said::<Deep, 300, 300>(&file), "fits");
        let said = said::<DeepOther, 300, 300>(&file);
        let (shown, more) = said.rsplit_once("; … and ").unwrap();
        let shown = shown.matches(" is missing").count() + shown.matches(" is unexpected").count();
        assert_eq!(more, format!("{} more", 600 - shown));
    }
}
