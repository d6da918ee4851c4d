//! The arguments of the chain grammar, and what was probably meant by a word that is none of ours.

use self::Argument::{Ceil, Dilation, Exact, Groups, Kernel, NoBias, OutputPad, Pad, Same, SkipPadding, Stride};
use crate::catalogue::WORDS;

/// Words of other libraries without their underscores, and what they are called here.
const FOREIGN_LAYERS: [(&str, &str); 48] = [
    ("add", "sum"),
    ("atrousconv", "conv"),
    ("averagepool", "avgpool"),
    ("averagepooling", "avgpool"),
    ("avgpooling", "avgpool"),
    ("batchnormalization", "batchnorm"),
    ("bn", "batchnorm"),
    ("cat", "concat"),
    ("concatenate", "concat"),
    ("convolution", "conv"),
    ("convtransposed", "conv_transpose"),
    ("deconv", "conv_transpose"),
    ("deconvolution", "conv_transpose"),
    ("depthwiseconv", "depthwise"),
    ("dropconnect", "drop_path"),
    ("dropout1d", "channel_dropout"),
    ("dropout2d", "channel_dropout"),
    ("dropout3d", "channel_dropout"),
    ("fc", "dense"),
    ("featuredropout", "channel_dropout"),
    ("fullyconnected", "dense"),
    ("gap", "global_avgpool"),
    ("globalaveragepool", "global_avgpool"),
    ("globalaveragepooling", "global_avgpool"),
    ("globalmaxpooling", "global_maxpool"),
    ("gmp", "global_maxpool"),
    ("groupnormalization", "groupnorm"),
    ("hswish", "hard_swish"),
    ("instancenormalization", "instancenorm"),
    ("layernormalization", "layernorm"),
    ("lecunnormalization", "lrn"),
    ("linear", "dense"),
    ("localresponsenorm", "lrn"),
    ("localresponsenormalization", "lrn"),
    ("logistic", "sigmoid"),
    ("lrelu", "leaky_relu"),
    ("maxpooling", "maxpool"),
    ("pad", "zero_pad"),
    ("pool", "maxpool"),
    ("rectifier", "relu"),
    ("separableconv", "separable"),
    ("shortcut", "residual"),
    ("skip", "residual"),
    ("spatialdropout", "channel_dropout"),
    ("stochasticdepth", "drop_path"),
    ("swish", "silu"),
    ("transposedconv", "conv_transpose"),
    ("upsampling", "upsample"),
];

/// What other libraries have as layers, without underscores, and why there is none here.
const NO_LAYERS: [(&str, &str); 10] = [
    ("input", "the shape that goes in stands before the layers; leave it out"),
    ("inputlayer", "the shape that goes in stands before the layers; leave it out"),
    ("output", "what the last layer gives goes out; leave it out"),
    ("permute", CHANNELS_FIRST),
    ("reshape", RESHAPED),
    ("squeeze", RESHAPED),
    ("transpose", CHANNELS_FIRST),
    ("unflatten", "no layer makes an image of features; begin with an Image<100, 1, 1> and conv_transpose"),
    ("unsqueeze", RESHAPED),
    ("view", RESHAPED),
];

const RESHAPED: &str = "each layer knows its shape; write flatten to make features of an image, or leave it out; features become no \
     image again: a decoder begins with an Image<100, 1, 1> and conv_transpose";
const CHANNELS_FIRST: &str = "channels come first in every shape, so none is turned; leave it out";

/// Why there is no layer `word`, where other libraries have one and nothing here is like it.
pub(crate) fn no_layer(word: &str) -> Option<&'static str> {
    look_up(&NO_LAYERS, &word.to_lowercase().replace('_', ""))
}

/// The layer that was probably meant by `word`: ours in another spelling, another library's, or the nearest of ours.
pub(crate) fn guess_layer(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let plain = word.replace('_', "");
    let ours = |plain: &str| WORDS.iter().map(|(name, _)| *name).find(|name| name.replace('_', "") == plain);
    let known = |plain: &str| ours(plain).or_else(|| look_up(&FOREIGN_LAYERS, plain));
    let undigited = plain.trim_end_matches(|character: char| character.is_ascii_digit());
    let without_rank = plain
        .strip_suffix(['d', 'D'])
        .map_or(undigited, |rest| rest.strip_suffix(|character: char| character.is_ascii_digit()).unwrap_or(undigited));
    let near = || within(&word, 3, WORDS.iter().map(|(name, _)| *name));
    known(&plain).or_else(|| known(undigited)).or_else(|| known(without_rank)).or_else(near)
}

/// What a layer takes besides its sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    Kernel,
    Stride,
    Pad,
    Same,
    Dilation,
    Groups,
    OutputPad,
    NoBias,
    Ceil,
    SkipPadding,
    Exact,
}

/// What `conv` takes besides its sizes.
pub(crate) const CONV: &[Argument] = &[Kernel, Stride, Pad, Same, Dilation, Groups, NoBias, Exact];
/// What `depthwise` takes, and `separable` besides its sizes.
pub(crate) const DEPTHWISE: &[Argument] = &[Kernel, Stride, Pad, Same, Dilation, NoBias, Exact];
/// What `conv_transpose` takes besides its sizes.
pub(crate) const CONV_TRANSPOSE: &[Argument] = &[Kernel, Stride, Pad, OutputPad, Dilation, Groups, NoBias];
/// What `maxpool` takes.
pub(crate) const MAXPOOL: &[Argument] = &[Kernel, Stride, Pad, Dilation, Ceil, Exact];
/// What `avgpool` takes.
pub(crate) const AVGPOOL: &[Argument] = &[Kernel, Stride, Pad, Ceil, SkipPadding, Exact];
/// What `subsample` takes besides its channels.
pub(crate) const SUBSAMPLE: &[Argument] = &[Stride];
/// What `dense` takes besides its sizes.
pub(crate) const DENSE: &[Argument] = &[NoBias];

/// How the arguments are spelled; of two spellings, suggestions use the first.
const SPELLINGS: [(&str, Argument); 13] = [
    ("k", Kernel),
    ("stride", Stride),
    ("s", Stride),
    ("pad", Pad),
    ("same", Same),
    ("dil", Dilation),
    ("dilation", Dilation),
    ("groups", Groups),
    ("output_pad", OutputPad),
    ("nobias", NoBias),
    ("ceil", Ceil),
    ("skip_padding", SkipPadding),
    ("exact", Exact),
];

/// How other libraries spell them, and abbreviations that are tempting.
const FOREIGN_SPELLINGS: [(&str, Argument); 21] = [
    ("kernel", Kernel),
    ("kernel_size", Kernel),
    ("pool_size", Kernel),
    ("window", Kernel),
    ("strides", Stride),
    ("p", Pad),
    ("padding", Pad),
    ("d", Dilation),
    ("dilate", Dilation),
    ("dilation_rate", Dilation),
    ("g", Groups),
    ("group", Groups),
    ("bias", NoBias),
    ("no_bias", NoBias),
    ("use_bias", NoBias),
    ("ceil_mode", Ceil),
    ("count_include_pad", SkipPadding),
    ("count_exclude_pad", SkipPadding),
    ("output_padding", OutputPad),
    ("out_pad", OutputPad),
    ("opad", OutputPad),
];

impl Argument {
    /// The argument that `word`, its digits taken off, spells.
    pub(crate) fn spelled(word: &str) -> Option<Self> {
        look_up(&SPELLINGS, word)
    }

    /// The argument among `taken` that was probably meant by `word`, its digits taken off.
    pub(crate) fn guess(word: &str, taken: &[Self]) -> Option<Self> {
        let word = word.to_lowercase();
        let near = || {
            let candidates = SPELLINGS.iter().filter(|(_, argument)| taken.contains(argument));
            nearest(&word, candidates.map(|(spelling, _)| *spelling)).and_then(Self::spelled)
        };
        let guess = Self::spelled(&word).or_else(|| look_up(&FOREIGN_SPELLINGS, &word)).or_else(near);
        guess.filter(|guess| taken.contains(guess))
    }

    /// Whether an argument of some layer was probably meant by `word`, its digits taken off.
    pub(crate) fn is_meant(word: &str) -> bool {
        SPELLINGS.iter().any(|(_, argument)| Self::guess(word, &[*argument]).is_some())
    }

    /// How suggestions spell it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kernel => "k",
            Stride => "stride",
            Pad => "pad",
            Same => "same",
            Dilation => "dil",
            Groups => "groups",
            OutputPad => "output_pad",
            NoBias => "nobias",
            Ceil => "ceil",
            SkipPadding => "skip_padding",
            Exact => "exact",
        }
    }

    /// What it is called in a sentence.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kernel => "kernel",
            Stride => "stride",
            Pad | Same => "padding",
            Dilation => "dilation",
            Groups => "number of groups",
            OutputPad => "output padding",
            NoBias => "bias",
            Ceil => "rounding",
            SkipPadding => "counting of the padding",
            Exact => "exactness",
        }
    }

    /// The most numbers it takes: none, one, one an axis, or one a side.
    pub(crate) fn numbers(self) -> usize {
        match self {
            Same | NoBias | Ceil | SkipPadding | Exact => 0,
            Groups => 1,
            Kernel | Stride | Dilation | OutputPad => 2,
            Pad => 4,
        }
    }

    /// The least number that makes sense.
    pub(crate) fn least(self) -> usize {
        usize::from(!matches!(self, Pad | OutputPad))
    }

    /// One example of it.
    pub(crate) fn example(self) -> String {
        let digit = match self {
            Same | NoBias | Ceil | SkipPadding | Exact => "",
            Kernel => "3",
            Pad | OutputPad => "1",
            Stride | Dilation | Groups => "2",
        };
        format!("{}{digit}", self.word())
    }
}

/// What `word` stands for in a table.
fn look_up<Meaning: Copy>(table: &[(&str, Meaning)], word: &str) -> Option<Meaning> {
    table.iter().find(|(entry, _)| *entry == word).map(|(_, meaning)| *meaning)
}

/// The candidate nearest to `word`, if it is near: one slip in four letters.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    within(word, 4, candidates)
}

/// The candidate nearest to `word`, if there is at most one slip in that many `letters`.
fn within<'a>(word: &str, letters: usize, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| letters * distance <= word.len().max(candidate.len()) + 1)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The slips between two words: letters inserted, left out, exchanged for another or with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for row in 0..=a.len() {
        for column in 0..=b.len() {
            table[row][column] = if row == 0 || column == 0 {
                row + column
            } else {
                let exchanged = table[row - 1][column - 1] + usize::from(a[row - 1] != b[column - 1]);
                let edited = exchanged.min(table[row - 1][column] + 1).min(table[row][column - 1] + 1);
                let swapped = row > 1 && column > 1 && a[row - 1] == b[column - 2] && a[row - 2] == b[column - 1];
                if swapped { edited.min(table[row - 2][column - 2] + 1) } else { edited }
            };
        }
    }
    table[a.len()][b.len()]
}
