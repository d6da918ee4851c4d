//! Numbers as bytes, least significant first.

use core::any::type_name;

#[cfg(feature = "safetensors")]
use super::text::Text;
use crate::element::Element;
use crate::error::Error;

/// The types of numbers that are converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    F64,
    F32,
    F16,
    #[cfg_attr(not(feature = "safetensors"), expect(dead_code, reason = "NumPy has none"))]
    Bf16,
}

impl Number {
    /// The type of this name in a safetensors file.
    #[cfg(feature = "safetensors")]
    pub(crate) const fn named(name: Text) -> Option<Self> {
        match name {
            _ if name.is("F32") => Some(Self::F32),
            _ if name.is("F64") => Some(Self::F64),
            _ if name.is("F16") => Some(Self::F16),
            _ if name.is("BF16") => Some(Self::Bf16),
            _ => None,
        }
    }

    /// The name of `E`.
    pub(crate) fn name_of<E: Element>() -> &'static str {
        if size_of::<E>() == size_of::<f32>() { "F32" } else { "F64" }
    }

    /// Adds the numbers in `bytes`, rounded to `E`, to `elements`.
    pub(crate) fn decode<E: Element>(self, name: &str, bytes: &[u8], elements: &mut Vec<E>) -> Result<(), Error> {
        match self {
            Self::F64 => finite(name, bytes.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)), elements),
            Self::F32 => {
                finite(name, bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes).into()), elements)
            }
            Self::F16 => {
                finite(name, bytes.as_chunks().0.iter().map(|&bytes| half(u16::from_le_bytes(bytes))), elements)
            }
            Self::Bf16 => {
                let widened = |&bytes| f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16).into();
                finite(name, bytes.as_chunks().0.iter().map(widened), elements)
            }
        }
    }
}

/// The bytes of elements.
pub(crate) fn encode<E: Element>(elements: &[E], bytes: &mut Vec<u8>) {
    let values = elements.iter().map(|element| element.as_f64());
    match Number::name_of::<E>() {
        "F32" => values.for_each(|value| bytes.extend(f32::from_f64(value).to_le_bytes())),
        _ => values.for_each(|value| bytes.extend(value.to_le_bytes())),
    }
}

/// Adds the numbers to `elements` if all are finite, or says which is not.
pub(crate) fn finite<E: Element>(
    name: &str,
    values: impl Iterator<Item = f64>,
    elements: &mut Vec<E>,
) -> Result<(), Error> {
    for (position, value) in values.enumerate() {
        let element = E::from_f64(value);
        if !element.is_finite() {
            return Err(Error::NonFinite { name: name.to_owned(), position, value, element: type_name::<E>() });
        }
        elements.push(element);
    }
    Ok(())
}

/// The number with these bits as IEEE's 16: a sign, 5 of exponent, 10 of fraction.
pub(crate) fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::half;

    #[test]
    fn halves_are_what_the_standard_says() {
        let known = [
            (0x0000, 0.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x03ff, 6.097_555_160_522_461e-5),
            (0x0400, 6.103_515_625e-5),
            (0x3555, 0.333_251_953_125),
            (0x3c00, 1.0),
            (0x7bff, 65_504.0),
            (0x7c00, f64::INFINITY),
            (0xc000, -2.0),
        ];
        for (bits, value) in known {
            assert_eq!(half(bits), value, "{bits:#06x}");
        }
        assert!(half(0x7e00).is_nan());
        assert!(half(0x8000).is_sign_negative());
    }
}
