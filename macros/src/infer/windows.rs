//! Convolutions and pools: layers with a window.

use proc_macro2::TokenStream;

use super::{Arriving, Outcome, area, counted, free, spelled, sum};
use crate::ast::{Conv, Depthwise, Padding, Pair, Pool, Window, compact};
use crate::catalogue::ConvKind;
use crate::error::Mistakes;
use crate::shape::{Maps, Shape, Size, product, shown};

impl Arriving {
    pub(super) fn conv(&self, conv: &Conv, word: &TokenStream, mistakes: &mut Mistakes) -> Outcome {
        let name = conv.kind.word();
        let stated = conv.input.as_ref().and_then(|input| input.value);
        let Some(Maps { channels, positions }) = self.maps(word, mistakes) else {
            if self.uneven_groups(conv, stated, mistakes) {
                return (Shape::Unknown, None, None);
            }
            // the parameters follow from the word
            let weights = self.axes.and_then(|axes| weights(conv, stated, axes));
            return (Shape::Unknown, sum([weights, bias(conv)]), None);
        };
        let channels_last = channels_last(self, stated);
        if let (Some(turned), Some(input)) = (&channels_last, &conv.input) {
            let (shape, takes) = (&self.shape, counted(stated.unwrap_or(0), "channel"));
            let message = format!(
                "{name} takes {takes}, but {} {}: {shape}; channels come first: write {turned}",
                self.has(),
                shown(*channels)
            );
            mistakes.add(&input.tokens, message);
            let turned = Self { shape: turned.clone(), ..self.clone() };
            return turned.conv(conv, word, mistakes);
        }
        if let (Some(input), Some(takes), Some(arrive)) = (&conv.input, stated, *channels)
            && takes != arrive
        {
            let way = conv.with_input(arrive);
            let message = format!(
                "{name} takes {}, but {} {arrive}: {}; write {way}",
                counted(takes, "channel"),
                self.has(),
                self.shape
            );
            mistakes.add(&input.tokens, message);
        }
        let uneven = self.uneven_groups(conv, stated.or(*channels), mistakes);
        one_axis(&[("output_pad", &conv.output_padding)], positions, mistakes);
        let slid = if conv.kind == ConvKind::Transposed {
            self.spread(conv, positions, mistakes)
        } else {
            self.slide(&conv.window, name, positions, mistakes)
        };
        let output = Shape::maps(conv.filters.value, &slid);
        if uneven {
            return (output, None, None);
        }
        let weights = weights(conv, channels.or(stated), positions.len());
        let applied = if conv.kind == ConvKind::Transposed { product(positions) } else { product(&slid) };
        (output, sum([weights, bias(conv)]), product(&[weights, applied]))
    }

    pub(super) fn depthwise(&self, depthwise: &Depthwise, word: &TokenStream, mistakes: &mut Mistakes) -> Outcome {
        let Some(Maps { channels, positions }) = self.maps(word, mistakes) else {
            return (Shape::Unknown, None, None);
        };
        let slid = self.slide(&depthwise.window, "depthwise", positions, mistakes);
        let weights = product(&[*channels, depthwise.window.taps(positions.len())]);
        let bias = if depthwise.bias { *channels } else { Some(0) };
        let macs = product(&[weights, product(&slid)]);
        (Shape::maps(*channels, &slid), sum([weights, bias]), macs)
    }

    pub(super) fn pool(&self, pool: &Pool, word: &TokenStream, mistakes: &mut Mistakes) -> Outcome {
        let Some(Maps { channels, positions }) = self.maps(word, mistakes) else {
            return free(Shape::Unknown);
        };
        let slid = self.slide(&pool.window, pool.kind.word(), positions, mistakes);
        free(Shape::maps(*channels, &slid))
    }

    /// The size after a window, which has to fit.
    fn slide(&self, window: &Window, layer: &str, sizes: &[Size], mistakes: &mut Mistakes) -> Vec<Size> {
        window_of_one_axis(window, sizes, mistakes);
        if let Some(message) = self.too_long(window, layer, sizes) {
            mistakes.add(&window.kernel.tokens, message);
        }
        let slid = window.slid(sizes);
        self.exactly(window, layer, sizes, mistakes);
        self.tabled(slid, layer, (window.padding_tokens(), "less padding"), mistakes)
    }

    /// The size after a transposed window, of which something has to be left.
    fn spread(&self, conv: &Conv, sizes: &[Size], mistakes: &mut Mistakes) -> Vec<Size> {
        let window = &conv.window;
        window_of_one_axis(window, sizes, mistakes);
        let spread = window.spread(sizes, conv.output_padding.values());
        let padding = |axis: usize| window.padding.around(axis);
        let left = |axis: usize| spread[axis]?.checked_sub(padding(axis)?).filter(|size| *size > 0);
        let sizes: Vec<Size> = (0..sizes.len()).map(left).collect();
        if (0..sizes.len()).any(|axis| matches!((spread[axis], padding(axis)), (Some(size), Some(pad)) if pad >= size))
        {
            let at = window.padding_tokens();
            let (padding, spread, gives) = (compact(at), area(&spread), self.gives());
            let message = format!(
                "{padding} leaves nothing of the {spread} that conv_transpose spreads over: {gives}; write less padding"
            );
            mistakes.add(at, message);
        }
        let is_strided = window.stride.values().iter().flatten().any(|stride| *stride > 1);
        let cause = if is_strided {
            (&window.stride.tokens, "a smaller stride")
        } else {
            (&window.kernel.tokens, "a smaller kernel")
        };
        self.tabled(sizes, conv.kind.word(), cause, mistakes)
    }

    /// Whether the groups of a convolution over `channels` do not divide these or the filters, which is noted.
    fn uneven_groups(&self, conv: &Conv, channels: Size, mistakes: &mut Mistakes) -> bool {
        let Some(groups) = conv.groups.rows.value else { return false };
        let Some(Uneven { what, ways }) = Uneven::of(groups, channels, conv.filters.value) else { return false };
        let arrive = channels.is_some() && channels == self.shape.channels();
        let gives = if arrive { format!(": {}", self.gives()) } else { String::new() };
        mistakes.add(&conv.groups.tokens, format!("{what}{gives}; {}", ways_of_groups(&ways)));
        true
    }

    /// What is wrong with a window that does not fit.
    fn too_long(&self, window: &Window, layer: &str, sizes: &[Size]) -> Option<String> {
        let axes = sizes.len();
        let is_pool = layer.ends_with("pool");
        let (kernel, padded, extents) = (window.kernel.values(), window.padded(sizes), window.extents());
        // for each axis: the longest kernel and the least padding that would do
        let room = |axis: usize| -> Option<(usize, usize, bool)> {
            let beyond = if window.ceil { window.stride.values()[axis]? - 1 } else { 0 };
            let longest = (padded[axis]? + beyond - 1) / window.dilation.values()[axis]? + 1;
            let least = extents[axis]?.saturating_sub(sizes[axis]?).div_ceil(2);
            Some((longest.min(kernel[axis]?), least, extents[axis]? > padded[axis]? + beyond))
        };
        let rooms: Vec<_> = (0..axes).map(room).collect();
        if !rooms.iter().flatten().any(|(.., too_long)| *too_long) {
            return None;
        }
        let noun = if is_pool { "window" } else { "kernel" };
        let dilated = if extents[..axes] == kernel[..axes] {
            String::new()
        } else {
            format!(", dilated to {},", area(&extents[..axes]))
        };
        let (kernel, padded, gives) = (area(&kernel[..axes]), area(&padded), self.gives());
        let what = if axes == 1 { format!("{noun} of {kernel}") } else { format!("{kernel} {noun}") };
        let way = match rooms.into_iter().collect::<Option<Vec<_>>>() {
            Some(rooms) if is_pool && rooms.iter().any(|(longest, ..)| *longest == 1) => {
                "leave it out, or stride and pool less before it".to_owned()
            }
            Some(rooms) => {
                let (longest, least): (Vec<usize>, Vec<usize>) =
                    rooms.iter().map(|(longest, least, _)| (*longest, *least)).unzip();
                let pad = if is_pool { String::new() } else { format!(", or {} or more", spelled("pad", &least)) };
                format!("write {} or less{pad}", spelled("k", &longest))
            }
            None => "write a smaller one, or more padding".to_owned(),
        };
        Some(format!("a {what}{dilated} does not fit into {padded} (padding included): {gives}; {way}"))
    }
}

/// Groups that do not divide the channels or the filters of a convolution.
pub(crate) struct Uneven {
    /// `3 groups do not divide 64 filters`
    pub(crate) what: String,
    /// The numbers next to them that divide both.
    pub(crate) ways: Vec<usize>,
}

impl Uneven {
    pub(crate) fn of(groups: usize, channels: Size, filters: Size) -> Option<Self> {
        let sizes = [(channels, "input channels"), (filters, "filters")];
        let divides = |groups: &usize| sizes.iter().filter_map(|(size, _)| *size).all(|size| size % groups == 0);
        if divides(&groups) {
            return None;
        }
        let uneven = sizes.iter().filter_map(|(size, name)| Some((size.filter(|size| size % groups != 0)?, name)));
        let uneven: Vec<String> = uneven.map(|(size, name)| format!("{size} {name}")).collect();
        let largest = sizes.iter().filter_map(|(size, _)| *size).min().unwrap_or(0);
        let ways = [(2..groups).rfind(divides), (groups + 1..=largest).find(divides)];
        let what = format!("{groups} groups do not divide {}", uneven.join(" and "));
        Some(Self { what, ways: ways.into_iter().flatten().collect() })
    }
}

/// How a message proposes one of these numbers of groups.
pub(crate) fn ways_of_groups(ways: &[usize]) -> String {
    let ways: Vec<String> = ways.iter().map(|groups| format!("groups{groups}")).collect();
    if ways.is_empty() { "leave the groups out".to_owned() } else { format!("write {}", ways.join(" or ")) }
}

/// The biases of a convolution.
fn bias(conv: &Conv) -> Size {
    if conv.bias { conv.filters.value } else { Some(0) }
}

/// The image or the sequence that was probably meant where the input of a network has as many columns or steps as its first
/// convolution takes channels.
fn channels_last(arriving: &Arriving, takes: Size) -> Option<Shape> {
    match &arriving.shape {
        Shape::Maps(Maps { channels, positions })
            if arriving.from.is_none() && takes.is_some() && takes != *channels =>
        {
            let (last, before) = positions.split_last()?;
            let turned: Vec<Size> = std::iter::once(*channels).chain(before.iter().copied()).collect();
            (*last == takes).then(|| Shape::maps(*last, &turned))
        }
        _ => None,
    }
}

/// The weights of a convolution over as many axes: O·(I/G) kernels, or I kernels and O·I weights between channels.
fn weights(conv: &Conv, channels: Size, axes: usize) -> Size {
    let (filters, taps) = (conv.filters.value, conv.window.taps(axes));
    match conv.kind {
        ConvKind::Separable => sum([product(&[channels, taps]), product(&[channels, filters])]),
        _ => product(&[filters, Some(channels? / conv.groups.rows.value?), taps]),
    }
}

fn window_of_one_axis(window: &Window, positions: &[Size], mistakes: &mut Mistakes) {
    one_axis(&[("k", &window.kernel), ("stride", &window.stride), ("dil", &window.dilation)], positions, mistakes);
    match &window.padding {
        Padding::Zeros(pad) => one_axis(&[("pad", pad)], positions, mistakes),
        Padding::Sides(sides) if positions.len() == 1 && !sides.alike() => {
            let (text, before, after) = (compact(&sides.tokens), &sides.top, &sides.bottom);
            let way = format!("pad({before}, {before}, {after}, {after}) for {before} before it and {after} behind it");
            mistakes.add(&sides.tokens, format!("a sequence has two ends, but {text} says four numbers; write {way}"));
        }
        _ => {}
    }
}

/// Checks that nothing is said about a second axis where there is one.
pub(super) fn one_axis(pairs: &[(&str, &Pair)], positions: &[Size], mistakes: &mut Mistakes) {
    if positions.len() != 1 {
        return;
    }
    for (word, pair) in pairs {
        if pair.is_two_numbers() {
            let (text, first) = (compact(&pair.tokens), &pair.rows);
            // the tokens of a size are its numbers alone
            let text = if text.ends_with(')') { text } else { format!("{word}({text})") };
            let digits = first.value.is_some() && !word.ends_with("pool");
            let way = if digits { format!("{word}{first}") } else { format!("{word}({first})") };
            mistakes.add(&pair.tokens, format!("a sequence has one axis, but {text} says two numbers; write {way}"));
        }
    }
}
