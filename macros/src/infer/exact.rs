//! What `exact` asks of a window: that it reads every pixel, that no window of a max pool shares one with another, and that
//! none sees nothing but padding.

use proc_macro2::Span;

use super::{Arriving, area, spelled};
use crate::ast::{Number, Padding, Pair, Sides, Window, compact};
use crate::error::Mistakes;
use crate::shape::Size;

/// How the positions of one axis are read.
struct Axis {
    size: usize,
    /// Positions that are read by a window, and by several.
    read: usize,
    shared: usize,
    /// Windows, and those of them that see a position.
    windows: usize,
    seeing: usize,
    /// Positions behind the last that is read.
    behind: usize,
    /// The padding at both ends, and what more of it behind would have them read.
    ends: [usize; 2],
    more: usize,
}

impl Arriving {
    /// Notes what `exact` forbids.
    pub(super) fn exactly(&self, window: &Window, layer: &str, sizes: &[Size], mistakes: &mut Mistakes) {
        if !window.exact {
            return;
        }
        let Some(read) = Reads::of(window, sizes) else { return };
        let noun = if sizes.len() == 1 { "steps" } else { "pixels" };
        let (pixels, gives) = (read.pixels, self.gives());
        let [kernel, stride] = [&window.kernel, &window.stride].map(|pair| area(&pair.values()[..sizes.len()]));
        let of = format!("of kernel {kernel} and stride {stride}");
        if read.unread > 0 {
            let behind: Vec<Size> = read.axes.iter().map(|axis| Some(axis.size - axis.behind)).collect();
            let left =
                if read.gaps { String::new() } else { format!("; what lies behind {} is left over", area(&behind)) };
            let way = ways(reading_all(window, layer, &read, sizes), layer, sizes);
            let message = format!("{layer} {of} never reads {} of {pixels} {noun}: {gives}{left}; {way}", read.unread);
            mistakes.add(&window.stride.tokens, message);
        } else if layer == "maxpool" && read.shared > 0 {
            let way = ways(side_by_side(window, layer, sizes), layer, sizes);
            let message = format!(
                "windows of maxpool {of} overlap: {} of {pixels} {noun} lie in several, and a maximum there gets the \
                 gradient of each: {gives}; {way}",
                read.shared
            );
            mistakes.add(&window.stride.tokens, message);
        }
        if read.blind > 0 {
            let at = window.padding_tokens();
            let padding = compact(at);
            let message = format!(
                "{} of {} windows of {layer} see nothing but the padding of {padding}: {gives}; write less of it",
                read.blind, read.windows
            );
            mistakes.add(at, message);
        }
    }
}

/// How a window reads an image.
struct Reads {
    axes: Vec<Axis>,
    pixels: usize,
    unread: usize,
    /// Whether some of these lie between windows.
    gaps: bool,
    /// Pixels in several windows.
    shared: usize,
    windows: usize,
    /// Windows that see no pixel.
    blind: usize,
}

impl Reads {
    fn of(window: &Window, sizes: &[Size]) -> Option<Self> {
        let slid = window.slid(sizes);
        let axes = (0..sizes.len()).map(|axis| axis_of(window, axis, sizes[axis]?, slid[axis]?));
        let axes = axes.collect::<Option<Vec<Axis>>>()?;
        let product = |number: fn(&Axis) -> usize| axes.iter().map(number).product::<usize>();
        let (pixels, windows) = (product(|axis| axis.size), product(|axis| axis.windows));
        Some(Self {
            pixels,
            unread: pixels - product(|axis| axis.read),
            gaps: axes.iter().any(|axis| axis.read + axis.behind < axis.size),
            shared: pixels - product(|axis| axis.size - axis.shared),
            windows,
            blind: windows - product(|axis| axis.seeing),
            axes,
        })
    }
}

/// Whether `exact` has nothing against a window.
fn is_exact(window: &Window, layer: &str, sizes: &[Size]) -> bool {
    let reads = Reads::of(window, sizes);
    reads.is_some_and(|reads| reads.unread == 0 && reads.blind == 0 && (layer != "maxpool" || reads.shared == 0))
}

/// A change of the window, and how it is written.
type Way = (String, Window);

/// Those of `candidates` that are exact, for a message.
fn ways(candidates: Vec<Way>, layer: &str, sizes: &[Size]) -> String {
    let exact = candidates.into_iter().filter(|(_, window)| is_exact(window, layer, sizes));
    let ways: Vec<String> = exact.map(|(text, _)| text).collect();
    if ways.is_empty() {
        "leave exact out".to_owned()
    } else {
        format!("write {}, or leave exact out", ways.join(", "))
    }
}

/// How the window could read everything.
fn reading_all(window: &Window, layer: &str, read: &Reads, sizes: &[Size]) -> Vec<Way> {
    let (axes, count) = (&read.axes, sizes.len());
    let is_pool = layer.ends_with("pool");
    let mut ways = Vec::new();
    if compact(&window.stride.tokens) == "pool2" {
        ways.push(("maxpool(k2, ceil)".to_owned(), Window { ceil: true, ..window.clone() }));
        return ways;
    }
    if read.gaps && layer == "maxpool" {
        ways.extend(side_by_side(window, layer, sizes));
    } else if read.gaps {
        let kernel =
            pair(&window.kernel, |axis| Some(window.kernel.values()[axis]?.max(window.stride.values()[axis]?)));
        ways.push((spelled("k", &known(&kernel, count)), Window { kernel, ..window.clone() }));
    } else if is_pool {
        ways.push(("ceil".to_owned(), Window { ceil: true, ..window.clone() }));
    } else {
        let (rows, columns) = (&axes[0], axes.last().unwrap_or(&axes[0]));
        let [top, left] = [rows, columns].map(|axis| axis.ends[0]);
        let [bottom, right] = [rows, columns].map(|axis| axis.ends[1] + axis.more);
        let text = format!("pad({top}, {left}, {bottom}, {right})");
        let [top, left, bottom, right] =
            [top, left, bottom, right].map(|side| Number::literal(side, Span::call_site()));
        let tokens = window.padding_tokens().clone();
        let padding = Padding::Sides(Box::new(Sides { top, left, bottom, right, tokens }));
        ways.push((text, Window { padding, ..window.clone() }));
    }
    let strides = known(&window.stride, count);
    let mut strided = (1..strides.iter().copied().max().unwrap_or(1)).rev().map(|most| {
        let stride = pair(&window.stride, |axis| Some(window.stride.values()[axis]?.min(most)));
        (spelled("stride", &known(&stride, count)), Window { stride, ..window.clone() })
    });
    ways.extend(strided.find(|(_, window)| is_exact(window, layer, sizes)));
    ways
}

/// How the windows of a pool would not overlap.
fn side_by_side(window: &Window, layer: &str, sizes: &[Size]) -> Vec<Way> {
    let apart = Window { stride: window.kernel.clone(), ..window.clone() };
    let text = spelled("stride", &known(&window.kernel, sizes.len()));
    if is_exact(&apart, layer, sizes) {
        return vec![(text, apart)];
    }
    vec![(format!("{text} and ceil"), Window { ceil: true, ..apart })]
}

/// A pair with other numbers in the same place.
fn pair(at: &Pair, number: impl Fn(usize) -> Size) -> Pair {
    let number = |axis| number(axis).map_or_else(Number::unknown, |value| Number::literal(value, Span::call_site()));
    Pair { rows: number(0), columns: number(1), tokens: at.tokens.clone() }
}

/// The numbers of a pair along as many axes.
fn known(pair: &Pair, axes: usize) -> Vec<usize> {
    pair.values()[..axes].iter().flatten().copied().collect()
}

fn axis_of(window: &Window, axis: usize, size: usize, windows: usize) -> Option<Axis> {
    let [kernel, stride, dilation] = [&window.kernel, &window.stride, &window.dilation].map(|pair| pair.values()[axis]);
    let (kernel, stride, dilation) = (kernel?, stride?, dilation?);
    let spanned = (windows - 1) * stride + dilation * (kernel - 1) + 1;
    let around = spanned.saturating_sub(size);
    let [before, after] = match &window.padding {
        Padding::Zeros(pad) => [pad.values()[axis]?; 2],
        Padding::Sides(sides) => [sides.ends(axis)[0]?, sides.ends(axis)[1]?],
        Padding::Same => [around / 2, around.div_ceil(2)],
    };
    let mut reads = vec![0_usize; size];
    let mut seeing = 0;
    for first in (0..windows).map(|window| window * stride) {
        let taps = (0..kernel).filter_map(|tap| (first + tap * dilation).checked_sub(before));
        let seen: Vec<usize> = taps.filter(|position| *position < size).collect();
        seeing += usize::from(!seen.is_empty());
        for position in seen {
            reads[position] += 1;
        }
    }
    let count = |holds: fn(usize) -> bool| reads.iter().filter(|times| holds(**times)).count();
    let behind = reads.iter().rev().take_while(|times| **times == 0).count();
    Some(Axis {
        size,
        read: count(|times| times > 0),
        shared: count(|times| times > 1),
        windows,
        seeing,
        behind,
        ends: [before, after],
        more: if behind == 0 { 0 } else { (spanned + stride).saturating_sub(size + before + after) },
    })
}
