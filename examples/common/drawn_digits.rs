//! Digits that a program draws.

use shapewright::augment::Chance;

/// The line of a pen, from corner to corner in a square of side 1, for each digit.
const LINES: [&[[f64; 2]]; 10] = [
    &[[0.5, 0.1], [0.72, 0.25], [0.75, 0.6], [0.6, 0.9], [0.4, 0.9], [0.25, 0.6], [0.28, 0.25], [0.5, 0.1]],
    &[[0.35, 0.25], [0.55, 0.1], [0.52, 0.9]],
    &[[0.27, 0.3], [0.4, 0.12], [0.62, 0.12], [0.72, 0.3], [0.6, 0.52], [0.27, 0.9], [0.75, 0.88]],
    &[[0.28, 0.15], [0.6, 0.1], [0.7, 0.28], [0.45, 0.47], [0.72, 0.65], [0.62, 0.88], [0.27, 0.85]],
    &[[0.58, 0.9], [0.62, 0.1], [0.25, 0.62], [0.78, 0.62]],
    &[[0.7, 0.1], [0.35, 0.1], [0.3, 0.45], [0.6, 0.42], [0.73, 0.65], [0.6, 0.88], [0.28, 0.86]],
    &[[0.65, 0.1], [0.38, 0.4], [0.28, 0.7], [0.45, 0.9], [0.68, 0.78], [0.62, 0.55], [0.4, 0.54], [0.3, 0.66]],
    &[[0.25, 0.12], [0.75, 0.1], [0.42, 0.9]],
    &[[0.5, 0.47], [0.3, 0.28], [0.5, 0.1], [0.7, 0.28], [0.28, 0.68], [0.5, 0.9], [0.72, 0.7], [0.5, 0.47]],
    &[[0.7, 0.33], [0.5, 0.48], [0.3, 0.33], [0.45, 0.1], [0.68, 0.18], [0.7, 0.33], [0.6, 0.9]],
];

/// A digit of `side` × `side` pixels, 0 (paper) to 255 (ink), by an unsteady hand.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 255")]
pub(crate) fn digit(digit: usize, side: usize, chance: &mut Chance) -> Vec<u8> {
    let (sin, cos) = chance.between(-0.15, 0.15).sin_cos();
    let (slant, size, pen) = (chance.between(-0.2, 0.2), chance.between(0.75, 1.0), chance.between(0.03, 0.06));
    let middle = [chance.between(0.42, 0.58), chance.between(0.42, 0.58)];
    let moved = |[x, y]: &[f64; 2]| {
        let (x, y) = (size * (x - 0.5 - slant * (y - 0.5)), size * (y - 0.5));
        [middle[0] + cos * x - sin * y, middle[1] + sin * x + cos * y]
    };
    let corners: Vec<[f64; 2]> = LINES[digit].iter().map(moved).collect();
    let ink = |index: usize| {
        let pixel = [index % side, index / side].map(|position| (position as f64 + 0.5) / side as f64);
        let distances = corners.windows(2).map(|ends| distance(pixel, ends[0], ends[1]));
        let inside = (pen - distances.fold(f64::INFINITY, f64::min)) * side as f64;
        (255.0 * (inside + 0.5).clamp(0.0, 1.0)) as u8
    };
    (0..side * side).map(ink).collect()
}

/// How far a point is from the straight line between two others.
fn distance([x, y]: [f64; 2], [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) -> f64 {
    let (dx, dy) = (x2 - x1, y2 - y1);
    let along = (((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (x - x1 - along * dx).hypot(y - y1 - along * dy)
}
