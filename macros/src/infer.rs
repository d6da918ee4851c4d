//! Walks a chain with the shapes that the macro can see, and finds the joints that do not fit.
//!
//! It knows literals only; what depends on a named constant, another network or a user's layer is left to the types.
//! After a mistake it goes on from the most plausible shape, so that one mistake gives one message.

use proc_macro2::TokenStream;
use syn::Type;
use syn::ext::IdentExt;

use crate::arguments::uneven_groups;
use crate::ast::{Chain, Conv, Dense, Layer, Repeat, Stage, Window, compact};
use crate::error::Mistakes;
use crate::number::LIMIT;
use crate::shape::{Shape, Size, product, shown};

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
}

/// The shape that arrives at a stage, and where it comes from.
#[derive(Clone)]
struct Arriving {
    shape: Shape,
    /// `` `pool2` (stage 2)``; none: the input of the network.
    from: Option<String>,
}

/// Walks `chain` from the shape `input` to the shape declared as `output`, and gives a row for each stage.
pub(crate) fn check(input: &Type, output: Option<&Type>, chain: &mut Chain, mistakes: &mut Mistakes) -> Vec<Row> {
    let arriving = Arriving { shape: Shape::read(input, mistakes), from: None };
    let rows = walk(chain, arriving, "", mistakes);
    if let (Some(output), Some(last)) = (output, rows.last()) {
        check_declared(&last.output, output, mistakes);
    }
    rows
}

/// Checks that what the chain gives can stand for what is declared.
fn check_declared(given: &Shape, at: &Type, mistakes: &mut Mistakes) {
    let declared = Shape::read(at, mistakes);
    let fits = match &declared {
        Shape::Vector(length) if given.is_features() => {
            length.is_none() || given.len().is_none() || *length == given.len()
        }
        _ => given.agrees(&declared),
    };
    if fits {
        return;
    }
    let (gives, output) = match given {
        Shape::Flat(_) => (format!("{} features: {given}", given.arithmetic()), Shape::Vector(given.len()).to_string()),
        _ => (given.to_string(), given.to_string()),
    };
    let way = match &declared {
        Shape::Vector(length) if given.is_features() => format!(" or end in dense({})", shown(*length)),
        Shape::Vector(length) => format!(" or end in flatten >> dense({})", shown(*length)),
        _ => String::new(),
    };
    mistakes.add(at, format!("the network gives {gives}, but {declared} is declared; write => {output}{way}"));
}

fn walk(chain: &mut Chain, mut arriving: Arriving, prefix: &str, mistakes: &mut Mistakes) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, stage) in chain.stages.iter_mut().enumerate() {
        let place = format!(
            "{prefix}{}",
            stage.label.as_ref().map_or_else(|| index.to_string(), |label| label.unraw().to_string())
        );
        let row = arriving.through(stage, place, mistakes);
        let from = format!("`{}` (stage {})", stage.name(), row.stage);
        arriving = Arriving { shape: row.output.clone(), from: Some(from) };
        rows.push(row);
    }
    rows
}

/// The output shape, the parameters and the multiply-accumulates of a layer.
type Outcome = (Shape, Size, Size);

impl Arriving {
    fn through(&self, stage: &mut Stage, place: String, mistakes: &mut Mistakes) -> Row {
        let free = |shape| (shape, Some(0), Some(0));
        let layer = stage.layer.to_string();
        let path = if let Layer::Path(path) = &stage.layer { Some(compact(&path.path)) } else { None };
        let (output, params, macs) = match &mut stage.layer {
            Layer::Conv(conv) => self.conv(conv, &stage.word, mistakes),
            Layer::MaxPool(pool) => match self.image(&stage.word, mistakes) {
                Some([channels, height, width]) => {
                    let [height, width] = self.slide(&pool.window, "maxpool", [height, width], mistakes);
                    free(Shape::Image([channels, height, width]))
                }
                None => free(Shape::Unknown),
            },
            Layer::Dense(dense) => self.dense(dense, &stage.word, mistakes),
            Layer::Relu => free(self.shape.clone()),
            Layer::Flatten if self.shape.is_features() => {
                let message = format!("flatten takes an image, but {}; leave it out", self.gives());
                mistakes.add(&stage.word, message);
                free(self.shape.clone())
            }
            Layer::Flatten => free(Shape::Flat(Box::new(self.shape.clone()))),
            Layer::Repeat(repeat) => self.repeat(repeat, &stage.word, &place, mistakes),
            Layer::Group(chain) => {
                let rows = walk(chain, self.clone(), &format!("{place}."), mistakes);
                let output = rows.last().map_or(Shape::Unknown, |row| row.output.clone());
                (output, sum(rows.iter().map(|row| row.params)), sum(rows.iter().map(|row| row.macs)))
            }
            Layer::Path(_) | Layer::Local(_) | Layer::Wrong => (Shape::Unknown, None, None),
        };
        Row { stage: place, layer, path, output, params, macs }
    }

    fn conv(&self, conv: &Conv, word: &TokenStream, mistakes: &mut Mistakes) -> Outcome {
        let stated = conv.input.as_ref().and_then(|input| input.value);
        let Some([channels, height, width]) = self.image(word, mistakes) else {
            return (Shape::Unknown, parameters(conv, stated), None);
        };
        if let (Some(input), Some(takes), Some(arrive)) = (&conv.input, stated, channels)
            && takes != arrive
        {
            let way = conv.with_input(arrive);
            let message = format!(
                "conv takes {}, but {} {arrive}: {}; write {way}",
                counted(takes, "channel"),
                self.has(),
                self.shape
            );
            mistakes.add(&input.tokens, message);
        }
        let uneven = if conv.input.is_none() { uneven_groups(conv, channels) } else { None };
        if let Some(message) = &uneven {
            mistakes.add(&conv.groups.tokens, message);
        }
        let [height, width] = self.slide(&conv.window, "conv", [height, width], mistakes);
        let output = Shape::Image([conv.filters.value, height, width]);
        if uneven.is_some() {
            return (output, None, None);
        }
        let channels = channels.or(stated);
        (output, parameters(conv, channels), product(&[weights(conv, channels), height, width]))
    }

    fn dense(&self, dense: &mut Dense, word: &TokenStream, mistakes: &mut Mistakes) -> Outcome {
        if matches!(self.shape, Shape::Image(_)) {
            let way = dense.with_input(None);
            mistakes.add(word, format!("dense takes features, but {}; write flatten >> {way}", self.gives()));
        }
        let stated = dense.input.as_ref().and_then(|input| input.value);
        let arriving = if self.shape.is_features() { self.shape.len() } else { None };
        if let (Some(input), Some(takes), Some(arrive)) = (&dense.input, stated, arriving)
            && takes != arrive
        {
            let (has, arithmetic, shape) = (self.has(), self.shape.arithmetic(), &self.shape);
            let ways = format!("{} or {}", dense.with_input(Some(arrive)), dense.with_input(None));
            let takes = counted(takes, "feature");
            let message = format!("dense takes {takes}, but {has} {arithmetic}: {shape}; write {ways}");
            mistakes.add(&input.tokens, message);
        }
        if dense.input.is_some() && stated == arriving && stated > Some(LIMIT) {
            // checked here, and beyond the numbers that the types can compare
            dense.input = None;
        }
        let output = dense.output.value;
        let macs = product(&[arriving.or(stated), output]);
        let bias = if dense.bias { output } else { Some(0) };
        (Shape::Vector(output), sum([macs, bias]), macs)
    }

    fn repeat(&self, repeat: &mut Repeat, word: &TokenStream, place: &str, mistakes: &mut Mistakes) -> Outcome {
        let rows = walk(&mut repeat.body, self.clone(), &format!("{place}.0."), mistakes);
        let output = rows.last().map_or(Shape::Unknown, |row| row.output.clone());
        if !output.agrees(&self.shape) {
            let message = format!(
                "a repeated chain has to give the shape that it takes, but {} goes in and {output} comes out; write \
                 out the copies, or change the body",
                self.shape
            );
            mistakes.add(word, message);
        }
        let times = |size| product(&[repeat.count.value, size]);
        (output, times(sum(rows.iter().map(|row| row.params))), times(sum(rows.iter().map(|row| row.macs))))
    }

    /// The sizes of the image that arrives, if one does.
    fn image(&self, word: &TokenStream, mistakes: &mut Mistakes) -> Option<[Size; 3]> {
        match &self.shape {
            Shape::Image(sizes) => Some(*sizes),
            Shape::Unknown => None,
            Shape::Vector(_) | Shape::Flat(_) => {
                let (layer, gives) = (compact(word), self.gives());
                mistakes
                    .add(word, format!("{layer} takes an image, but {gives}; write {layer} before flatten and dense"));
                None
            }
        }
    }

    /// The size after a window, which has to fit.
    fn slide(&self, window: &Window, layer: &str, sizes: [Size; 2], mistakes: &mut Mistakes) -> [Size; 2] {
        if let Some(message) = self.too_long(window, layer, sizes) {
            mistakes.add(&window.kernel.tokens, message);
        }
        let output = window.slid(sizes);
        if output.iter().flatten().any(|size| *size > LIMIT) {
            let message = format!("{layer} gives {}, but a size is at most {LIMIT}", area(output));
            mistakes.add(&window.kernel.tokens, message);
            return [None; 2];
        }
        output
    }

    /// What is wrong with a window that does not fit.
    fn too_long(&self, window: &Window, layer: &str, sizes: [Size; 2]) -> Option<String> {
        let (kernel, padded, extents) = (window.kernel.values(), window.padded(sizes), window.extents());
        // for each axis: the longest kernel and the least padding that would do
        let room = |axis: usize| -> Option<(usize, usize, bool)> {
            let longest = (padded[axis]? - 1) / window.dilation.values()[axis]? + 1;
            let least = extents[axis]?.saturating_sub(sizes[axis]?).div_ceil(2);
            Some((longest.min(kernel[axis]?), least, extents[axis]? > padded[axis]?))
        };
        let rooms = [room(0), room(1)];
        if !rooms.iter().flatten().any(|(.., too_long)| *too_long) {
            return None;
        }
        let name = if layer == "conv" { "kernel" } else { "window" };
        let dilated = if extents == kernel { String::new() } else { format!(", dilated to {},", area(extents)) };
        let (kernel, padded, gives) = (area(kernel), area(padded), self.gives());
        let way = match rooms {
            [Some((height, ..)), Some((width, ..))] if layer == "maxpool" && (height == 1 || width == 1) => {
                "leave it out, or stride and pool less before it".to_owned()
            }
            [Some((height, above, _)), Some((width, beside, _))] => {
                let pad = if layer == "conv" {
                    format!(", or {} or more", pair("pad", above, beside))
                } else {
                    String::new()
                };
                format!("write {} or less{pad}", pair("k", height, width))
            }
            _ => "write a smaller one, or more padding".to_owned(),
        };
        Some(format!("a {kernel} {name}{dilated} does not fit into {padded} (padding included): {gives}; {way}"))
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

/// The weights of a convolution: O·(I/g)·KH·KW.
fn weights(conv: &Conv, channels: Size) -> Size {
    let [height, width] = conv.window.kernel.values();
    product(&[conv.filters.value, Some(channels? / conv.groups.rows.value?), height, width])
}

/// The weights of a convolution and its bias.
fn parameters(conv: &Conv, channels: Size) -> Size {
    sum([weights(conv, channels), if conv.bias { conv.filters.value } else { Some(0) }])
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
fn area(sizes: [Size; 2]) -> String {
    sizes.map(shown).join("×")
}

/// `k5`, or `k(5, 3)` where the axes differ.
fn pair(word: &str, rows: usize, columns: usize) -> String {
    if rows == columns { format!("{word}{rows}") } else { format!("{word}({rows}, {columns})") }
}
