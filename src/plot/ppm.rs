//! PPM and PGM files of one byte a value: the pictures that any program can write (<https://netpbm.sourceforge.net/doc/ppm.html>).

use super::picture::Picture;
use crate::error::Error;

/// The picture in the bytes of a file.
pub(super) fn decode(bytes: &[u8]) -> Result<Picture, Error> {
    let malformed = |reason: &str| Error::Format { reason: reason.to_owned() };
    let channels = if bytes.starts_with(b"P6") { 3 } else { 1 };
    let mut rest = &bytes[2..];
    let mut number = || loop {
        match rest {
            [b'#', ..] => rest = &rest[rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())..],
            [space, behind @ ..] if space.is_ascii_whitespace() => rest = behind,
            _ => {
                let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
                let (digits, behind) = rest.split_at(length);
                rest = behind;
                return core::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<usize>().ok());
            }
        }
    };
    let (Some(width), Some(height), Some(most)) = (number(), number(), number()) else {
        return Err(malformed("width, height and largest value are not numbers"));
    };
    if width == 0 || height == 0 {
        return Err(Error::Format { reason: format!("{width} × {height} pixels are no picture") });
    }
    if most != 255 {
        return Err(Error::Format { reason: format!("the largest value is {most}, but must be 255") });
    }
    let Some(values) = rest.get(1..) else { return Err(malformed("there are no pixels")) };
    let expected = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(channels));
    if expected != Some(values.len()) {
        let found = values.len();
        return Err(Error::Format { reason: format!("{width} × {height} pixels are not {found} bytes") });
    }
    Ok(Picture::from_fn(width, height, |x, y| match values[channels * (y * width + x)..][..channels] {
        [red, green, blue] => [red, green, blue],
        [grey, ..] => [grey; 3],
        [] => unreachable!("a pixel has one or three values"),
    }))
}
