//! Writes chains, stages and layers as a user would: in messages and in the table of a network's documentation.

use std::fmt::{self, Display, Formatter};

use crate::ast::{Chain, Conv, Dense, Layer, Number, Stage, compact};
use crate::infer::Uneven;

impl Conv {
    /// The call with other input channels; of the other arguments only the groups may have to differ from what the user wrote.
    pub(crate) fn with_input(&self, channels: usize) -> String {
        let mut options = self.options.clone();
        let uneven = self.groups.rows.value.and_then(|groups| Uneven::of(groups, Some(channels), self.filters.value));
        if let Some(Uneven { ways, .. }) = uneven {
            options.retain(|option| !option.starts_with("groups"));
            options.extend(ways.first().map(|groups| format!("groups{groups}")));
        }
        self.call(format!("{channels}=>{}", self.filters), options)
    }

    /// The call that takes and gives that many channels.
    pub(crate) fn with_channels(&self, channels: usize) -> String {
        self.call(format!("{channels}=>{channels}"), self.options.clone())
    }

    /// The call with another output padding, which is given as it is written.
    pub(crate) fn with_output_padding(&self, padding: &str) -> String {
        let mut options = self.options.clone();
        options.retain(|option| !option.starts_with("output_pad"));
        options.push(padding.to_owned());
        self.call(self.sizes(), options)
    }

    /// The sizes as the user wrote them.
    fn sizes(&self) -> String {
        let input = self.input.as_ref().map_or(String::new(), |input| format!("{input}=>"));
        format!("{input}{}", self.filters)
    }

    fn call(&self, sizes: String, options: Vec<String>) -> String {
        let arguments: Vec<String> = std::iter::once(sizes).chain(options).collect();
        format!("{}({})", self.kind.word(), arguments.join(", "))
    }
}

impl Dense {
    /// The call with other input features, or with those that arrive.
    pub(crate) fn with_input(&self, features: Option<usize>) -> String {
        let sizes = features.map_or(self.output.to_string(), |features| format!("{features}=>{}", self.output));
        format!("dense({sizes}{})", if self.bias { "" } else { ", nobias" })
    }
}

impl Display for Number {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Display for Chain {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&joined(&self.stages, " >> "))
    }
}

impl Display for Stage {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let label = self.label.as_ref().map_or(String::new(), |label| format!("{label}: "));
        write!(formatter, "{label}{}", self.layer)
    }
}

impl Display for Layer {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conv(conv) => formatter.write_str(&conv.call(conv.sizes(), conv.options.clone())),
            Self::Depthwise(depthwise) => formatter.write_str(&depthwise.text),
            Self::Pool(pool) => formatter.write_str(&pool.text),
            Self::Dense(dense) => match &dense.input {
                Some(input) => {
                    write!(formatter, "dense({input}=>{}{})", dense.output, if dense.bias { "" } else { ", nobias" })
                }
                None => formatter.write_str(&dense.with_input(None)),
            },
            Self::Resize(resize) => formatter.write_str(&resize.text),
            Self::Value(value) => formatter.write_str(&value.text),
            Self::Repeat(repeat) => write!(formatter, "repeat({}, {})", repeat.count, repeat.body),
            Self::Joint(joint) => write!(formatter, "{}({})", joint.kind.word(), joined(&joint.branches, " | ")),
            Self::Group(chain) => write!(formatter, "({chain})"),
            Self::Path(path) => formatter.write_str(&compact(path)),
            Self::Local(_) => formatter.write_str("{…}"),
            Self::Wrong => formatter.write_str("?"),
        }
    }
}

fn joined<Part: Display>(parts: &[Part], sign: &str) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(sign)
}
