//! Pictures with words under them.

use super::picture::Picture;
use super::svg::{Anchor, Svg};

/// A picture and the two lines under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captioned {
    /// The picture.
    pub picture: Picture,
    /// The first line.
    pub first: String,
    /// The second line, in quieter type.
    pub second: String,
}

/// The width of a cell.
const CELL: f64 = 112.0;
/// The side of the square in which a picture stands.
const SIDE: f64 = 96.0;
const TOP: f64 = 44.0;
/// The pixels that a side has at least, so that no viewer blurs them.
const SIDE_PIXELS: usize = 384;

/// Pictures in rows of `columns`, under a title.
#[must_use]
pub fn captioned(title: &str, pictures: &[Captioned], columns: usize) -> Svg {
    let columns = columns.clamp(1, pictures.len().max(1));
    let rows = pictures.len().div_ceil(columns);
    let height = SIDE + 48.0;
    let width = (CELL * columns as f64 + 16.0).max(8.0 * title.chars().count() as f64 + 32.0);
    let mut svg = Svg::new(width, TOP + height * rows as f64);
    svg.text("title", [16.0, 26.0], Anchor::Start, title);
    for (index, Captioned { picture, first, second }) in pictures.iter().enumerate() {
        let [x, y] = [16.0 + CELL * (index % columns) as f64, TOP + height * (index / columns) as f64];
        let sharp = (SIDE_PIXELS / picture.width().max(picture.height()).max(1)).max(1);
        let scale = SIDE / picture.width().max(picture.height()).max(1) as f64;
        let size = [picture.width(), picture.height()].map(|size| scale * size as f64);
        svg.picture([x + 0.5 * (SIDE - size[0]), y + 0.5 * (SIDE - size[1])], size, picture.enlarged(sharp));
        svg.text("", [x, y + SIDE + 17.0], Anchor::Start, first);
        svg.text("quiet", [x, y + SIDE + 32.0], Anchor::Start, second);
    }
    svg
}
