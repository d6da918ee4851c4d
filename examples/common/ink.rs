//! Pictures of letters, for a terminal.

/// Rows of `width` pixels, 0 (paper) to 1 (ink), as lines: two characters a pixel, which are about as wide as high.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is at least 0 and below 5")]
pub(crate) fn lines(pixels: &[f32], width: usize) -> Vec<String> {
    let shade = |&ink: &f32| ["  ", "░░", "▒▒", "▓▓", "██"][(4.99 * ink.clamp(0.0, 1.0)) as usize];
    pixels.chunks(width).map(|row| row.iter().map(shade).collect()).collect()
}
