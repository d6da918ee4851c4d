//! Output paddings that would give what is asked for: a stride leaves open which of several sizes a transposed convolution gives.

use proc_macro2::{Span, TokenStream};

use super::{Arriving, walk};
use crate::ast::{Chain, Conv, Layer, Number, Pair};
use crate::catalogue::ConvKind;
use crate::error::Mistakes;
use crate::shape::Shape;

/// A transposed convolution that another output padding would mend.
pub(super) struct Mended {
    /// Its word.
    pub(super) at: TokenStream,
    /// What is to be written there: the call with that output padding.
    pub(super) call: String,
    /// How a sentence says it: ``output_pad1 in `conv_transpose` (stage 2)``.
    pub(super) way: String,
    /// What the chain gives then.
    pub(super) shape: Shape,
}

/// The transposed convolution of `chain`, the last if there are several, or all of them together, that another output padding would
/// let give what `fits`.
pub(super) fn mended(chain: &mut Chain, arriving: &Arriving, fits: impl Fn(&Shape) -> bool) -> Option<Mended> {
    let places: Vec<usize> = (0..chain.stages.len()).filter(|&place| transposed(chain, place).is_some()).collect();
    let singles = places.iter().rev().map(|&place| vec![place]);
    let together = (places.len() > 1).then(|| places.clone());
    singles.chain(together).find_map(|places| mended_at(chain, &places, arriving, &fits))
}

/// The same for the convolutions at `places` alone.
fn mended_at(
    chain: &mut Chain,
    places: &[usize],
    arriving: &Arriving,
    fits: impl Fn(&Shape) -> bool,
) -> Option<Mended> {
    let most = places.iter().filter_map(|&place| transposed(chain, place)?.most_output_padding()).min()?;
    let along = |axes: [usize; 2]| {
        let most = most.into_iter().zip(axes).filter(|(_, along)| *along > 0).map(|(most, _)| most).min().unwrap_or(0);
        (0..=most).map(move |size| axes.map(|along| along * size))
    };
    let mut sizes = [[1, 1], [1, 0], [0, 1]].into_iter().flat_map(along);
    let (size, shape) = sizes.find_map(|size| {
        let kept: Vec<Pair> = places.iter().filter_map(|&place| exchange(chain, place, pair(size))).collect();
        let (_, leaving) = walk(chain, arriving.clone(), "", &mut Mistakes::trial());
        for (&place, pair) in places.iter().zip(kept) {
            exchange(chain, place, pair);
        }
        (leaving.shape.is_known() && fits(&leaving.shape)).then_some((size, leaving.shape))
    })?;
    let place = *places.last()?;
    let (stage, text) = (&chain.stages[place], super::spelled("output_pad", &size));
    let at = stage.word.clone();
    if places.len() > 1 {
        let way = format!("{text} in each conv_transpose");
        return Some(Mended { at, call: way.clone(), way, shape });
    }
    let label = stage.label.as_ref().map_or_else(|| place.to_string(), ToString::to_string);
    let call = transposed(chain, place)?.with_output_padding(&text);
    Some(Mended { at, call, way: format!("{text} in `conv_transpose` (stage {label})"), shape })
}

/// The transposed convolution at that place.
fn transposed(chain: &Chain, place: usize) -> Option<&Conv> {
    match &chain.stages[place].layer {
        Layer::Conv(conv) if conv.kind == ConvKind::Transposed => Some(conv),
        _ => None,
    }
}

/// Gives the convolution at that place another output padding, and takes its own.
fn exchange(chain: &mut Chain, place: usize, padding: Pair) -> Option<Pair> {
    match &mut chain.stages[place].layer {
        Layer::Conv(conv) => Some(std::mem::replace(&mut conv.output_padding, padding)),
        _ => None,
    }
}

fn pair(sizes: [usize; 2]) -> Pair {
    let [rows, columns] = sizes.map(|size| Number::literal(size, Span::call_site()));
    Pair { rows, columns, tokens: TokenStream::new() }
}
