//! Shapes as far as the macro can see them, and the arithmetic of windows on them.

use std::fmt::{self, Display};

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

use crate::ast::{Number, Padding, Sides, Window, compact};
use crate::error::Mistakes;
use crate::number::LIMIT;

/// A size that the macro can see, or none.
pub(crate) type Size = Option<usize>;

/// The shape of one sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An image or a sequence.
    Maps(Maps),
    Vector(Size),
    Flat(Box<Shape>),
    /// What only the types can see.
    Unknown,
}

/// Channels of values that have positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Maps {
    pub(crate) channels: Size,
    /// Of an image rows and columns, of a sequence steps.
    pub(crate) positions: Vec<Size>,
}

impl Maps {
    /// The number of values, if every size is known.
    fn len(&self) -> Size {
        product(&[self.channels, product(&self.positions)])
    }

    /// All sizes, joined by `sign`.
    fn sizes(&self, sign: &str) -> String {
        std::iter::once(&self.channels).chain(&self.positions).map(|size| shown(*size)).collect::<Vec<_>>().join(sign)
    }
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
            let text = compact(ty);
            let written: Vec<String> = arguments.iter().map(compact).collect();
            let sample = written.iter().skip(1).cloned().collect::<Vec<_>>().join(", ");
            let (written, given) = (written.join(", "), arguments.len());
            let way = match (name.as_str(), given) {
                // channels are what one forgets
                ("Image", 2) | ("Sequence", 1) => format!("; write {name}<1, {written}> for one channel"),
                ("Image", 4) => format!("; the batch is not part of the shape: write Image<{sample}>"),
                ("Image", 1) => format!("; write Vector<{written}>"),
                ("Vector", 2) => format!("; write Sequence<{written}>"),
                ("Vector" | "Sequence", 3) => format!("; write Image<{written}>"),
                _ => String::new(),
            };
            mistakes.add(ty, format!("{name} takes {count} argument{plural}, {form}, but {text} has {given}{way}"));
            return match name.as_str() {
                "Image" | "Sequence" if given + 1 == count => {
                    let sizes: Vec<Size> = arguments.iter().map(|argument| size(argument, mistakes)).collect();
                    Self::maps(None, &sizes)
                }
                _ => Self::Unknown,
            };
        }
        if let ("Flat", [GenericArgument::Type(inner)]) = (name.as_str(), arguments.as_slice()) {
            return Self::Flat(Box::new(Self::read(inner, mistakes)));
        }
        let sizes: Vec<Size> = arguments.iter().map(|argument| size(argument, mistakes)).collect();
        match (name.as_str(), sizes.as_slice()) {
            ("Vector", &[features]) => Self::Vector(features),
            ("Image" | "Sequence", [channels, positions @ ..]) => Self::maps(*channels, positions),
            _ => Self::Unknown,
        }
    }

    pub(crate) fn maps(channels: Size, positions: &[Size]) -> Self {
        Self::Maps(Maps { channels, positions: positions.to_vec() })
    }

    /// Whether a header that states it can be compiled.
    pub(crate) fn is_sound(ty: &Type) -> bool {
        let mut mistakes = Mistakes::default();
        Self::read(ty, &mut mistakes);
        mistakes.is_empty() && !matches!(ty, Type::Infer(_))
    }

    /// The shape with 1 for every size that is not known.
    pub(crate) fn supposed(&self) -> Self {
        let supposed = |size: &Size| size.or(Some(1));
        match self {
            Self::Maps(Maps { channels, positions }) => {
                Self::maps(supposed(channels), &positions.iter().map(supposed).collect::<Vec<_>>())
            }
            Self::Vector(features) => Self::Vector(supposed(features)),
            Self::Flat(inner) => Self::Flat(Box::new(inner.supposed())),
            Self::Unknown => Self::Vector(Some(1)),
        }
    }

    /// The shape with the sizes of `other`, if it is of its kind, where its own are not known.
    pub(crate) fn with_sizes_of(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Maps(own), Self::Maps(other)) if own.positions.len() == other.positions.len() => {
                let positions = own.positions.iter().zip(&other.positions).map(|(own, other)| own.or(*other));
                Self::maps(own.channels.or(other.channels), &positions.collect::<Vec<_>>())
            }
            _ => self.clone(),
        }
    }

    /// The number of values.
    pub(crate) fn len(&self) -> Size {
        match self {
            Self::Maps(maps) => maps.len(),
            Self::Vector(features) => *features,
            Self::Flat(inner) => inner.len(),
            Self::Unknown => None,
        }
    }

    /// The number of channels; each feature is one.
    pub(crate) fn channels(&self) -> Size {
        if let Self::Maps(maps) = self { maps.channels } else { self.len() }
    }

    /// The axes along which its values have positions, if any.
    pub(crate) fn axes(&self) -> Option<usize> {
        if let Self::Maps(maps) = self { Some(maps.positions.len()) } else { None }
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
            (Self::Maps(a), Self::Maps(b)) => {
                a.positions.len() == b.positions.len()
                    && same(&a.channels, &b.channels)
                    && a.positions.iter().zip(&b.positions).all(|(a, b)| same(a, b))
            }
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
                Self::Maps(maps) => format!("{} = {length}", maps.sizes("·")),
                inner => inner.arithmetic(),
            },
            _ => length,
        }
    }
}

/// A size in the header.
fn size(argument: &GenericArgument, mistakes: &mut Mistakes) -> Size {
    Number::read(&argument.to_token_stream(), "the size", 1..=LIMIT, mistakes).value
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

impl Padding {
    /// What is added at both ends of an axis together; none if it depends on the window, or is not known.
    pub(crate) fn around(&self, axis: usize) -> Size {
        let [before, after] = match self {
            Self::Zeros(pad) => [pad.values()[axis]; 2],
            Self::Sides(sides) => sides.ends(axis),
            Self::Same => return None,
        };
        Some(before? + after?)
    }
}

impl Sides {
    /// The padding at the ends of an axis.
    pub(crate) fn ends(&self, axis: usize) -> [Size; 2] {
        if axis == 0 { [self.top.value, self.bottom.value] } else { [self.left.value, self.right.value] }
    }

    /// Whether the two axes are padded alike, so that it can stand for the one axis of a sequence.
    pub(crate) fn alike(&self) -> bool {
        self.top.text == self.left.text && self.bottom.text == self.right.text
    }
}

impl Window {
    /// Where a mistake of the padding is reported.
    pub(crate) fn padding_tokens(&self) -> &TokenStream {
        match &self.padding {
            Padding::Zeros(pad) => &pad.tokens,
            Padding::Sides(sides) => &sides.tokens,
            Padding::Same => &self.kernel.tokens,
        }
    }

    /// How far the window spans along each axis: D(K − 1) + 1.
    pub(crate) fn extents(&self) -> [Size; 2] {
        let [kernel, dilation] = [self.kernel.values(), self.dilation.values()];
        [0, 1].map(|axis| Some(dilation[axis]? * (kernel[axis]? - 1) + 1))
    }

    /// The padded input along each axis: H + 2P.
    pub(crate) fn padded(&self, sizes: &[Size]) -> Vec<Size> {
        let extents = self.extents();
        let padded = |(axis, size): (usize, &Size)| match &self.padding {
            Padding::Same => Some((*size)? + extents[axis]? - 1),
            padding => Some((*size)? + padding.around(axis)?),
        };
        sizes.iter().enumerate().map(padded).collect()
    }

    /// The size that comes out along each axis: (H + 2P − D(K − 1) − 1)/S + 1, rounded down; none if it does not fit.
    ///
    /// Rounded up, a last window counts that reaches beyond the padding, but not one that begins in it.
    pub(crate) fn slid(&self, sizes: &[Size]) -> Vec<Size> {
        let (padded, extents, stride) = (self.padded(sizes), self.extents(), self.stride.values());
        let slid = |axis: usize| {
            let (padded, extent, stride) = (padded[axis]?, extents[axis]?, stride[axis]?);
            if !self.ceil {
                return Some(padded.checked_sub(extent)? / stride + 1);
            }
            let windows = (padded + stride - 1).checked_sub(extent)? / stride + 1;
            let behind = sizes[axis]? + (padded - sizes[axis]?) / 2; // H + P
            Some(windows.min(behind.div_ceil(stride)))
        };
        (0..sizes.len()).map(slid).collect()
    }

    /// The size that a transposed window spreads over, before the padding is taken away: (H − 1)S + D(K − 1) + 1, and
    /// `more`.
    pub(crate) fn spread(&self, sizes: &[Size], more: [Size; 2]) -> Vec<Size> {
        let (extents, stride) = (self.extents(), self.stride.values());
        let spread = |axis: usize| Some((sizes[axis]? - 1) * stride[axis]? + extents[axis]? + more[axis]?);
        (0..sizes.len()).map(spread).collect()
    }

    /// The number of taps over as many axes.
    pub(crate) fn taps(&self, axes: usize) -> Size {
        product(&self.kernel.values()[..axes])
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
            Self::Maps(maps) => {
                let name = if maps.positions.len() == 1 { "Sequence" } else { "Image" };
                write!(formatter, "{name}<{}>", maps.sizes(", "))
            }
            Self::Vector(features) => write!(formatter, "Vector<{}>", shown(*features)),
            Self::Flat(inner) => write!(formatter, "Flat<{inner}>"),
            Self::Unknown => formatter.write_str("_"),
        }
    }
}
