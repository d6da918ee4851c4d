//! The filters of a convolution.

use super::picture::Picture;
use super::range;
use crate::element::Element;
use crate::param::Param;

/// The side of a filter in pixels, about.
const SIDE: usize = 72;

/// A grid of a convolution's filters: what the first layer looks for.
///
/// Filters over three channels are shown in colour, each from its least weight, dark, to its largest. Others have a row of maps, one for each channel: negative weights
/// are blue, zero is white, positive weights are red, on one scale for all.
///
/// # Panics
///
/// If the parameter is no weight of a convolution: of dims (filters, channels, rows, columns).
///
/// # Examples
///
/// ```
/// use shapewright::plot::filters;
/// use shapewright::prelude::*;
///
/// let model = Model::new(net!(Image<3, 8, 8> => conv(3=>6, k5) >> flatten >> dense(2)), 1);
/// let picture = filters(model.param("0.weight")?);
/// assert_eq!(picture.width(), 3 * (5 * 14 + 4) + 4);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[must_use]
pub fn filters<E: Element>(weight: Param<E>) -> Picture {
    let &[filters, channels, rows, columns] = weight.dims else {
        panic!("`{}` is {:?}, but the weight of a convolution has 4 axes", weight.name, weight.dims);
    };
    let values: Vec<f64> = weight.values.iter().map(|value| value.as_f64()).collect();
    let map = rows * columns;
    let times = SIDE / rows.max(columns).clamp(1, SIDE);
    let most = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let pictures: Vec<Picture> = if channels == 3 {
        let filter = |filter: &[f64]| {
            let (red, rest) = filter.split_at(map);
            let (green, blue) = rest.split_at(map);
            Picture::colour(columns, [red, green, blue], range(filter)).enlarged(times)
        };
        values.chunks(3 * map).map(filter).collect()
    } else {
        values.chunks(map).map(|map| Picture::signed(columns, map, most).enlarged(times)).collect()
    };
    let across = if channels == 1 || channels == 3 { square(filters) } else { channels };
    Picture::grid(&pictures, across, 4)
}

/// The columns of a grid of about as many rows, full rows if that can be.
fn square(count: usize) -> usize {
    let least = count.isqrt().max(1);
    let least = if least * least < count { least + 1 } else { least };
    (least..=2 * least).find(|&columns| count.is_multiple_of(columns)).unwrap_or(least)
}
