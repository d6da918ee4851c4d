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
    /// A chain that is run several times over.
    Copies(usize, Vec<Block>),
    /// Branches beside each other; an empty one is a line.
    Fork(Join, Vec<Vec<Block>>),
}

/// The picture of the network called `name` in SVG.
pub(crate) fn diagram<N: Network>(name: &str, network: &N) -> String {
    let outline = Outline::of::<N::Input, N>(network);
    let blocks = blocks(&<N as Layer<N::Input>>::PLAN, &mut outline.stages().iter());
    let caption = format!("{} parameters · {} MACs", grouped(N::PARAMS), grouped(N::MACS));
    Canvas::new(outline.stages()).picture(name, &caption, N::Input::DIMS, &blocks)
}

/// The parts of a plan, of which `stages` are those that come next.
fn blocks<'a>(plan: &Plan, stages: &mut impl Iterator<Item = &'a Stage>) -> Vec<Block> {
    match plan {
        Plan::One(_) => stages.next().cloned().map(Block::Stage).into_iter().collect(),
        Plan::Row(a, b) => {
            let mut row = blocks(a, stages);
            row.append(&mut blocks(b, stages));
            row
        }
        Plan::Inner(body) | Plan::Tagged(body) | Plan::Whole(_, body) => blocks(body, stages),
        Plan::Copies(count, body) => {
            let first = blocks(body, stages);
            (1..*count).for_each(|_| drop(blocks(body, stages)));
            vec![Block::Copies(*count, first)]
        }
        Plan::Branches(Join::Skip, body, shortcut) => {
            let body = blocks(body, stages);
            // the outline has no line for a bare shortcut
            let shortcut = if let Plan::One(_) = shortcut { Vec::new() } else { blocks(shortcut, stages) };
            vec![Block::Fork(Join::Skip, vec![body, shortcut])]
        }
        Plan::Branches(join, a, b) => {
            let mut branches = vec![blocks(a, stages)];
            let mut rest = b;
            while let Plan::Branches(inner, a, b) = rest
                && inner == join
            {
                branches.push(blocks(a, stages));
                rest = b;
            }
            branches.push(blocks(rest, stages));
            vec![Block::Fork(*join, branches)]
        }
    }
}

/// The shape that leaves `blocks`, where one of `dims` arrives.
fn leaving(blocks: &[Block], dims: &[usize]) -> Vec<usize> {
    blocks.iter().fold(dims.to_vec(), |dims, block| match block {
        Block::Stage(stage) => stage.dims.to_vec(),
        Block::Copies(_, body) => leaving(body, &dims),
        Block::Fork(join, branches) => {
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
