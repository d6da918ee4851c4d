//! Networks as pictures: SVG of the stages, their joints and branches, in light and in dark.

mod canvas;
mod layout;

use crate::layer::Layer;
use crate::network::Network;
use crate::outline::{Outline, Stage, grouped};
use crate::plan::{Join, Plan};
use crate::shape::Shape;

use canvas::Canvas;

/// A part of a picture, from top to bottom.
enum Block {
    Stage(Stage),
    /// A chain with a frame around it, and what stands at the frame: its label, and how many times over it is run.
    Frame(String, Vec<Block>),
    /// Branches beside each other under a label, or under none; an empty one is a line.
    Fork(Join, &'static str, Vec<Vec<Block>>),
}

/// The picture of the network called `name` in SVG.
pub(crate) fn diagram<N: Network>(name: &str, network: &N) -> String {
    let outline = Outline::of::<N::Input, N>(network);
    let mut reader = Reader { stages: outline.stages().iter(), labels: &[], label: "" };
    let blocks = reader.row(&<N as Layer<N::Input>>::PLAN);
    let caption = format!("{} parameters · {} MACs", grouped(N::PARAMS), grouped(N::MACS));
    Canvas::new(outline.stages()).picture(name, &caption, N::Input::DIMS, &blocks)
}

/// Makes blocks of a plan and the stages of its outline.
struct Reader<'a> {
    /// Those that come next.
    stages: core::slice::Iter<'a, Stage>,
    /// Labels of this network that are still to come.
    labels: &'static [&'static str],
    /// That of the group that comes next, or nothing.
    label: &'static str,
}

impl Reader<'_> {
    /// The blocks of a part of the plan, one below the other.
    fn row(&mut self, plan: &Plan) -> Vec<Block> {
        match plan {
            Plan::One(_) => {
                self.label = ""; // the stage itself shows it
                self.stages.next().cloned().map(Block::Stage).into_iter().collect()
            }
            Plan::Row(a, b) => {
                let mut row = self.row(a);
                row.append(&mut self.row(b));
                row
            }
            Plan::Inner(body) => match core::mem::take(&mut self.label) {
                "" => self.row(body),
                label => vec![Block::Frame(label.to_owned(), self.row(body))],
            },
            Plan::Tagged(body) => {
                if let Some((label, others)) = self.labels.split_first() {
                    (self.label, self.labels) = (label, others);
                }
                self.row(body)
            }
            Plan::Whole(labels, body) => {
                let outer = core::mem::replace(&mut self.labels, labels);
                let row = self.row(body);
                self.labels = outer;
                row
            }
            Plan::Copies(count, body) => {
                let caption = format!("{} × {count}", core::mem::take(&mut self.label));
                let labels = self.labels;
                let first = self.row(body);
                for _ in 1..*count {
                    self.labels = labels;
                    self.row(body);
                }
                vec![Block::Frame(caption.trim_start().to_owned(), first)]
            }
            Plan::Branches(Join::Skip, body, shortcut) => {
                let label = core::mem::take(&mut self.label);
                let body = self.row(body);
                // the outline has no line for a bare shortcut
                let shortcut = if let Plan::One(_) = shortcut { Vec::new() } else { self.row(shortcut) };
                vec![Block::Fork(Join::Skip, label, vec![body, shortcut])]
            }
            Plan::Branches(join, a, b) => {
                let label = core::mem::take(&mut self.label);
                let mut branches = vec![self.row(a)];
                let mut rest = b;
                while let Plan::Branches(inner, a, b) = rest
                    && inner == join
                {
                    branches.push(self.row(a));
                    rest = b;
                }
                branches.push(self.row(rest));
                vec![Block::Fork(*join, label, branches)]
            }
        }
    }
}

/// The shape that leaves `blocks`, where one of `dims` arrives.
fn leaving(blocks: &[Block], dims: &[usize]) -> Vec<usize> {
    blocks.iter().fold(dims.to_vec(), |dims, block| match block {
        Block::Stage(stage) => stage.dims.to_vec(),
        Block::Frame(_, body) => leaving(body, &dims),
        Block::Fork(join, _, branches) => {
            let mut given = branches.iter().map(|branch| leaving(branch, &dims));
            let first = given.next().unwrap_or_default();
            match join {
                Join::Skip | Join::Added => first,
                Join::Stacked => given.fold(first, |mut all, branch| {
                    all[0] += branch[0];
                    all
                }),
            }
        }
    })
}
