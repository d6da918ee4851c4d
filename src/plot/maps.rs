//! What the stages of a network make of a picture.

use super::picture::Picture;
use super::range;
use super::svg::{Anchor, Svg};
use crate::element::Element;
use crate::watch::Seen;

/// The side of a map.
const SIDE: f64 = 56.0;
const APART: f64 = 6.0;
/// As many maps of a stage are shown.
const MAPS: usize = 12;
/// As many features of a stage are shown in a strip.
const FEATURES: usize = 256;
/// The pixels that a side has at least, so that no viewer blurs them.
const SIDE_PIXELS: usize = 224;

/// A row for each stage: its name and shape, and its first feature maps, each stage from its least value, dark, to its largest, bright. Features without
/// rows and columns are a strip. Stages that only lay out anew what came before (`flatten`) are left out.
///
/// # Examples
///
/// ```
/// use shapewright::plot::maps;
/// use shapewright::prelude::*;
///
/// let model = Model::new(net!(Image<1, 8, 8> => conv(1=>4, k3) >> relu >> flatten >> dense(2)), 1);
/// let svg = maps(&model.stages(&Tensor::from_fn(|index| index as f32)));
/// assert_eq!(svg.to_string().matches("<image").count(), 4 + 4 + 1);
/// ```
#[must_use]
pub fn maps<E: Element>(stages: &[Seen<E>]) -> Svg {
    let shown: Vec<&Seen<E>> =
        stages.iter().filter(|stage| stage.kind != "Flatten" && stage.kind != "Identity").collect();
    let most =
        shown.iter().map(|stage| if stage.dims.len() == 3 { stage.dims[0].min(MAPS) } else { 6 }).max().unwrap_or(1);
    let title = |stage: &Seen<E>| format!("{}  {}", stage.name, stage.kind);
    let longest = shown.iter().map(|stage| title(stage).chars().count()).max().unwrap_or(0);
    let left = 36.0 + 8.0 * longest as f64;
    let width = left + (SIDE + APART) * most as f64 + 56.0;
    let height = |stage: &Seen<E>| if stage.dims.len() == 3 { SIDE + 2.0 * APART } else { 40.0 };
    let mut svg = Svg::new(width, 2.0 * APART + shown.iter().map(|stage| height(stage)).sum::<f64>());
    let mut y = 1.5 * APART;
    for stage in shown {
        let values: Vec<f64> = stage.values.iter().map(|value| value.as_f64()).collect();
        let range = range(&values);
        let dims: Vec<String> = stage.dims.iter().map(ToString::to_string).collect();
        svg.text("title", [16.0, y + 16.0], Anchor::Start, &title(stage));
        svg.text("quiet", [16.0, y + 32.0], Anchor::Start, &dims.join(" × "));
        let &[channels, rows, columns] = stage.dims else {
            let strip = Picture::grey(values.len().min(FEATURES), &values[..values.len().min(FEATURES)], range);
            let times = (2 * SIDE_PIXELS / strip.width().max(1)).max(1);
            let size = [width - left - 56.0, 18.0];
            svg.picture([left, y + 6.0], size, strip.enlarged(times));
            svg.rectangle("axis", [left, y + 6.0], size, 0.0);
            y += height(stage);
            continue;
        };
        let times = (SIDE_PIXELS / rows.max(columns)).max(1);
        let scale = SIDE / rows.max(columns) as f64;
        for (index, map) in values.chunks(rows * columns).take(MAPS).enumerate() {
            let picture = Picture::grey(columns, map, range).enlarged(times);
            let (x, size) = (left + (SIDE + APART) * index as f64, [columns, rows].map(|size| scale * size as f64));
            svg.picture([x, y], size, picture);
            svg.rectangle("axis", [x, y], size, 0.0);
        }
        if channels > MAPS {
            let x = left + (SIDE + APART) * MAPS as f64;
            svg.text("quiet", [x + 2.0, y + 0.5 * SIDE + 4.0], Anchor::Start, &format!("+ {}", channels - MAPS));
        }
        y += height(stage);
    }
    svg
}
