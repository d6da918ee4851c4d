//! Draws the parts of a picture.

use std::fmt::Write;

use super::layout::{self, FRAME, JOINT, MEETING, NOTE, Room, STAGE};
use super::{Block, leaving};
use crate::outline::{Stage, grouped};
use crate::plan::Join;

/// Around the picture.
const MARGIN: f64 = 18.0;
/// The heading, above the picture.
const HEADING: f64 = 44.0;
/// Widths of letters: of a stage, and of a shape.
const LETTER: f64 = 7.0;
const SMALL_LETTER: f64 = 6.2;
/// How much wider the stage with the most activations is than one with hardly any.
const ACTIVATIONS: f64 = 130.0;

/// Colours in light and in dark: of lines, of letters, and of families of layers.
const STYLE: &str = "\
.card{fill:#fff;stroke:#d8dee6}.line{fill:none;stroke:#8b97a6;stroke-width:1.5}.frame{fill:none;stroke:#8b97a6;stroke-dasharray:4 4}\
.name{font-weight:600;fill:#1f2933}.kind{fill:#1f2933}.note{fill:#667382;font-size:11px}.meeting{fill:#fff;stroke:#667382;stroke-width:1.5}\
.conv{fill:#d7e6fb;stroke:#6f9fdc}.pool{fill:#d3efe9;stroke:#58b09c}.dense{fill:#fde3cc;stroke:#e0975a}\
.norm{fill:#e6dffa;stroke:#9d86db}.act{fill:#fbf1c9;stroke:#d3b54a}.drop{fill:#fadde4;stroke:#d98398}.other{fill:#e8ecf1;stroke:#9aa6b4}\
@media (prefers-color-scheme:dark){\
.card{fill:#151b23;stroke:#303a46}.line{stroke:#76828f}.frame{stroke:#76828f}\
.name{fill:#e6ebf1}.kind{fill:#e6ebf1}.note{fill:#9aa7b5}.meeting{fill:#151b23;stroke:#9aa7b5}\
.conv{fill:#1d3a5f;stroke:#5b8fd0}.pool{fill:#174a42;stroke:#4aa592}.dense{fill:#5a3717;stroke:#d18a4e}\
.norm{fill:#3a2f63;stroke:#9480d6}.act{fill:#4d4318;stroke:#c2a641}.drop{fill:#57283a;stroke:#cb7890}.other{fill:#2c343e;stroke:#76828f}}";

/// What is drawn so far, and what stages are measured by.
pub(super) struct Canvas {
    svg: String,
    /// The letters of the longest stage, in pixels.
    letters: f64,
    /// The most values that a stage gives.
    most: f64,
}

impl Canvas {
    pub(super) fn new(stages: &[Stage]) -> Self {
        let letters = stages.iter().map(|stage| texts(stage).iter().map(|text| width(text, LETTER)).sum::<f64>());
        let most = stages.iter().map(values).fold(1.0, f64::max);
        Self { svg: String::new(), letters: letters.fold(60.0, f64::max) + 40.0, most }
    }

    /// How wide a stage is: by the root of how many values it gives.
    pub(super) fn width(&self, stage: &Stage) -> f64 {
        (self.letters + ACTIVATIONS * (values(stage) / self.most).sqrt()).round()
    }

    /// The whole picture.
    pub(super) fn picture(mut self, name: &str, caption: &str, input: &[usize], blocks: &[Block]) -> String {
        let room = layout::row(&self, blocks);
        let heading = f64::midpoint(width(name, 9.0).max(width(caption, SMALL_LETTER)), 0.0);
        let (left, right) = (room.left.max(heading) + MARGIN, room.right.max(heading) + MARGIN);
        let (across, down) = (left + right, room.height + HEADING + 2.0 * JOINT + 2.0 * MARGIN + 24.0);
        let _ = write!(
            self.svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {across} {down}\" width=\"{across}\" height=\"{down}\" role=\"img\" aria-label=\"{name}\" \
             font-family=\"ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif\" font-size=\"12\">\n<style>{STYLE}</style>\n\
             <rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n",
            across - 1.0,
            down - 1.0
        );
        let middle = across / 2.0;
        let _ = writeln!(
            self.svg,
            "<text class=\"name\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\" font-size=\"15\">{}</text>",
            MARGIN + 12.0,
            escaped(name)
        );
        self.text("note", middle, MARGIN + 30.0, "middle", caption);
        let top = MARGIN + HEADING + 12.0;
        self.text("note", left, top - 4.0, "middle", &shape(input));
        self.line(left, top, top + JOINT);
        self.row(blocks, input, left, top + JOINT);
        let bottom = top + JOINT + room.height;
        self.line(left, bottom, bottom + JOINT);
        self.text("note", left, bottom + JOINT + 13.0, "middle", &shape(&leaving(blocks, input)));
        self.svg.push_str("</svg>\n");
        self.svg
    }

    /// Blocks one below the other, from `top` on, with the shape at each joint where it changes.
    fn row(&mut self, blocks: &[Block], dims: &[usize], axis: f64, mut top: f64) {
        let mut dims = dims.to_vec();
        // whether the shape has changed since it was written
        let (mut before, mut changed) = (None, false);
        for block in blocks {
            let joint = layout::joint(before, block);
            if changed && joint >= JOINT {
                self.text("note", axis + NOTE, top + JOINT / 2.0 + 4.0, "start", &shape(&dims));
                changed = false;
            }
            self.line(axis, top, top + joint);
            top += joint;
            let given = leaving(std::slice::from_ref(block), &dims);
            self.block(block, &dims, axis, top);
            top += layout::block(self, block).height;
            changed |= given != dims;
            dims = given;
            before = Some(block);
        }
    }

    fn block(&mut self, block: &Block, dims: &[usize], axis: f64, top: f64) {
        match block {
            Block::Stage(stage) => self.stage(stage, axis, top),
            Block::Frame(caption, body) => self.frame(caption, body, dims, axis, top),
            Block::Fork(join, label, branches) => self.fork(*join, label, branches, dims, axis, top),
        }
    }

    fn stage(&mut self, stage: &Stage, axis: f64, top: f64) {
        let (width, base) = (self.width(stage), top + STAGE / 2.0 + 4.0);
        let left = axis - width / 2.0;
        let family = family(&stage.kind);
        let _ = writeln!(
            self.svg,
            "<rect class=\"{family}\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{STAGE}\" rx=\"6\"/>"
        );
        let [name, kind, params] = texts(stage);
        self.text("note", left + 9.0, base, "start", &name);
        self.text("kind", axis, base, "middle", &kind);
        self.text("note", left + width - 9.0, base, "end", &params);
    }

    fn frame(&mut self, caption: &str, body: &[Block], dims: &[usize], axis: f64, top: f64) {
        let Room { left, right, height } = layout::row(self, body);
        let (frame, inset) = (top + JOINT / 2.0, FRAME + JOINT / 2.0);
        let _ = writeln!(
            self.svg,
            "<rect class=\"frame\" x=\"{}\" y=\"{frame}\" width=\"{}\" height=\"{}\" rx=\"8\"/>",
            axis - left - FRAME,
            left + right + 2.0 * FRAME,
            height + 2.0 * FRAME
        );
        self.text("note", axis + right + FRAME - 4.0, top + JOINT / 2.0 - 4.0, "end", caption);
        self.line(axis, top, top + inset);
        self.row(body, dims, axis, top + inset);
        self.line(axis, top + inset + height, top + height + 2.0 * inset);
    }

    fn fork(&mut self, join: Join, label: &str, branches: &[Vec<Block>], dims: &[usize], axis: f64, top: f64) {
        self.text("note", axis - NOTE, top + JOINT / 2.0 - 4.0, "end", label);
        let rooms: Vec<Room> = branches.iter().map(|branch| layout::row(self, branch)).collect();
        let axes = layout::axes(&rooms);
        let left = axis - layout::trunk(join, &axes);
        let tallest = rooms.iter().map(|room| room.height).fold(0.0, f64::max);
        let (start, meeting) = (top + JOINT, top + JOINT + tallest + layout::gathering(join) + MEETING);
        for ((branch, room), offset) in branches.iter().zip(&rooms).zip(axes) {
            let x = left + offset;
            self.elbow(axis, top, x, start, JOINT / 2.0);
            self.row(branch, dims, x, start);
            self.elbow(
                x,
                start + room.height,
                axis,
                meeting,
                tallest - room.height + layout::gathering(join) - JOINT / 2.0,
            );
            let given = leaving(branch, dims);
            if join == Join::Stacked {
                self.text("note", x + NOTE, start + room.height + 15.0, "start", &shape(&given));
            }
        }
        let _ = writeln!(self.svg, "<circle class=\"meeting\" cx=\"{axis}\" cy=\"{meeting}\" r=\"{MEETING}\"/>");
        let sign = match join {
            Join::Skip | Join::Added => format!("M{} {meeting}h8M{axis} {}v8", axis - 4.0, meeting - 4.0),
            Join::Stacked => format!("M{} {}v8M{} {}v8", axis - 2.5, meeting - 4.0, axis + 2.5, meeting - 4.0),
        };
        let _ = writeln!(self.svg, "<path class=\"line\" d=\"{sign}\"/>");
    }

    fn line(&mut self, x: f64, from: f64, to: f64) {
        let _ = writeln!(self.svg, "<path class=\"line\" d=\"M{x} {from}V{to}\"/>");
    }

    /// A line down, across after `down`, and down again, with round corners.
    fn elbow(&mut self, x: f64, from: f64, to_x: f64, to: f64, down: f64) {
        if (x - to_x).abs() < 0.5 {
            return self.line(x, from, to);
        }
        let (bend, side) = (from + down, if to_x > x { 1.0 } else { -1.0 });
        let radius = 6.0_f64.min(down).min(to - bend);
        let _ = writeln!(
            self.svg,
            "<path class=\"line\" d=\"M{x} {from}V{}Q{x} {bend} {} {bend}H{}Q{to_x} {bend} {to_x} {}V{to}\"/>",
            bend - radius,
            x + side * radius,
            to_x - side * radius,
            bend + radius
        );
    }

    fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, text: &str) {
        if !text.is_empty() {
            let text = escaped(text);
            let _ = writeln!(
                self.svg,
                "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
            );
        }
    }
}

/// What stands in a stage: its own name, its kind, and how many parameters it has.
fn texts(stage: &Stage) -> [String; 3] {
    let name = stage.name.rsplit('.').next().unwrap_or_default().to_owned();
    let kind = format!("{} {}", stage.kind, stage.window).trim_end().to_owned();
    let params = stage.params();
    [name, kind, if params == 0 { String::new() } else { grouped(params) }]
}

fn values(stage: &Stage) -> f64 {
    stage.dims.iter().product::<usize>() as f64
}

/// `6 × 28 × 28`
fn shape(dims: &[usize]) -> String {
    dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ")
}

/// How wide a note is.
pub(super) fn note_width(text: &str) -> f64 {
    width(text, SMALL_LETTER)
}

fn width(text: &str, letter: f64) -> f64 {
    letter * text.chars().count() as f64
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The class of a layer's colours.
fn family(kind: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if has(&["Conv"]) {
        "conv"
    } else if has(&["Pool", "Subsample", "Upsample"]) {
        "pool"
    } else if has(&["Dense"]) {
        "dense"
    } else if has(&["Norm", "Lrn"]) {
        "norm"
    } else if has(&["Drop"]) {
        "drop"
    } else if has(&["Flatten", "Identity", "ZeroPad"]) {
        "other"
    } else if has(&["lu", "LU", "Mish", "Swish", "Soft", "oftmax", "igmoid", "Tanh"]) {
        "act"
    } else {
        "other"
    }
}
