//! Shapes as far as the macro can see them, and the arithmetic of windows on them.

use std::fmt::{self, Display};

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

use crate::ast::{Number, Padding, Window};
use crate::error::Mistakes;
use crate::number::LIMIT;

/// A size that the macro can see, or none.
pub(crate) type Size = Option<usize>;

/// The shape of one sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Channels, height, width.
    Image([Size; 3]),
    Vector(Size),
    Flat(Box<Shape>),
    /// What only the types can see.
    Unknown,
}

/// The names of our shapes, which need not be imported.
const NAMES: [&str; 4] = ["Image", "Sequence", "Vector", "Flat"];

impl Shape {
    /// Reads the shape that a header states.
    pub(crate) fn read(ty: &Type, mistakes: &mut Mistakes) -> Self {
        let Some((name, arguments)) = named(ty) else {
            return Self::Unknown;
        };
        let name = name.to_string();
        let (count, form) = match name.as_str() {
            "Image" => (3, "Image<CHANNELS, HEIGHT, WIDTH>"),
            "Sequence" => (2, "Sequence<CHANNELS, LENGTH>"),
            "Vector" => (1, "Vector<FEATURES>"),
            _ => (1, "Flat<Image<CHANNELS, HEIGHT, WIDTH>>"),
        };
        if arguments.len() != count {
            let plural = if count == 1 { "" } else { "s" };
            let text = crate::ast::compact(ty);
            mistakes
                .add(ty, format!("{name} takes {count} argument{plural}, {form}, but {text} has {}", arguments.len()));
            return Self::Unknown;
        }
        if let ("Flat", [GenericArgument::Type(inner)]) = (name.as_str(), arguments.as_slice()) {
            return Self::Flat(Box::new(Self::read(inner, mistakes)));
        }
        let sizes: Vec<Size> = arguments
            .iter()
            .map(|argument| Number::read(&argument.to_token_stream(), "the size", 1..=LIMIT, mistakes).value)
            .collect();
        match (name.as_str(), sizes.as_slice()) {
            ("Image", &[channels, height, width]) => Self::Image([channels, height, width]),
            ("Vector", &[features]) => Self::Vector(features),
            _ => Self::Unknown,
        }
    }

    /// Whether a header that states it can be compiled.
    pub(crate) fn is_sound(ty: &Type) -> bool {
        let mut mistakes = Mistakes::default();
        Self::read(ty, &mut mistakes);
        mistakes.is_empty()
    }

    /// The number of values.
    pub(crate) fn len(&self) -> Size {
        match self {
            Self::Image(sizes) => product(sizes),
            Self::Vector(features) => *features,
            Self::Flat(inner) => inner.len(),
            Self::Unknown => None,
        }
    }

    /// Whether every size of it is known.
    pub(crate) fn is_known(&self) -> bool {
        self.len().is_some()
    }

    /// Whether a dense layer takes it.
    pub(crate) fn is_features(&self) -> bool {
        matches!(self, Self::Vector(_) | Self::Flat(_))
    }

    /// Whether the two can be the same shape, as far as one can see.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        let same = |a: &Size, b: &Size| a.is_none() || b.is_none() || a == b;
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => true,
            (Self::Image(a), Self::Image(b)) => a.iter().zip(b).all(|(a, b)| same(a, b)),
            (Self::Vector(a), Self::Vector(b)) => same(a, b),
            (Self::Flat(a), Self::Flat(b)) => a.agrees(b),
            _ => false,
        }
    }

    /// Its length as one would work it out: `16·5·5 = 400`, or `400` where there is nothing to multiply.
    pub(crate) fn arithmetic(&self) -> String {
        let length = shown(self.len());
        match self {
            Self::Flat(inner) => match &**inner {
                Self::Image(sizes) => format!("{} = {length}", sizes.map(shown).join("·")),
                inner => inner.arithmetic(),
            },
            _ => length,
        }
    }
}

/// The name and the generic arguments of a shape of ours, written without a path.
pub(crate) fn named(ty: &Type) -> Option<(&Ident, Vec<&GenericArgument>)> {
    let path = match ty {
        Type::Path(syn::TypePath { qself: None, path, .. }) if path.leading_colon.is_none() => path,
        Type::Group(group) => return named(&group.elem),
        _ => return None,
    };
    let mut segments = path.segments.iter();
    let (Some(segment), None) = (segments.next(), segments.next()) else {
        return None;
    };
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().collect(),
        _ => Vec::new(),
    };
    NAMES.iter().any(|name| segment.ident == name).then_some((&segment.ident, arguments))
}

impl Window {
    /// How far the window spans along each axis: D(K − 1) + 1.
    pub(crate) fn extents(&self) -> [Size; 2] {
        let [kernel, dilation] = [self.kernel.values(), self.dilation.values()];
        [0, 1].map(|axis| Some(dilation[axis]? * (kernel[axis]? - 1) + 1))
    }

    /// The padded input along each axis: H + 2P.
    pub(crate) fn padded(&self, sizes: [Size; 2]) -> [Size; 2] {
        match &self.padding {
            Padding::Zeros(pad) => [0, 1].map(|axis| Some(sizes[axis]? + 2 * pad.values()[axis]?)),
            Padding::Same => [0, 1].map(|axis| Some(sizes[axis]? + self.extents()[axis]? - 1)),
        }
    }

    /// The size that comes out along each axis: (H + 2P − D(K − 1) − 1)/S + 1, rounded down; none if it does not fit.
    pub(crate) fn slid(&self, sizes: [Size; 2]) -> [Size; 2] {
        let (padded, extents, stride) = (self.padded(sizes), self.extents(), self.stride.values());
        [0, 1].map(|axis| Some(padded[axis]?.checked_sub(extents[axis]?)? / stride[axis]? + 1))
    }
}

/// The product of sizes, if all are known and it is a number that one can write down.
pub(crate) fn product(sizes: &[Size]) -> Size {
    sizes.iter().try_fold(1_usize, |product, size| product.checked_mul((*size)?))
}

/// A size in a message.
pub(crate) fn shown(size: Size) -> String {
    size.map_or("_".to_owned(), |size| size.to_string())
}

impl Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(sizes) => write!(formatter, "Image<{}>", sizes.map(shown).join(", ")),
            Self::Vector(features) => write!(formatter, "Vector<{}>", shown(*features)),
            Self::Flat(inner) => write!(formatter, "Flat<{inner}>"),
            Self::Unknown => formatter.write_str("_"),
        }
    }
}
