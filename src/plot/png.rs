//! PNG files.

use super::picture::Picture;
use crate::error::Error;

/// A picture as the bytes of a PNG file.
pub(super) fn encode(picture: &Picture) -> Vec<u8> {
    let mut bytes = Vec::new();
    let size = |size: usize| u32::try_from(size).expect("a picture has less than four thousand million pixels a side");
    let mut encoder = png::Encoder::new(&mut bytes, size(picture.width()), size(picture.height()));
    encoder.set_color(png::ColorType::Rgb);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(picture.pixels().as_flattened())?;
        writer.finish()
    });
    written.expect("a vector takes everything, and there are as many pixels as the header says");
    bytes
}

/// The picture in the bytes of a PNG file, of any of its kinds; what is transparent lies on white.
pub(super) fn decode(bytes: &[u8]) -> Result<Picture, Error> {
    let malformed = |error: png::DecodingError| Error::Format { reason: error.to_string() };
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(malformed)?;
    let Some(length) = reader.output_buffer_size() else {
        return Err(Error::Format { reason: "the picture is too large for memory".to_owned() });
    };
    let mut values = vec![0; length];
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
