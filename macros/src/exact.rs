//! `#[exact]`: every window of a network has to be exact.

use syn::{Attribute, Meta};

use crate::ast::{Chain, Layer};
use crate::catalogue::ConvKind;
use crate::error::Mistakes;

/// Makes every window of `chain` exact, if an attribute says so.
pub(crate) fn hold(chain: &mut Chain, attributes: &[Attribute], mistakes: &mut Mistakes) {
    for attribute in attributes {
        if !matches!(attribute.meta, Meta::Path(_)) {
            mistakes.add(attribute, "`exact` takes no arguments here; write #[exact]");
        }
    }
    if !attributes.is_empty() {
        every_window(chain);
    }
}

fn every_window(chain: &mut Chain) {
    for stage in &mut chain.stages {
        match &mut stage.layer {
            Layer::Conv(conv) => conv.window.exact = conv.kind != ConvKind::Transposed,
            Layer::Depthwise(depthwise) => depthwise.window.exact = true,
            Layer::Pool(pool) => pool.window.exact = true,
            Layer::Repeat(repeat) => every_window(&mut repeat.body),
            Layer::Joint(joint) => joint.branches.iter_mut().for_each(every_window),
            Layer::Group(chain) => every_window(chain),
            _ => {}
        }
    }
}
