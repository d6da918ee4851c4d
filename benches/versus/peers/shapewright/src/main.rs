//! Shapewright as a peer.

mod layers;
mod networks;

use common::cases::{Peer, Single, Subject};

struct Shapewright;

impl Peer for Shapewright {
    fn layer(&self, size: &str) -> Option<Box<dyn Single>> {
        layers::find(size)
    }

    fn network(&self, name: &str, samples: usize, learning_rate: f64) -> Option<Box<dyn Subject>> {
        networks::find(name, samples, learning_rate)
    }
}

fn main() -> std::io::Result<()> {
    common::process::run(&Shapewright)
}
