//! The words of the language: how each is read, what it does to a shape, and what it is called in code.

use self::Effect::{Channelwise, Flattens, Keeps, Pools};
use self::Kind::{Conv, Dense, Depthwise, Joint, Pool, Pool2, Repeat, Resize, Value};
use self::Parameters::{One, OnePerChannel, OnePerValue, TwoPerChannel, TwoPerValue};

/// Every word, by families.
pub(crate) static WORDS: &[(&str, Kind)] = &[
    ("conv", Conv(ConvKind::Plain)),
    ("depthwise", Depthwise),
    ("separable", Conv(ConvKind::Separable)),
    ("conv_transpose", Conv(ConvKind::Transposed)),
    ("zero_pad", Resize(ResizeKind::ZeroPad)),
    ("upsample", Resize(ResizeKind::Upsample)),
    ("pool2", Pool2),
    ("maxpool", Pool(PoolKind::Max)),
    ("avgpool", Pool(PoolKind::Average)),
    ("global_avgpool", Value(unit("GlobalAvgPool").effect(Pools))),
    ("global_maxpool", Value(unit("GlobalMaxPool").effect(Pools))),
    ("adaptive_avgpool", Resize(ResizeKind::AdaptiveAvgPool)),
    ("subsample", Resize(ResizeKind::Subsample)),
    ("batchnorm", Value(new("BatchNorm").effect(Channelwise).options(&[EPS, MOMENTUM]).parameters(TwoPerChannel))),
    ("layernorm", Value(new("LayerNorm").options(&[EPS]).parameters(TwoPerValue))),
    ("groupnorm", Value(new("GroupNorm").effect(Channelwise).takes(GROUPS).options(&[EPS]).parameters(TwoPerChannel))),
    ("instancenorm", Value(new("InstanceNorm").effect(Channelwise).options(&[EPS]))),
    ("rmsnorm", Value(new("RmsNorm").options(&[EPS]).parameters(OnePerValue))),
    ("lrn", Value(new("Lrn").effect(Channelwise).takes(SPAN).options(&[LRN_ALPHA, LRN_BETA, LRN_K]))),
    ("relu", Value(unit("Relu"))),
    ("relu6", Value(unit("Relu6"))),
    ("leaky_relu", Value(new("LeakyRelu").takes(SLOPE))),
    ("elu", Value(new("Elu").takes(ELU_ALPHA))),
    ("selu", Value(unit("Selu"))),
    ("gelu", Value(unit("Gelu"))),
    ("gelu_tanh", Value(unit("GeluTanh"))),
    ("silu", Value(unit("Silu"))),
    ("mish", Value(unit("Mish"))),
    ("hard_swish", Value(unit("HardSwish"))),
    ("softplus", Value(unit("Softplus"))),
    ("sigmoid", Value(unit("Sigmoid"))),
    ("tanh", Value(unit("Tanh"))),
    ("softmax", Value(unit("Softmax"))),
    ("log_softmax", Value(unit("LogSoftmax"))),
    ("prelu", Value(unit("Prelu").parameters(One).or("channels", &PRELU_CHANNELS))),
    ("identity", Value(unit("Identity"))),
    ("dropout", Value(new("Dropout").takes(PROBABILITY))),
    ("channel_dropout", Value(new("ChannelDropout").takes(PROBABILITY))),
    ("drop_path", Value(new("DropPath").takes(PROBABILITY))),
    ("flatten", Value(unit("Flatten").effect(Flattens))),
    ("dense", Dense),
    ("residual", Joint(JointKind::Residual)),
    ("concat", Joint(JointKind::Concat)),
    ("sum", Joint(JointKind::Sum)),
    ("repeat", Repeat),
];

static PRELU_CHANNELS: ValueWord = unit("PreluChannels").effect(Channelwise).parameters(OnePerChannel);

const PROBABILITY: Takes = Takes::Real(RealWord { name: "probability", least: 0.0, most: 1.0, example: "0.5" }, None);
const SLOPE: Takes = Takes::Real(RealWord { name: "slope", least: 0.0, example: "0.1", ..ANY }, Some("0.01"));
const ELU_ALPHA: Takes = Takes::Real(RealWord { name: "alpha", least: 0.0, example: "0.5", ..ANY }, Some("1.0"));
const GROUPS: Takes = Takes::Groups { name: "number of groups", example: "8" };
const SPAN: Takes = Takes::Span { name: "size", example: "5" };

const EPS: RealWord = RealWord { name: "eps", least: f64::MIN_POSITIVE, example: "1e-5", ..ANY };
const MOMENTUM: RealWord = RealWord { name: "momentum", least: 0.0, most: 1.0, example: "0.1" };
const LRN_ALPHA: RealWord = RealWord { name: "alpha", example: "1e-4", ..ANY };
const LRN_BETA: RealWord = RealWord { name: "beta", example: "0.75", ..ANY };
const LRN_K: RealWord = RealWord { name: "k", example: "2.0", ..ANY };

const ANY: RealWord = RealWord { name: "", least: f64::MIN, most: f64::MAX, example: "" };

/// How a word is read.
pub(crate) enum Kind {
    Conv(ConvKind),
    Depthwise,
    /// `pool2`: windows of 2×2, side by side.
    Pool2,
    Pool(PoolKind),
    Resize(ResizeKind),
    Value(ValueWord),
    Dense,
    Joint(JointKind),
    Repeat,
}

impl Kind {
    /// Whether the word may stand without arguments.
    pub(crate) fn stands_alone(&self) -> bool {
        match self {
            Pool2 => true,
            Value(value) => matches!(value.takes, Takes::Nothing | Takes::Real(_, Some(_))),
            _ => false,
        }
    }
}

/// Convolutions with filters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConvKind {
    Plain,
    /// One filter a channel, then one of 1×1 over all channels.
    Separable,
    Transposed,
}

impl ConvKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Plain => "conv",
            Self::Separable => "separable",
            Self::Transposed => "conv_transpose",
        }
    }
}

/// Pools with a window.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PoolKind {
    Max,
    Average,
}

impl PoolKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Max => "maxpool",
            Self::Average => "avgpool",
        }
    }
}

/// Layers that only change how many positions or channels there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResizeKind {
    ZeroPad,
    Upsample,
    AdaptiveAvgPool,
    Subsample,
}

/// Layers with branches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum JointKind {
    Residual,
    Concat,
    Sum,
}

impl JointKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Residual => "residual",
            Self::Concat => "concat",
            Self::Sum => "sum",
        }
    }

    /// The type with two branches.
    pub(crate) fn ty(self) -> &'static str {
        match self {
            Self::Residual => "Residual",
            Self::Concat => "Concat",
            Self::Sum => "Sum",
        }
    }
}

/// A layer that is a value of the type `ty`: a unit type, or `Type::new(…).option(…)`.
pub(crate) struct ValueWord {
    pub(crate) ty: &'static str,
    pub(crate) is_unit: bool,
    /// What stands first in its arguments.
    pub(crate) takes: Takes,
    pub(crate) options: &'static [RealWord],
    /// An argument that makes it another layer.
    pub(crate) variant: Option<(&'static str, &'static ValueWord)>,
    pub(crate) effect: Effect,
    pub(crate) parameters: Parameters,
}

/// What stands first in the arguments of a value.
pub(crate) enum Takes {
    Nothing,
    /// A real number, which may have a default.
    Real(RealWord, Option<&'static str>),
    /// Groups that divide the channels, as a const generic.
    Groups {
        name: &'static str,
        example: &'static str,
    },
    /// A whole number.
    Span {
        name: &'static str,
        example: &'static str,
    },
}

/// A real number that a value takes.
pub(crate) struct RealWord {
    pub(crate) name: &'static str,
    pub(crate) least: f64,
    pub(crate) most: f64,
    pub(crate) example: &'static str,
}

impl RealWord {
    /// The numbers that it may be.
    pub(crate) fn range(&self) -> String {
        let Self { least, most, .. } = self;
        match (*least, *most) {
            (f64::MIN, f64::MAX) => "finite".to_owned(),
            (f64::MIN_POSITIVE, f64::MAX) => "above 0".to_owned(),
            (_, f64::MAX) => format!("at least {least}"),
            _ => format!("between {least} and {most}"),
        }
    }
}

/// What a value does to a shape.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The same shape.
    Keeps,
    /// The same shape, of which the channels matter.
    Channelwise,
    /// One position with the same channels.
    Pools,
    /// Features.
    Flattens,
}

/// How many trainable parameters a value has.
#[derive(Clone, Copy)]
pub(crate) enum Parameters {
    None,
    One,
    OnePerChannel,
    TwoPerChannel,
    OnePerValue,
    TwoPerValue,
}

/// A layer of a unit type.
const fn unit(ty: &'static str) -> ValueWord {
    ValueWord {
        ty,
        is_unit: true,
        takes: Takes::Nothing,
        options: &[],
        variant: None,
        effect: Keeps,
        parameters: Parameters::None,
    }
}

/// A layer that `new` makes.
const fn new(ty: &'static str) -> ValueWord {
    ValueWord { is_unit: false, ..unit(ty) }
}

impl ValueWord {
    const fn takes(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }

    const fn options(self, options: &'static [RealWord]) -> Self {
        Self { options, ..self }
    }

    const fn or(self, argument: &'static str, other: &'static Self) -> Self {
        Self { variant: Some((argument, other)), ..self }
    }

    const fn effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    const fn parameters(self, parameters: Parameters) -> Self {
        Self { parameters, ..self }
    }
}

/// How the word is read, if it is one of ours.
pub(crate) fn kind(word: &str) -> Option<&'static Kind> {
    WORDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| kind)
}

/// All words for a message.
pub(crate) fn known() -> String {
    WORDS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}
