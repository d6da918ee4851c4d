//! Repetitions and joints: layers that hold chains.

use proc_macro2::TokenStream;

use super::output_padding::{self, Mended};
use super::{Arriving, Outcome, Row, counted, spelled, sum, walk};
use crate::ast::{Chain, Conv, Joint, Repeat, Stage};
use crate::catalogue::JointKind;
use crate::error::Mistakes;
use crate::number::LIMIT;
use crate::shape::{Maps, Shape, Size, product};

/// How two branches come to the same positions.
const ALIKE: &str = "pad and stride both alike, so that they keep the same rows and columns";

/// What would let the branch at a place give what fits.
type Mending<'a> = dyn FnMut(usize, &dyn Fn(&Shape) -> bool) -> Option<Mended> + 'a;

/// What a branch gives, and where a mistake in it is reported.
struct Branch {
    leaving: Arriving,
    at: TokenStream,
}

impl Arriving {
    pub(super) fn repeat(
        &self,
        repeat: &mut Repeat,
        word: &TokenStream,
        place: &str,
        mistakes: &mut Mistakes,
    ) -> Outcome {
        let (rows, leaving) = self.keeping(&mut repeat.body, &format!("{place}.0."), mistakes);
        let output = leaving.shape.clone();
        if !output.agrees(&self.shape) {
            let (takes, gives) = (self.gives(), leaving.gives());
            let way = format!("let the chain give {}, or write out the copies", self.shape);
            let message =
                format!("a repeated chain has to give the shape that it takes, but {takes} and {gives}; {way}");
            mistakes.add(word, message);
        }
        let times = |size| product(&[repeat.count.value, size]);
        (output, times(sum(rows.iter().map(|row| row.params))), times(sum(rows.iter().map(|row| row.macs))))
    }

    /// Walks a chain that has to give the shape that it takes. Where it does so for other channels than arrive, those that its first
    /// convolution states, that is its one mistake.
    fn keeping(&self, chain: &mut Chain, prefix: &str, mistakes: &mut Mistakes) -> (Vec<Row>, Self) {
        let Some((stated, arrive, positions)) = self.other_channels(chain) else {
            return walk(chain, self.clone(), prefix, mistakes);
        };
        let meant = Self { shape: Shape::maps(Some(stated), positions), ..self.clone() };
        let mut others = Mistakes::trial();
        let (rows, leaving) = walk(chain, meant.clone(), prefix, &mut others);
        if !others.is_empty() || !leaving.shape.agrees(&meant.shape) {
            return walk(chain, self.clone(), prefix, mistakes);
        }
        let convolutions: Vec<&Conv> = chain.stages.iter().filter_map(Stage::conv).collect();
        let [first, ..] = convolutions[..] else { return (rows, self.clone()) };
        let way = match convolutions[..] {
            [only] if !chain.stages.iter().any(Stage::holds_others) => format!("write {}", only.with_channels(arrive)),
            _ => format!("this chain has to give what it takes: write {arrive} for {stated} in all of it"),
        };
        let (name, takes, has) = (first.kind.word(), counted(stated, "channel"), self.has());
        let message = format!("{name} takes {takes}, but {has} {arrive}: {}; {way}", self.shape);
        mistakes.add(first.input.as_ref().map(|input| &input.tokens), message);
        (rows, self.clone())
    }

    /// The channels that the first convolution of a chain states, those that arrive instead, and their positions.
    fn other_channels(&self, chain: &Chain) -> Option<(usize, usize, &[Size])> {
        let Shape::Maps(Maps { channels, positions }) = &self.shape else { return None };
        let stated = chain.stages.first()?.conv()?.input.as_ref()?.value?;
        let arrive = (*channels)?;
        (stated != arrive).then_some((stated, arrive, positions))
    }

    /// The output of a joint, and the rows of its branches.
    pub(super) fn joint(
        &self,
        joint: &mut Joint,
        word: &TokenStream,
        place: &str,
        mistakes: &mut Mistakes,
    ) -> (Shape, Vec<Row>) {
        let mut rows = Vec::new();
        let mut branches = Vec::new();
        let keeps = joint.kind == JointKind::Residual && joint.branches.len() == 1;
        for (index, chain) in joint.branches.iter_mut().enumerate() {
            let prefix = match (joint.kind, index) {
                (JointKind::Residual, 0) => format!("{place}."),
                (JointKind::Residual, _) => format!("{place}.shortcut."),
                _ => format!("{place}.{index}."),
            };
            let (branch_rows, leaving) = if keeps {
                self.keeping(chain, &prefix, mistakes)
            } else {
                walk(chain, self.clone(), &prefix, mistakes)
            };
            let at = chain.stages.last().map_or_else(|| word.clone(), |stage| stage.word.clone());
            rows.extend(branch_rows);
            branches.push(Branch { leaving, at });
        }
        // the branch that an output padding would let fit another
        let is_trial = mistakes.is_trial();
        let mut mended = |index: usize, fits: &dyn Fn(&Shape) -> bool| {
            joint
                .branches
                .get_mut(index)
                .filter(|_| !is_trial)
                .and_then(|chain| output_padding::mended(chain, self, fits))
        };
        let output = match joint.kind {
            JointKind::Residual => self.residual(&branches, word, &mut mended, mistakes),
            JointKind::Concat => concat(&branches, word, &mut mended, mistakes),
            JointKind::Sum => total(&branches, &mut mended, mistakes),
        };
        (output, rows)
    }

    fn residual(
        &self,
        branches: &[Branch],
        word: &TokenStream,
        mended: &mut Mending,
        mistakes: &mut Mistakes,
    ) -> Shape {
        let Some(body) = branches.first().map(|branch| &branch.leaving) else {
            return Shape::Unknown;
        };
        let shortcut = branches.get(1).map_or(self, |branch| &branch.leaving);
        let mut given = known_of([&body.shape, &shortcut.shape]);
        if !body.shape.agrees(&shortcut.shape) {
            let fitting = mended(0, &|shape| shape.agrees(&shortcut.shape))
                .or_else(|| mended(1, &|shape| shape.agrees(&body.shape)));
            given = fitting.as_ref().map_or(given, |mended| mended.shape.clone());
            let (at, way) = blamed(fitting, word, || {
                let conv = projection(&self.shape, &body.shape);
                conv.map_or_else(
                    || same_shape(&body.shape, &shortcut.shape),
                    |conv| format!("write residual(… | {conv})"),
                )
            });
            let (body, shortcut) = (body.gives(), shortcut.gives());
            mistakes.add(at, format!("residual adds its body to its shortcut, but {body} and {shortcut}; {way}"));
        }
        given
    }
}

/// Branches side by side, channel by channel.
fn concat(branches: &[Branch], word: &TokenStream, mended: &mut Mending, mistakes: &mut Mistakes) -> Shape {
    let fits = |a: &Shape, b: &Shape| match (a, b) {
        (Shape::Maps(a), Shape::Maps(b)) => Shape::maps(None, &a.positions).agrees(&Shape::maps(None, &b.positions)),
        _ => (a.is_features() && b.is_features()) || a.agrees(b),
    };
    let first = common(branches, fits);
    let mut channels = sum(branches.iter().map(|branch| branch.leaving.shape.channels()));
    let mut given = branches.get(first).map_or(Shape::Unknown, |branch| branch.leaving.shape.clone());
    for index in odd(branches, first, fits) {
        let (odd, other) = (&branches[index].leaving, &branches[first].leaving);
        let fitting = mending(branches, index, first, fits, mended);
        channels = channels.filter(|_| fitting.is_some());
        given = fitting.as_ref().map_or(given, |mended| mended.shape.clone());
        let (at, way) = blamed(fitting, &branches[index].at, || {
            let way = match (&odd.shape, &other.shape) {
                (Shape::Maps(a), Shape::Maps(b)) if a.positions.len() == b.positions.len() => ALIKE,
                _ => "flatten both or none",
            };
            way.to_owned()
        });
        let (odd, other) = (odd.gives(), other.gives());
        let message =
            format!("concat joins branches that agree in all but their channels, but {odd} and {other}; {way}");
        mistakes.add(at, message);
    }
    if let Some(channels) = channels.filter(|channels| *channels > LIMIT) {
        mistakes.add(
            word,
            format!(
                "concat gives {channels} channels, but a size is at most {LIMIT}; write branches of fewer channels"
            ),
        );
    }
    let channels = channels.filter(|channels| *channels <= LIMIT);
    match given {
        Shape::Maps(Maps { positions, .. }) => Shape::maps(channels, &positions),
        Shape::Vector(_) | Shape::Flat(_) => Shape::Vector(channels),
        Shape::Unknown => Shape::Unknown,
    }
}

/// Branches added value by value.
fn total(branches: &[Branch], mended: &mut Mending, mistakes: &mut Mistakes) -> Shape {
    let first = common(branches, Shape::agrees);
    let mut given = branches.get(first).map_or(Shape::Unknown, |branch| branch.leaving.shape.clone());
    for index in odd(branches, first, Shape::agrees) {
        let (odd, other) = (&branches[index].leaving, &branches[first].leaving);
        let fitting = mending(branches, index, first, Shape::agrees, mended);
        given = fitting.as_ref().map_or(given, |mended| mended.shape.clone());
        let (at, way) = blamed(fitting, &branches[index].at, || {
            let conv = projection(&odd.shape, &other.shape);
            conv.map_or_else(|| same_shape(&odd.shape, &other.shape), |conv| format!("end it in >> {conv}"))
        });
        let (odd, other) = (odd.gives(), other.gives());
        mistakes.add(at, format!("sum adds branches of one shape, but {odd} and {other}; {way}"));
    }
    given
}

/// The branch that most others fit, the first of them.
fn common(branches: &[Branch], fits: impl Fn(&Shape, &Shape) -> bool) -> usize {
    let shape = |index: usize| &branches[index].leaving.shape;
    let fitting = |index: usize| (0..branches.len()).filter(|&other| fits(shape(index), shape(other))).count();
    let is_open = |index: usize| !shape(index).is_known();
    // of equals the first, but rather one of which all is known
    (0..branches.len()).rev().max_by_key(|&index| (!is_open(index), fitting(index))).unwrap_or(0)
}

/// The branches that do not fit the `common` one.
fn odd(branches: &[Branch], common: usize, fits: impl Fn(&Shape, &Shape) -> bool) -> impl Iterator<Item = usize> {
    let shape = |index: usize| &branches[index].leaving.shape;
    (0..branches.len()).filter(move |&index| !fits(shape(index), shape(common)))
}

/// What would let the `odd` branch fit the `common` one, or this that.
fn mending(
    branches: &[Branch],
    odd: usize,
    common: usize,
    fits: impl Fn(&Shape, &Shape) -> bool,
    mended: &mut Mending,
) -> Option<Mended> {
    let shape = |index: usize| &branches[index].leaving.shape;
    let onto_common = mended(odd, &|mended| fits(mended, shape(common)));
    onto_common.or_else(|| mended(common, &|mended| fits(mended, shape(odd))))
}

/// Where a branch that does not fit is reported, and the way out: an output padding, or else the `other`.
fn blamed(mended: Option<Mended>, at: &TokenStream, other: impl FnOnce() -> String) -> (TokenStream, String) {
    match mended {
        Some(Mended { at, call, .. }) => (at, format!("write {call}")),
        None => (at.clone(), other()),
    }
}

/// The shape of which more is known.
fn known_of([a, b]: [&Shape; 2]) -> Shape {
    if a.is_known() || !b.is_known() { a.clone() } else { b.clone() }
}

/// How two branches come to the same shape, if no convolution of 1×1 does it.
fn same_shape(a: &Shape, b: &Shape) -> String {
    match (a, b) {
        (Shape::Maps(a), Shape::Maps(b)) if a.positions.len() == b.positions.len() => ALIKE.to_owned(),
        _ => "give both the same shape".to_owned(),
    }
}

/// The convolution of 1×1 that makes one shape of another.
fn projection(from: &Shape, to: &Shape) -> Option<String> {
    let (Shape::Maps(from), Shape::Maps(to)) = (from, to) else {
        return None;
    };
    let channels = to.channels?;
    if from.positions.len() != to.positions.len() {
        return None;
    }
    let stride = |(from, to): (&Size, &Size)| {
        let (from, to) = ((*from)?, (*to)?);
        (1..=from).find(|stride| from.div_ceil(*stride) == to)
    };
    let strides = from.positions.iter().zip(&to.positions).map(stride).collect::<Option<Vec<usize>>>()?;
    let stride = if strides.iter().all(|stride| *stride == 1) {
        String::new()
    } else if strides.windows(2).all(|pair| pair[0] == pair[1]) {
        format!(", s{}", strides[0])
    } else {
        format!(", {}", spelled("stride", &strides))
    };
    Some(format!("conv({channels}, k1{stride})"))
}
