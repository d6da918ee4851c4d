//! Small rotations and shifts: pixels read between pixels.

use super::{Augment, Chance, Picture};
use crate::element::Element;

/// Turns a picture around its middle by an angle drawn evenly from −`degrees` to `degrees`. Pixels are interpolated between
/// their four neighbours; what comes from outside is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomRotation {
    degrees: f64,
}

impl RandomRotation {
    /// Angles of at most `degrees`, either way.
    ///
    /// # Panics
    ///
    /// If `degrees` is negative or not finite.
    #[must_use]
    pub const fn degrees(degrees: f64) -> Self {
        assert!(degrees >= 0.0 && degrees.is_finite(), "an angle is a finite number of at least 0");
        Self { degrees }
    }
}

impl Augment for RandomRotation {
    fn apply<S: Picture, E: Element>(&self, chance: &mut Chance, values: &mut [E], scratch: &mut [E]) {
        let (sin, cos) = chance.between(-self.degrees, self.degrees).to_radians().sin_cos();
        let middle = [S::ROWS, S::COLUMNS].map(|size| (size as f64 - 1.0) / 2.0);
        resample::<S, E>(values, scratch, |row, column| {
            let (y, x) = (row - middle[0], column - middle[1]);
            [middle[0] + cos * y - sin * x, middle[1] + sin * y + cos * x]
        });
    }
}

/// Shifts a picture by distances drawn evenly from −`pixels` to `pixels`, down and to the right, fractions among them. Pixels
/// are interpolated between their four neighbours; what comes from outside is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomShift {
    pixels: f64,
}

impl RandomShift {
    /// Shifts by at most `pixels` each way.
    ///
    /// # Panics
    ///
    /// If `pixels` is negative or not finite.
    #[must_use]
    pub const fn pixels(pixels: f64) -> Self {
        assert!(pixels >= 0.0 && pixels.is_finite(), "a shift is a finite number of at least 0");
        Self { pixels }
    }
}

impl Augment for RandomShift {
    fn apply<S: Picture, E: Element>(&self, chance: &mut Chance, values: &mut [E], scratch: &mut [E]) {
        let [down, right] = [(); 2].map(|()| chance.between(-self.pixels, self.pixels));
        resample::<S, E>(values, scratch, |row, column| [row - down, column - right]);
    }
}

/// Gives each pixel what stood at `origin` of its row and column.
fn resample<S: Picture, E: Element>(values: &mut [E], scratch: &mut [E], origin: impl Fn(f64, f64) -> [f64; 2]) {
    scratch.copy_from_slice(values);
    let pixels = S::ROWS * S::COLUMNS;
    for row in 0..S::ROWS {
        for column in 0..S::COLUMNS {
            let [y, x] = origin(row as f64, column as f64);
            let neighbours = neighbours::<S, E>(y, x);
            for channel in 0..S::CHANNELS {
                let input = &scratch[channel * pixels..][..pixels];
                let output = &mut values[channel * pixels + row * S::COLUMNS + column];
                *output = E::zero();
                for &(pixel, weight) in &neighbours {
                    *output += weight * input[pixel];
                }
            }
        }
    }
}

/// The four pixels around a point, and how much each counts: nothing outside of the picture.
fn neighbours<S: Picture, E: Element>(y: f64, x: f64) -> [(usize, E); 4] {
    [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)].map(|(below, right)| {
        let (row, column) = (y.floor() + below, x.floor() + right);
        let inside = (0.0..S::ROWS as f64).contains(&row) && (0.0..S::COLUMNS as f64).contains(&column);
        if !inside {
            return (0, E::zero());
        }
        let weight = (1.0 - (y - row).abs()) * (1.0 - (x - column).abs());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers inside the picture")]
        let pixel = row as usize * S::COLUMNS + column as usize;
        (pixel, E::from_f64(weight))
    })
}
