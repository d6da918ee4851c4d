//! Pictures of lines and texts as pixels, on light paper.

use super::font;
use super::picture::Picture;
use super::svg::{Anchor, Element, Svg, colour};

/// The pixels of a side of what is one pixel in a browser.
const SCALE: f64 = 2.0;
/// The pixels of a side of a letter's dot, and from one letter to the next.
const DOT: f64 = 2.0;
const ADVANCE: f64 = 6.0 * DOT;
/// The rows of dots of a letter that are above the line.
const ABOVE: f64 = 7.0;

/// The picture in pixels, two for each of the picture's own.
pub(super) fn raster(svg: &Svg) -> Picture {
    let [width, height] = svg.size().map(|size| whole(SCALE * size));
    let paper = colour("rect", "paper", "fill").unwrap_or([255; 3]);
    let mut canvas = Canvas { width, height, pixels: vec![paper; width * height] };
    for element in svg.elements() {
        canvas.draw(element);
    }
    Picture::from_fn(width, height, |x, y| canvas.pixels[y * width + x])
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Canvas {
    fn draw(&mut self, element: &Element) {
        let scaled = |point: &[f64; 2]| point.map(|value| SCALE * value);
        match element {
            Element::Line { class, from, to } => self.stroke(class, &[scaled(from), scaled(to)], SCALE),
            Element::Curve { class, points } => {
                self.stroke(class, &points.iter().map(scaled).collect::<Vec<_>>(), 2.0 * SCALE);
            }
            Element::Dot { class, at, radius } => {
                let (at, radius) = (scaled(at), SCALE * radius);
                self.fill(colour("circle", class, "fill"), 1.0, around(&[at], radius), |point| {
                    distance(point, at) - radius
                });
            }
            Element::Rectangle { class, at, size, opacity } => {
                let (at, half) = (scaled(at), scaled(size).map(|size| size / 2.0));
                let middle = [at[0] + half[0], at[1] + half[1]];
                let outside = move |[x, y]: [f64; 2]| {
                    ((x - middle[0]).abs() - half[0]).max((y - middle[1]).abs() - half[1]) // below 0 inside
                };
                let bounds = around(&[at, [at[0] + 2.0 * half[0], at[1] + 2.0 * half[1]]], SCALE);
                self.fill(colour("rect", class, "fill"), *opacity, bounds, outside);
                self.fill(colour("rect", class, "stroke"), 1.0, bounds, |point| outside(point).abs() - 0.5 * SCALE);
            }
            Element::Text { class, at, anchor, upwards, text } => {
                let ink = colour("text", class, "fill");
                let bold = class.split_whitespace().any(|class| class == "title");
                self.write(ink, scaled(at), *anchor, *upwards, bold, text);
            }
            Element::Picture { at, size, picture } => self.paste(scaled(at), scaled(size), picture),
        }
    }

    /// A line through points, `width` pixels thick and round at its ends.
    fn stroke(&mut self, class: &str, points: &[[f64; 2]], width: f64) {
        for pair in points.windows(2) {
            let [from, to] = [pair[0], pair[1]];
            let (along, length) = ([to[0] - from[0], to[1] - from[1]], distance(from, to).max(1e-9));
            self.fill(colour("line", class, "stroke"), 1.0, around(pair, width), |[x, y]| {
                let share = ((x - from[0]) * along[0] + (y - from[1]) * along[1]) / (length * length);
                let share = share.clamp(0.0, 1.0);
                distance([x, y], [from[0] + share * along[0], from[1] + share * along[1]]) - width / 2.0
            });
        }
    }

    /// A text whose letters are dots, so that they stand on whole pixels.
    fn write(&mut self, ink: Option<[u8; 3]>, at: [f64; 2], anchor: Anchor, upwards: bool, bold: bool, text: &str) {
        let length = ADVANCE * text.chars().count() as f64 - DOT;
        let start = match anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => -length / 2.0,
            Anchor::End => -length,
        };
        for (place, character) in text.chars().enumerate() {
            for (column, dots) in font::dots(character).into_iter().enumerate() {
                for row in (0..8).filter(|row| dots >> row & 1 == 1) {
                    let along = (start + ADVANCE * place as f64 + DOT * column as f64).round();
                    let below = DOT * (f64::from(row) - ABOVE);
                    let [x, y] = at.map(f64::round);
                    let thick = if bold { DOT + 1.0 } else { DOT };
                    let (from, to) = if upwards {
                        ([x + below, y - along - thick], [x + below + DOT, y - along])
                    } else {
                        ([x + along, y + below], [x + along + thick, y + below + DOT])
                    };
                    self.fill(ink, 1.0, [from, to], |_| -1.0);
                }
            }
        }
    }

    /// A picture whose pixels are squares.
    fn paste(&mut self, at: [f64; 2], size: [f64; 2], picture: &Picture) {
        let sides = [picture.width(), picture.height()];
        if sides.contains(&0) {
            return;
        }
        let [from, to] = [at, [at[0] + size[0], at[1] + size[1]]].map(|point| point.map(whole));
        for y in from[1]..to[1].min(self.height) {
            for x in from[0]..to[0].min(self.width) {
                let place = |axis: usize, position: usize| {
                    let middle = (position - from[axis]) as f64 + 0.5;
                    whole(middle * sides[axis] as f64 / size[axis] - 0.5).min(sides[axis] - 1)
                };
                self.pixels[y * self.width + x] = picture.pixels()[place(1, y) * sides[0] + place(0, x)];
            }
        }
    }

    /// Colours the pixels within bounds whose middle is inside of a shape, where `outside` is below 0, and those on its edge in part.
    fn fill(
        &mut self,
        colour: Option<[u8; 3]>,
        opacity: f64,
        [from, to]: [[f64; 2]; 2],
        outside: impl Fn([f64; 2]) -> f64,
    ) {
        let Some(colour) = colour else { return };
        for y in whole(from[1])..whole(to[1]).min(self.height) {
            for x in whole(from[0])..whole(to[0]).min(self.width) {
                let share = opacity * (0.5 - outside([x as f64 + 0.5, y as f64 + 0.5])).clamp(0.0, 1.0);
                for (old, new) in self.pixels[y * self.width + x].iter_mut().zip(colour) {
                    let mixed = f64::from(*old) + share * (f64::from(new) - f64::from(*old));
                    *old = u8::try_from(whole(mixed)).unwrap_or(u8::MAX);
                }
            }
        }
    }
}

/// The corners of what points and a distance around them may cover.
fn around(points: &[[f64; 2]], distance: f64) -> [[f64; 2]; 2] {
    let end = |axis: usize, of: fn(f64, f64) -> f64, start: f64| points.iter().map(|point| point[axis]).fold(start, of);
    let least = [0, 1].map(|axis| end(axis, f64::min, f64::INFINITY) - distance - 1.0);
    [least, [0, 1].map(|axis| end(axis, f64::max, f64::NEG_INFINITY) + distance + 1.0)]
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The nearest whole number that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast stops at the ends of what there is"
)]
fn whole(value: f64) -> usize {
    value.round() as usize
}
