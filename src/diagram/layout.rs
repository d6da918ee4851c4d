//! How much room the parts of a picture take.

use super::Block;
use super::canvas::{Canvas, note_width};
use crate::plan::Join;

/// Between two stages, where the shape stands.
pub(super) const JOINT: f64 = 24.0;
/// Between two stages of one shape.
const CLOSE: f64 = 8.0;
/// Between a line and what stands beside it.
pub(super) const NOTE: f64 = 7.0;
/// The height of a stage.
pub(super) const STAGE: f64 = 26.0;
/// Between branches.
pub(super) const GAP: f64 = 22.0;
/// Around a chain that is repeated.
pub(super) const FRAME: f64 = 12.0;
/// The radius of the circle in which branches meet.
pub(super) const MEETING: f64 = 9.0;
/// Left and right of a branch without stages.
const LINE: f64 = 10.0;

/// The room of a part: to the left and to the right of its axis, and from top to bottom.
#[derive(Clone, Copy, Default)]
pub(super) struct Room {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) height: f64,
}

impl Room {
    pub(super) fn width(&self) -> f64 {
        self.left + self.right
    }
}

/// The room of blocks one below the other, with a joint between any two.
pub(super) fn row(canvas: &Canvas, blocks: &[Block]) -> Room {
    let mut room = Room { left: LINE, right: LINE, height: 0.0 };
    let mut before = None;
    for block in blocks {
        let Room { left, right, height } = self::block(canvas, block);
        room = Room {
            left: room.left.max(left),
            right: room.right.max(right),
            height: room.height + joint(before, block) + height,
        };
        before = Some(block);
    }
    room
}

/// Between a block and the one before it: activations and the like stand close to what they follow.
pub(super) fn joint(before: Option<&Block>, block: &Block) -> f64 {
    match (before, block) {
        (None, _) => 0.0,
        (Some(Block::Stage(before)), Block::Stage(stage)) if before.dims == stage.dims && stage.macs == 0 => CLOSE,
        _ => JOINT,
    }
}

/// Between the branches of a fork and their meeting.
pub(super) fn gathering(join: Join) -> f64 {
    // the shapes of what is put behind each other stand here
    if join == Join::Stacked { 1.6 * JOINT } else { JOINT }
}

pub(super) fn block(canvas: &Canvas, block: &Block) -> Room {
    match block {
        Block::Stage(stage) => {
            let half = canvas.width(stage) / 2.0;
            Room { left: half, right: half, height: STAGE }
        }
        Block::Frame(_, body) => {
            let Room { left, right, height } = row(canvas, body);
            Room { left: left + FRAME, right: right + FRAME, height: height + 2.0 * (FRAME + JOINT / 2.0) }
        }
        Block::Fork(join, label, branches) => {
            let rooms: Vec<Room> = branches.iter().map(|branch| row(canvas, branch)).collect();
            let axes = axes(&rooms);
            let width = axes.last().copied().unwrap_or(0.0) + rooms.last().map_or(0.0, |room| room.right);
            let tallest = rooms.iter().map(|room| room.height).fold(0.0, f64::max);
            let left = trunk(*join, &axes);
            Room {
                left: left.max(note_width(label) + NOTE),
                right: width - left,
                height: tallest + JOINT + gathering(*join) + 2.0 * MEETING,
            }
        }
    }
}

/// The axes of branches beside each other, from the left end of all.
pub(super) fn axes(rooms: &[Room]) -> Vec<f64> {
    let mut start = 0.0;
    rooms
        .iter()
        .map(|room| {
            let axis = start + room.left;
            start += room.width() + GAP;
            axis
        })
        .collect()
}

/// The axis of a fork: that of its body, or the middle of its branches.
pub(super) fn trunk(join: Join, axes: &[f64]) -> f64 {
    match (join, axes) {
        (Join::Skip, [body, ..]) => *body,
        (_, axes) if axes.len() % 2 == 1 => axes[axes.len() / 2],
        (_, [first, .., last]) => f64::midpoint(*first, *last),
        _ => 0.0,
    }
}
