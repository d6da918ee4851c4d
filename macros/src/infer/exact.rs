//! What `exact` asks of a window: that it reads every pixel, that no window of a max pool shares one with another, and that
//! none sees nothing but padding.

use super::{Arriving, area, spelled};
use crate::ast::{Padding, Window, compact};
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
    pub(super) fn exactly(&self, window: &Window, layer: &str, sizes: &[Size], slid: &[Size], mistakes: &mut Mistakes) {
        if !window.exact {
            return;
        }
        let axes = (0..sizes.len()).map(|axis| axis_of(window, axis, sizes[axis]?, slid[axis]?));
        let Some(axes) = axes.collect::<Option<Vec<Axis>>>() else { return };
        let product = |number: fn(&Axis) -> usize| axes.iter().map(number).product::<usize>();
        let noun = if axes.len() == 1 { "steps" } else { "pixels" };
        let (pixels, gives) = (product(|axis| axis.size), self.gives());
        let unread = pixels - product(|axis| axis.read);
        let shared = pixels - product(|axis| axis.size - axis.shared);
        let windows = product(|axis| axis.windows);
        let blind = windows - product(|axis| axis.seeing);
        if unread > 0 {
            let way = reading_all(window, layer, &axes);
            let message = format!("{layer} never reads {unread} of {pixels} {noun}: {gives}; {way}");
            mistakes.add(&window.stride.tokens, message);
        } else if layer == "maxpool" && shared > 0 {
            let kernel: Vec<usize> = window.kernel.values()[..axes.len()].iter().flatten().copied().collect();
            let message = format!(
                "windows of maxpool overlap: {shared} of {pixels} {noun} lie in several, and a maximum there gets the \
                 gradient of each; write {}, or leave exact out",
                spelled("stride", &kernel)
            );
            mistakes.add(&window.stride.tokens, message);
        }
        if blind > 0 {
            let at = match &window.padding {
                Padding::Zeros(pad) => &pad.tokens,
                Padding::Sides(sides) => &sides.tokens,
                Padding::Same => &window.kernel.tokens,
            };
            let padding = compact(at);
            let message = format!(
                "{blind} of {windows} windows of {layer} see nothing but the padding of {padding}: {gives}; write less of it"
            );
            mistakes.add(at, message);
        }
    }
}

/// How the window reads everything.
fn reading_all(window: &Window, layer: &str, axes: &[Axis]) -> String {
    let strides: Vec<usize> = window.stride.values()[..axes.len()].iter().flatten().copied().collect();
    let read = axes.iter().map(|axis| Some(axis.size - axis.behind)).collect::<Vec<_>>();
    let gaps = axes.iter().any(|axis| axis.read + axis.behind < axis.size);
    let leaves_out = "or leave exact out";
    if gaps {
        return format!("write {} or more, a smaller stride, {leaves_out}", spelled("k", &strides));
    }
    let behind = format!("what lies behind {} is left over", area(&read));
    let way = match compact(&window.stride.tokens).as_str() {
        "pool2" => "maxpool(k2, ceil)".to_owned(),
        _ if layer.ends_with("pool") => "ceil".to_owned(),
        _ => {
            let (rows, columns) = (&axes[0], axes.last().unwrap_or(&axes[0]));
            let [top, left] = [rows, columns].map(|axis| axis.ends[0]);
            let [bottom, right] = [rows, columns].map(|axis| axis.ends[1] + axis.more);
            format!("pad({top}, {left}, {bottom}, {right})")
        }
    };
    format!("{behind}; write {way}, another stride, {leaves_out}")
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
