//! Pictures of pixels.

/// A picture of pixels: red, green and blue, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

/// What lies between the pictures of a grid: darker than what is light in them, lighter than what is dark.
const BETWEEN: [u8; 3] = [104, 112, 122];

impl Picture {
    /// A picture of a pixel for each position.
    #[must_use]
    pub fn from_fn(width: usize, height: usize, mut pixel: impl FnMut(usize, usize) -> [u8; 3]) -> Self {
        let pixels = (0..width * height).map(|index| pixel(index % width, index / width)).collect();
        Self { width, height, pixels }
    }

    /// The width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The pixels, row by row.
    #[must_use]
    pub fn pixels(&self) -> &[[u8; 3]] {
        &self.pixels
    }

    /// The picture with each pixel as a square of `times` × `times`.
    #[must_use]
    pub fn enlarged(&self, times: usize) -> Self {
        Self::from_fn(times * self.width, times * self.height, |x, y| self.pixels[y / times * self.width + x / times])
    }

    /// Pictures of equal size in rows of `columns`, with `gap` pixels of grey around each.
    #[must_use]
    pub fn grid(pictures: &[Self], columns: usize, gap: usize) -> Self {
        let size = |of: fn(&Self) -> usize| pictures.iter().map(of).max().unwrap_or(0) + gap;
        let (cell_width, cell_height) = (size(Self::width), size(Self::height));
        let columns = columns.clamp(1, pictures.len().max(1));
        let (width, height) = (columns * cell_width + gap, pictures.len().div_ceil(columns) * cell_height + gap);
        Self::from_fn(width, height, |x, y| {
            let inside = || {
                let (x, y) = (x.checked_sub(gap)?, y.checked_sub(gap)?);
                let picture = pictures.get(y / cell_height * columns + x / cell_width)?;
                picture.at(x % cell_width, y % cell_height)
            };
            inside().unwrap_or(BETWEEN)
        })
    }

    fn at(&self, x: usize, y: usize) -> Option<[u8; 3]> {
        (x < self.width && y < self.height).then(|| self.pixels[y * self.width + x])
    }

    /// A map of numbers in greys: `low` black, `high` white.
    #[must_use]
    pub fn grey(width: usize, values: &[f64], [low, high]: [f64; 2]) -> Self {
        Self::from_fn(width, values.len() / width.max(1), |x, y| [shade(values[y * width + x], low, high); 3])
    }

    /// Three maps of numbers as red, green and blue: `low` dark, `high` bright.
    #[must_use]
    pub fn colour(width: usize, [red, green, blue]: [&[f64]; 3], [low, high]: [f64; 2]) -> Self {
        let pixel = |x, y| [red, green, blue].map(|values| shade(values[y * width + x], low, high));
        Self::from_fn(width, red.len() / width.max(1), pixel)
    }

    /// A map of numbers around zero: −`most` blue, 0 white, `most` red.
    #[must_use]
    pub fn signed(width: usize, values: &[f64], most: f64) -> Self {
        Self::from_fn(width, values.len() / width.max(1), |x, y| {
            let share = if most > 0.0 { (values[y * width + x] / most).clamp(-1.0, 1.0) } else { 0.0 };
            let end = if share < 0.0 { [33.0, 102.0, 172.0] } else { [178.0, 24.0, 43.0] };
            end.map(|end: f64| shade(255.0 + share.abs().powf(0.8) * (end - 255.0), 0.0, 255.0))
        })
    }
}

/// The byte of a value between `low` and `high`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 255")]
fn shade(value: f64, low: f64, high: f64) -> u8 {
    let share = if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
    (255.0 * share).round() as u8
}
