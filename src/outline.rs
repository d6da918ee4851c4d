//! The stages of a network by name: what its parameters are called, and the table that `summary` prints.

use core::any::type_name;
use core::fmt;

use crate::init::Init;
use crate::layer::Layer;
use crate::shape::Shape;

/// One parameter tensor of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The name within the layer: `weight`, `bias`.
    pub name: &'static str,
    /// The sizes, outermost first.
    pub dims: Vec<usize>,
    /// How the values start.
    pub init: Init,
}

impl Parameter {
    /// The number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// Whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One stage of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Where it stands: its position in the chain, or its label, behind those of the groups around it.
    pub name: String,
    /// The layer's type: `Conv2d`.
    pub kind: String,
    /// Its window, where it has one: `3×3 /2` for a kernel of 3×3 and a stride of 2.
    pub window: String,
    /// The shape that it gives: `Image<32, 16, 16>`.
    pub output: String,
    /// The sizes of that shape, outermost first.
    pub dims: &'static [usize],
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its running statistics.
    pub state: Vec<Parameter>,
    /// Multiply-accumulates of one sample's forward pass.
    pub macs: usize,
}

impl Stage {
    /// The number of trainable values.
    #[must_use]
    pub fn params(&self) -> usize {
        self.parameters.iter().map(Parameter::len).sum()
    }
}

/// The stages of a network in order, numbered as PyTorch's `nn.Sequential` does.
///
/// Every chain counts its stages from 0 and `>>` nests invisibly; a label replaces the number. Its `Display` is the
/// table that [`Model::summary`](crate::Model::summary) returns.
#[derive(Clone, Debug)]
pub struct Outline {
    stages: Vec<Stage>,
    prefix: String,
    position: usize,
    label: Option<&'static str>,
    at_root: bool,
    /// Whether the next group of branches goes on with those before it.
    joined: bool,
}

impl Outline {
    /// Without stages.
    pub(crate) const fn new() -> Self {
        Self { stages: Vec::new(), prefix: String::new(), position: 0, label: None, at_root: true, joined: false }
    }

    /// The outline of a network.
    pub fn of<I: Shape, L: Layer<I>>(network: &L) -> Self {
        let mut outline = Self::new();
        network.outline(&mut outline);
        outline
    }

    /// The stages.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Every parameter by its full name, in the order of the slab.
    pub fn parameters(&self) -> impl Iterator<Item = (String, &Parameter)> {
        self.named(|stage| &stage.parameters)
    }

    /// Every running statistic by its full name, in the order of its slab.
    pub fn state(&self) -> impl Iterator<Item = (String, &Parameter)> {
        self.named(|stage| &stage.state)
    }

    /// A number that stands for the whole summary: the name, the layer and the output of every stage, and the name and dims of each of its
    /// parameters and running statistics, in order. Networks with the same hash can exchange their weights and then compute the same, but for
    /// the numbers in their layers, such as a dropout rate. (FNV-1a, 64 bits.)
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut hash = Fnv::default();
        for stage in &self.stages {
            for text in [&stage.name, &stage.kind, &stage.output] {
                hash.add(text);
            }
            for Parameter { name, dims, .. } in stage.parameters.iter().chain(&stage.state) {
                hash.add(&format!("{name}{dims:?}"));
            }
        }
        hash.0
    }

    fn named(&self, of: impl Fn(&Stage) -> &[Parameter]) -> impl Iterator<Item = (String, &Parameter)> {
        self.stages.iter().flat_map(move |stage| {
            of(stage).iter().map(move |parameter| (format!("{}.{}", stage.name, parameter.name), parameter))
        })
    }

    /// Adds a layer that is one stage.
    pub fn stage<I: Shape, L: Layer<I>>(&mut self, layer: &L) {
        let is_sequence = I::DIMS.len() == 2;
        self.push(Stage {
            name: String::new(),
            kind: kind(own_name::<L>(), is_sequence),
            window: window(type_name::<L>(), is_sequence),
            output: format!("{:?}", L::Output::default()),
            dims: L::Output::DIMS,
            parameters: layer.parameters(),
            state: layer.state(),
            macs: L::MACS,
        });
    }

    /// Adds a stage that has no name yet.
    fn push(&mut self, stage: Stage) {
        self.suit(&stage.kind);
        let name = self.next_name();
        self.stages.push(Stage { name, ..stage });
    }

    /// Lets the weights before an activation begin as it asks for. They are drawn by He's rule, which is relu's; this is where
    /// another one stands behind them in the same chain, a norm, a pool or a dropout perhaps between.
    fn suit(&mut self, activation: &str) {
        let init = match activation {
            "Tanh" | "Sigmoid" | "Softmax" | "LogSoftmax" => Init::GlorotNormal,
            "Selu" => Init::LeCunNormal,
            _ => return,
        };
        let prefix = &self.prefix;
        let is_in_chain = |stage: &&mut Stage| stage.name.strip_prefix(prefix).is_some_and(|name| !name.contains('.'));
        for stage in self.stages.iter_mut().rev().take_while(is_in_chain) {
            if ["Conv", "Depthwise", "Dense"].iter().any(|kind| stage.kind.starts_with(kind)) {
                stage.parameters.iter_mut().filter(|parameter| parameter.init == Init::HeNormal).for_each(|weight| {
                    weight.init = init;
                });
                return;
            }
            if !["Norm", "Pool", "Dropout", "Flatten"].iter().any(|kind| stage.kind.contains(kind)) {
                return;
            }
        }
    }

    /// Adds a stage that is a chain of its own: what `body` adds is numbered from 0 below this stage's name.
    pub fn group(&mut self, body: impl FnOnce(&mut Self)) {
        let outer = self.open();
        body(self);
        self.close(outer);
    }

    /// Begins a group; gives what [`close`](Self::close) wants back.
    pub(crate) fn open(&mut self) -> Option<(String, usize)> {
        self.joined = false;
        if core::mem::take(&mut self.at_root) {
            return None;
        }
        let prefix = format!("{}.", self.next_name());
        Some((core::mem::replace(&mut self.prefix, prefix), core::mem::replace(&mut self.position, 0)))
    }

    /// Ends a group.
    pub(crate) fn close(&mut self, outer: Option<(String, usize)>) {
        if let Some(outer) = outer {
            (self.prefix, self.position) = outer;
        }
    }

    /// Adds branches: a group of their own, or more of those that were [joined](Self::join) to them.
    pub fn branches(&mut self, body: impl FnOnce(&mut Self)) {
        if core::mem::take(&mut self.joined) {
            return body(self);
        }
        self.group(body);
    }

    /// Lets branches that come next go on with those before them.
    pub fn join(&mut self) {
        self.joined = true;
    }

    /// Names the next stage; it is counted all the same.
    pub fn label(&mut self, label: &'static str) {
        self.label = Some(label);
    }

    fn next_name(&mut self) -> String {
        (self.at_root, self.joined) = (false, false);
        let position = self.position;
        self.position += 1;
        match self.label.take() {
            Some(label) => format!("{}{label}", self.prefix),
            None => format!("{}{position}", self.prefix),
        }
    }
}

/// The type's own name, without its path and parameters.
pub(crate) fn own_name<T>() -> &'static str {
    let name = type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}

/// The layer's own name; what is `Conv2d` for images is called `Conv1d` for sequences.
fn kind(name: &str, is_sequence: bool) -> String {
    match name.strip_suffix("2d") {
        Some(kind) if is_sequence => format!("{kind}1d"),
        _ => name.to_owned(),
    }
}

/// Kernel and stride, as the layer's type says them.
fn window(name: &str, is_sequence: bool) -> String {
    let sizes = |word: &str| {
        let (_, sizes) = name.split_once(word)?;
        let (sizes, _) = sizes.split_once('>')?;
        let (rows, columns) = sizes.split_once(", ")?;
        Some((rows, columns))
    };
    let kernel = match sizes("::Kernel<") {
        Some((size, _)) if is_sequence => size.to_owned(),
        Some((rows, columns)) => format!("{rows}×{columns}"),
        None => String::new(),
    };
    match sizes("::Stride<") {
        None | Some(("1", "1")) => kernel,
        Some((rows, columns)) if rows == columns => format!("{kernel} /{rows}").trim_start().to_owned(),
        Some((rows, columns)) => format!("{kernel} /{rows}×{columns}").trim_start().to_owned(),
    }
}

impl fmt::Display for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["stage", "layer", "output", "parameters", "share", "MACs", "share"].map(str::to_owned);
        let (params, macs) =
            (self.stages.iter().map(Stage::params).sum(), self.stages.iter().map(|stage| stage.macs).sum());
        let total = [
            "total".to_owned(),
            String::new(),
            String::new(),
            grouped(params),
            String::new(),
            grouped(macs),
            String::new(),
        ];
        let rows: Vec<[String; 7]> = self
            .stages
            .iter()
            .map(|stage| {
                [
                    stage.name.clone(),
                    stage.kind.clone(),
                    stage.output.clone(),
                    grouped(stage.params()),
                    share(stage.params(), params),
                    grouped(stage.macs),
                    share(stage.macs, macs),
                ]
            })
            .collect();
        let widths: [usize; 7] = core::array::from_fn(|column| {
            rows.iter().chain([&header, &total]).map(|row| row[column].chars().count()).max().unwrap_or(0)
        });
        let line = |f: &mut fmt::Formatter<'_>, row: &[String; 7]| {
            let cell = |(column, (text, &width)): (usize, (&String, &usize))| {
                if column < 3 { format!("{text:<width$}") } else { format!("{text:>width$}") }
            };
            let cells: Vec<String> = row.iter().zip(&widths).enumerate().map(cell).collect();
            writeln!(f, "{}", cells.join("  ").trim_end())
        };
        line(f, &header)?;
        for row in &rows {
            line(f, row)?;
        }
        line(f, &total)
    }
}

/// The hash of Fowler, Noll and Vo.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    /// Adds a text and its end.
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// The part of the whole in percent; nothing of nothing is not said.
fn share(part: usize, whole: usize) -> String {
    if part == 0 { String::new() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

/// A number with commas between groups of three digits.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;
    use crate::init::Init;
    use crate::prelude::*;

    #[test]
    fn weights_suit_the_activation_behind_them() {
        let net = net!(Image<1, 8, 8> => conv(4, k3) >> batchnorm >> tanh >> conv(4, k3) >> relu >> pool2
            >> residual(conv(4, k1) >> selu >> conv(4, k1)) >> sigmoid >> flatten >> dense(5) >> dropout(0.5) >> selu >> dense(3));
        let model = Model::new(net, 1);
        let summary = model.summary();
        let weights = summary.parameters().filter(|(name, _)| name.ends_with("weight") && !name.starts_with("1."));
        let inits: Vec<_> = weights.map(|(name, parameter)| (name, parameter.init)).collect();
        let expected = [
            ("0.weight", Init::GlorotNormal),
            ("3.weight", Init::HeNormal),
            ("6.0.weight", Init::LeCunNormal),
            ("6.2.weight", Init::HeNormal),
            ("9.weight", Init::LeCunNormal),
            ("12.weight", Init::HeNormal),
        ];
        assert_eq!(inits, expected.map(|(name, init)| (name.to_owned(), init)));
    }

    #[test]
    fn groups_digits_by_three() {
        assert_eq!([0, 999, 1_000, 61_706, 25_003_264].map(grouped), ["0", "999", "1,000", "61,706", "25,003,264"]);
    }
}
