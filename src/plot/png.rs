//! PNG files.

use super::picture::Picture;
use crate::error::Error;

/// Of a byte deflate makes at most so many.
const LARGEST_RATIO: usize = 1032;
/// What the format has room for.
const LONGEST_SIDE: u32 = (1 << 31) - 1;

/// A picture as the bytes of a PNG file, which has at least a pixel.
pub(super) fn encode(picture: &Picture) -> Result<Vec<u8>, Error> {
    let [width, height] =
        [("the width of a PNG file", picture.width()), ("the height of a PNG file", picture.height())].map(side);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width?, height?);
    encoder.set_color(png::ColorType::Rgb);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(picture.pixels().as_flattened())?;
        writer.finish()
    });
    written.expect("a vector takes everything, and there are as many pixels as the header says");
    Ok(bytes)
}

fn side((name, pixels): (&'static str, usize)) -> Result<u32, Error> {
    let side = u32::try_from(pixels).ok().filter(|side| (1..=LONGEST_SIDE).contains(side));
    side.ok_or(Error::Setting { name, value: pixels as f64, allowed: "1 to 2,147,483,647 pixels" })
}

/// The picture in the bytes of a PNG file, of any of its kinds; what is transparent lies on white.
pub(super) fn decode(bytes: &[u8]) -> Result<Picture, Error> {
    let malformed = |error: png::DecodingError| Error::Format { reason: error.to_string() };
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(malformed)?;
    let (width, height) = reader.info().size();
    let too_large = |reason: &str| Error::Format { reason: format!("{width} × {height} pixels are {reason}") };
    let packed = bytes.len().saturating_mul(LARGEST_RATIO) as u64;
    let bits = reader.info().bits_per_pixel() as u64;
    if (u64::from(width) * u64::from(height)).saturating_mul(bits) / 8 > packed {
        return Err(too_large(&format!("more than a file of {} bytes holds", bytes.len())));
    }
    let Some(length) = reader.output_buffer_size() else { return Err(too_large("more than memory holds")) };
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| too_large("more than memory holds"))?;
    values.resize(length, 0);
    let info = reader.next_frame(&mut values).map_err(malformed)?;
    let over_white = |value: u8, alpha: u8| {
        let mixed = (u16::from(value) * u16::from(alpha) + 255 * (255 - u16::from(alpha))) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    let channels = info.color_type.samples();
    let (width, height) = (info.width as usize, info.height as usize);
    Ok(Picture::from_fn(width, height, |x, y| match values[channels * (y * width + x)..][..channels] {
        [grey] => [grey; 3],
        [grey, alpha] => [over_white(grey, alpha); 3],
        [red, green, blue] => [red, green, blue],
        [red, green, blue, alpha] => [red, green, blue].map(|value| over_white(value, alpha)),
        _ => unreachable!("a pixel has one to four values"),
    }))
}
