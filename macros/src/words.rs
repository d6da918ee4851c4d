//! The words of the chain grammar, and what was probably meant by a word that is none of them.

use self::Argument::{Dilation, Groups, Kernel, NoBias, Pad, Same, Stride};

/// The layer words.
pub(crate) const LAYERS: [&str; 7] = ["conv", "dense", "flatten", "maxpool", "pool2", "relu", "repeat"];

/// Words of other libraries, and what they are called here.
const FOREIGN_LAYERS: [(&str, &str); 11] = [
    ("conv2d", "conv"),
    ("convolution", "conv"),
    ("fc", "dense"),
    ("fully_connected", "dense"),
    ("linear", "dense"),
    ("max_pool", "maxpool"),
    ("max_pool2d", "maxpool"),
    ("max_pooling2d", "maxpool"),
    ("maxpool2d", "maxpool"),
    ("maxpooling2d", "maxpool"),
    ("pool", "maxpool"),
];

/// The layer that was probably meant by `word`.
pub(crate) fn guess_layer(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let foreign = |word: &str| look_up(&FOREIGN_LAYERS, word);
    let plain = word.trim_end_matches(|character: char| character.is_ascii_digit());
    foreign(&word).or_else(|| foreign(plain)).or_else(|| nearest(&word, LAYERS))
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
    NoBias,
}

/// What `conv` takes besides its sizes.
pub(crate) const CONV: &[Argument] = &[Kernel, Stride, Pad, Same, Dilation, Groups, NoBias];
/// What `maxpool` takes.
pub(crate) const MAXPOOL: &[Argument] = &[Kernel, Stride, Pad, Dilation];
/// What `dense` takes besides its sizes.
pub(crate) const DENSE: &[Argument] = &[NoBias];

/// How the arguments are spelled; of two spellings, suggestions use the first.
const SPELLINGS: [(&str, Argument); 9] = [
    ("k", Kernel),
    ("stride", Stride),
    ("s", Stride),
    ("pad", Pad),
    ("same", Same),
    ("dil", Dilation),
    ("dilation", Dilation),
    ("groups", Groups),
    ("nobias", NoBias),
];

/// How other libraries spell them, and abbreviations that are tempting.
const FOREIGN_SPELLINGS: [(&str, Argument); 15] = [
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

    /// How suggestions spell it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kernel => "k",
            Stride => "stride",
            Pad => "pad",
            Same => "same",
            Dilation => "dil",
            Groups => "groups",
            NoBias => "nobias",
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
            NoBias => "bias",
        }
    }

    /// The most numbers it takes: none, one, or one an axis.
    pub(crate) fn numbers(self) -> usize {
        match self {
            Same | NoBias => 0,
            Groups => 1,
            Kernel | Stride | Pad | Dilation => 2,
        }
    }

    /// The least number that makes sense.
    pub(crate) fn least(self) -> usize {
        usize::from(self != Pad)
    }

    /// One example of it.
    pub(crate) fn example(self) -> String {
        let digit = match self {
            Same | NoBias => "",
            Kernel => "3",
            Pad => "1",
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
fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| 4 * distance <= word.len().max(candidate.len()) + 1)
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
