//! Walks a chain with the shapes that the macro can see, and finds the joints that do not fit.
//!
//! It knows literals only; what depends on a named constant, another network or a user's layer is left to the types.
//! After a mistake it goes on from the most plausible shape, so that one mistake gives one message.

mod exact;
mod groups;
mod output_padding;
mod values;
mod windows;

use proc_macro2::TokenStream;
use syn::Type;
use syn::ext::IdentExt;

use self::output_padding::mended;
pub(crate) use self::windows::{Uneven, ways_of_groups};
use crate::ast::{Chain, Layer, Stage, compact};
use crate::error::Mistakes;
use crate::number::LIMIT;
use crate::shape::{Maps, Shape, Size, shown};

/// What is known of a stage.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its place in the chain, or its label.
    pub(crate) stage: String,
    /// The layer as the user wrote it.
    pub(crate) layer: String,
    /// The type to look at for what the macro cannot see.
    pub(crate) path: Option<String>,
    pub(crate) output: Shape,
    /// Trainable parameters.
    pub(crate) params: Size,
    /// Multiply-accumulates of one sample.
    pub(crate) macs: Size,
    /// The stages in it, of its branches or its chain, which its own figures include.
    pub(crate) branches: Vec<Row>,
}

/// The shape that arrives at a stage, and where it comes from.
#[derive(Clone)]
struct Arriving {
    shape: Shape,
    /// `` `pool2` (stage 2)``; none: the input of the network.
    from: Option<String>,
    /// The axes of the last image or sequence that could be seen, which what cannot be seen probably keeps.
    axes: Option<usize>,
}

/// What is known of a network.
pub(crate) struct Checked {
    /// A row for each stage.
    pub(crate) rows: Vec<Row>,
    pub(crate) input: Shape,
    /// What is declared, or else what the chain gives.
    pub(crate) output: Shape,
}

/// Walks `chain` from the shape `input` to the shape declared as `output`.
pub(crate) fn check(input: &Type, output: Option<&Type>, chain: &mut Chain, mistakes: &mut Mistakes) -> Checked {
    let input = Shape::read(input, mistakes);
    let axes = input.axes();
    let arriving = Arriving { shape: input.clone(), from: None, axes };
    let (rows, leaving) = walk(chain, arriving.clone(), "", mistakes);
    let declared = output.map_or(Shape::Unknown, |at| {
        let declared = Shape::read(at, mistakes);
        // what is not known because of a mistake that is noted is no second one
        if !can_stand_for(&leaving.shape, &declared) && (mistakes.is_empty() || leaving.shape.is_known()) {
            let mended = mended(chain, &arriving, |shape| can_stand_for(shape, &declared)).map(|mended| mended.way);
            let way = mended.or_else(|| resized(&arriving, &rows, &declared));
            let message = another_output(&leaving.shape, &declared, way);
            mistakes.add(at, message);
        }
        declared
    });
    let output = if declared == Shape::Unknown { leaving.shape } else { declared };
    Checked { rows, input, output }
}

/// Whether what the chain gives can stand for what is declared.
fn can_stand_for(given: &Shape, declared: &Shape) -> bool {
    match declared {
        Shape::Vector(length) if given.is_features() => {
            length.is_none() || given.len().is_none() || *length == given.len()
        }
        _ => given.agrees(declared),
    }
}

/// What is said of a chain that gives another shape than the declared, with what would mend the chain.
fn another_output(given: &Shape, declared: &Shape, mended: Option<String>) -> String {
    let gives = match given {
        Shape::Flat(_) => format!("{} features: {given}", given.arithmetic()),
        _ => given.to_string(),
    };
    let output = match given {
        Shape::Flat(_) => Shape::Vector(given.len()),
        _ => given.with_sizes_of(declared),
    };
    let end = match declared {
        Shape::Vector(length) if given.is_features() => Some(format!("end in dense({})", shown(*length))),
        Shape::Vector(length) => Some(format!("end in flatten >> dense({})", shown(*length))),
        _ => mended,
    };
    let output = output.is_known().then(|| format!("write => {output}"));
    let ways: Vec<String> = output.into_iter().chain(end).collect();
    let way = if ways.is_empty() { "declare what it gives".to_owned() } else { ways.join(" or ") };
    format!("the network gives {gives}, but {declared} is declared; {way}")
}

/// The last stage that leaves the declared positions, as a way out: to let it keep them.
fn resized(arriving: &Arriving, rows: &[Row], declared: &Shape) -> Option<String> {
    let positions = |shape: &Shape| if let Shape::Maps(maps) = shape { Some(maps.positions.clone()) } else { None };
    let declared = positions(declared)?;
    let before = std::iter::once(&arriving.shape).chain(rows.iter().map(|row| &row.output));
    let leaves = |(before, row): &(&Shape, &Row)| {
        positions(before).as_ref() == Some(&declared) && positions(&row.output).as_ref() != Some(&declared)
    };
    let (_, row) = before.zip(rows).filter(leaves).last()?;
    let (word, after) = (row.layer.split('(').next()?, positions(&row.output)?);
    let stage = &row.stage;
    Some(format!("let `{word}` (stage {stage}) keep the {} of which it makes {}", area(&declared), area(&after)))
}

/// The rows of the stages, and what leaves the last of them.
fn walk(chain: &mut Chain, mut arriving: Arriving, prefix: &str, mistakes: &mut Mistakes) -> (Vec<Row>, Arriving) {
    if chain.stages.is_empty() {
        arriving.shape = Shape::Unknown;
    }
    let mut rows = Vec::new();
    for (index, stage) in chain.stages.iter_mut().enumerate() {
        let place = format!(
            "{prefix}{}",
            stage.label.as_ref().map_or_else(|| index.to_string(), |label| label.unraw().to_string())
        );
        let row = arriving.through(stage, place, mistakes);
        let from = format!("`{}` (stage {})", stage.name(), row.stage);
        let axes = row.output.axes().or(arriving.axes);
        arriving = Arriving { shape: row.output.clone(), from: Some(from), axes };
        rows.push(row);
    }
    (rows, arriving)
}

/// The output shape, the parameters and the multiply-accumulates of a layer.
type Outcome = (Shape, Size, Size);

/// A layer without parameters that multiplies nothing.
fn free(output: Shape) -> Outcome {
    (output, Some(0), Some(0))
}

/// A layer that holds the stages of `rows`, and gives `output`.
fn outcome(output: Shape, rows: &[Row]) -> Outcome {
    (output, sum(rows.iter().map(|row| row.params)), sum(rows.iter().map(|row| row.macs)))
}

impl Arriving {
    fn through(&self, stage: &mut Stage, place: String, mistakes: &mut Mistakes) -> Row {
        let layer = stage.layer.to_string();
        let path = if let Layer::Path(path) = &stage.layer { Some(compact(&path.path)) } else { None };
        let word = &stage.word;
        let mut branches = Vec::new();
        let (output, params, macs) = match &mut stage.layer {
            Layer::Conv(conv) => self.conv(conv, word, mistakes),
            Layer::Depthwise(depthwise) => self.depthwise(depthwise, word, mistakes),
            Layer::Pool(pool) => self.pool(pool, word, mistakes),
            Layer::Dense(dense) => self.dense(dense, word, mistakes),
            Layer::Resize(resize) => free(self.resize(resize, word, mistakes)),
            Layer::Value(value) => self.value(value, word, mistakes),
            Layer::Repeat(repeat) => self.repeat(repeat, word, &place, mistakes),
            Layer::Joint(joint) => {
                let output;
                (output, branches) = self.joint(joint, word, &place, mistakes);
                outcome(output, &branches)
            }
            Layer::Group(chain) => {
                let leaving;
                (branches, leaving) = walk(chain, self.clone(), &format!("{place}."), mistakes);
                outcome(leaving.shape, &branches)
            }
            Layer::Path(_) | Layer::Local(_) | Layer::Wrong => (Shape::Unknown, None, None),
        };
        Row { stage: place, layer, path, output, params, macs, branches }
    }

    /// The image or the sequence that arrives, if one does.
    fn maps(&self, word: &TokenStream, mistakes: &mut Mistakes) -> Option<&Maps> {
        match &self.shape {
            Shape::Maps(maps) => Some(maps),
            Shape::Unknown => None,
            Shape::Vector(_) | Shape::Flat(_) => {
                let (layer, gives) = (compact(word), self.gives());
                mistakes
                    .add(word, format!("{layer} takes an image, but {gives}; write {layer} before flatten and dense"));
                None
            }
        }
    }

    /// Sizes that are in the table; where one is not, the mistake of the layer `name` is noted at its cause, with the way out.
    fn tabled(
        &self,
        positions: Vec<Size>,
        name: &str,
        (at, way): (&TokenStream, &str),
        mistakes: &mut Mistakes,
    ) -> Vec<Size> {
        if positions.iter().flatten().any(|size| *size > LIMIT) {
            let (area, gives) = (area(&positions), self.gives());
            mistakes.add(at, format!("{name} gives {area}, but a size is at most {LIMIT}: {gives}; write {way}"));
            return vec![None; positions.len()];
        }
        positions
    }

    /// ``the input has`` or `` `pool2` (stage 2) gives``, before a number.
    fn has(&self) -> String {
        self.from.as_ref().map_or("the input has".to_owned(), |from| format!("{from} gives"))
    }

    /// ``the input is Image<3, 32, 32>`` or `` `pool2` (stage 2) gives Image<32, 16, 16>``.
    fn gives(&self) -> String {
        self.from.as_ref().map_or(format!("the input is {}", self.shape), |from| format!("{from} gives {}", self.shape))
    }
}

/// The sum, if every part is known.
pub(crate) fn sum(sizes: impl IntoIterator<Item = Size>) -> Size {
    sizes.into_iter().try_fold(0_usize, |sum, size| sum.checked_add(size?))
}

/// `1 channel`, `2 channels`
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `7×7`
fn area(sizes: &[Size]) -> String {
    sizes.iter().map(|size| shown(*size)).collect::<Vec<_>>().join("×")
}

/// `k5`, or `k(5, 3)` where the axes differ.
fn spelled(word: &str, sizes: &[usize]) -> String {
    match sizes {
        [rows, columns] if rows != columns => format!("{word}({rows}, {columns})"),
        _ => format!("{word}{}", sizes.first().unwrap_or(&0)),
    }
}
