//! What a network may cost: `#[budget(params <= 62_000)]`.

use crate::figures::{Figures, bytes};
use crate::plan::Figure;
use crate::text::Text;

/// Holds a network to the limits of its budget: each is a constant that does not compile where it is exceeded. `net!`
/// writes them.
#[derive(Clone, Copy, Debug)]
pub struct Budget<'a> {
    network: &'a str,
    figures: &'a Figures,
    /// The stages that `net!` sees, each with its layer's word.
    stages: &'a [(&'a str, &'a str)],
}

/// What is said of a figure that is over its limit.
#[derive(Clone, Copy)]
struct Excess {
    /// What stands around the network's name.
    subject: [&'static str; 2],
    got: usize,
    noun: &'static str,
    most: usize,
    /// What makes a stage heavy, and how much one of it is.
    weighed: Option<(Figure, usize)>,
}

impl<'a> Budget<'a> {
    /// The budget of the network of that name, with the words of its stages.
    #[must_use]
    pub const fn of(network: &'a str, figures: &'a Figures, stages: &'a [(&'a str, &'a str)]) -> Self {
        Self { network, figures, stages }
    }

    /// The word of the layer at a stage, if it is known.
    const fn word(&self, stage: &str) -> Option<&'a str> {
        let mut rest = self.stages;
        while let [(name, word), others @ ..] = rest {
            if same(name, stage) {
                return Some(word);
            }
            rest = others;
        }
        None
    }

    /// At most as many trainable parameters.
    #[track_caller]
    pub const fn params(self, most: usize) {
        let (got, weighed) = (self.figures.params, Some((Figure::Params, 1)));
        self.hold(Excess { subject: ["", " has "], got, noun: " parameters", most, weighed });
    }

    /// At most as many running statistics.
    #[track_caller]
    pub const fn state(self, most: usize) {
        let (got, weighed) = (self.figures.state, Some((Figure::State, 1)));
        self.hold(Excess { subject: ["", " has "], got, noun: " running statistics", most, weighed });
    }

    /// At most as many multiply-accumulates a sample.
    #[track_caller]
    pub const fn macs(self, most: usize) {
        let (got, weighed) = (self.figures.macs, Some((Figure::Macs, 1)));
        self.hold(Excess { subject: ["", " takes "], got, noun: " multiply-accumulates a sample", most, weighed });
    }

    /// At most as many floating-point operations a sample.
    #[track_caller]
    pub const fn flops(self, most: usize) {
        let (got, weighed) = (self.figures.flops, Some((Figure::Macs, 2)));
        self.hold(Excess { subject: ["", " takes "], got, noun: " floating-point operations a sample", most, weighed });
    }

    /// At most as many stages with weights on the longest path.
    #[track_caller]
    pub const fn depth(self, most: usize) {
        let got = self.figures.depth;
        self.hold(Excess {
            subject: ["", " has "],
            got,
            noun: " stages with weights on its longest path",
            most,
            weighed: None,
        });
    }

    /// At most as many bytes for the inference of one sample.
    #[track_caller]
    pub const fn inference_bytes(self, most: usize) {
        let (got, weighed) = (self.figures.inference_bytes, Some((Figure::Room, bytes(1))));
        self.hold(Excess { subject: ["inference of ", " takes "], got, noun: " bytes", most, weighed });
    }

    /// At most as many bytes of parameters and running statistics.
    #[track_caller]
    pub const fn weights_bytes(self, most: usize) {
        let (got, weighed) = (self.figures.weights_bytes, Some((Figure::Weights, bytes(1))));
        self.hold(Excess { subject: ["the weights of ", " take "], got, noun: " bytes", most, weighed });
    }

    #[track_caller]
    const fn hold(self, excess: Excess) {
        assert!(excess.got <= excess.most, "{}", excess.message(self).as_str());
    }
}

impl Excess {
    const fn message(&self, budget: Budget) -> Text {
        let mut text = Text::new();
        text.push(self.subject[0]);
        text.push(budget.network);
        text.push(self.subject[1]);
        text.push_grouped(self.got);
        text.push(self.noun);
        text.push(", ");
        text.push_grouped(self.got - self.most);
        text.push(" more than its budget of ");
        text.push_grouped(self.most);
        if let Some((figure, factor)) = self.weighed {
            let heaviest = budget.figures.plan.heaviest(figure);
            text.push("; the heaviest stage is `");
            text.push(heaviest.name.as_str());
            text.push("`");
            if let Some(word) = budget.word(heaviest.name.as_str()) {
                text.push(" (");
                text.push(word);
                text.push(")");
            }
            text.push(" with ");
            text.push_grouped(factor * heaviest.value);
        }
        text
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut index = 0;
    while index < a.len() && index < b.len() && a[index] == b[index] {
        index += 1;
    }
    index == a.len() && index == b.len()
}
