//! Shapewright as a peer of the comparison with PyTorch and ONNX Runtime: `../run.sh` starts it and asks.

mod inputs;
mod layers;
mod networks;
mod peak;
mod protocol;

use protocol::{Named, Repetition};

/// Small enough that thousands of timed steps stay finite.
const TIMED_RATE: f64 = 0.0001;
/// Large enough that a wrong gradient shows in the losses, too small for chaos.
const CHECKED_RATE: f64 = 0.001;
/// Losses to compare: each depends on all the updates before it.
const CHECKED_STEPS: usize = 6;

fn main() -> std::io::Result<()> {
    protocol::serve(prepare, check)
}

/// What a case repeats, with its data ready.
fn prepare(case: &str) -> Option<Repetition> {
    let (kind, what) = case.split_once(':')?;
    Some(match kind {
        "peak" => peak::repetition(what.parse().ok()?)?,
        "conv_fwd" | "pool_fwd" => {
            let layer = layers::find(what)?;
            Box::new(move || layer.time_forward())
        }
        "conv_bwd" | "pool_bwd" => {
            let mut layer = layers::find(what)?;
            Box::new(move || layer.time_backward())
        }
        "train" => {
            let mut network = networks::find(what, TIMED_RATE)?;
            Box::new(move || network.time_step())
        }
        "infer" => {
            let network = networks::find(what, TIMED_RATE)?;
            Box::new(move || network.time_inference())
        }
        _ => return None,
    })
}

/// What a case gives, by name, to be compared with what PyTorch gives.
fn check(case: &str) -> Option<Vec<Named>> {
    let (kind, what) = case.split_once(':')?;
    Some(match kind {
        "conv" | "pool" => layers::find(what)?.results(),
        "train" => {
            let mut network = networks::find(what, CHECKED_RATE)?;
            vec![("loss", (0..CHECKED_STEPS).map(|_| network.step()).collect())]
        }
        "infer" => vec![("logits", networks::find(what, CHECKED_RATE)?.logits())],
        _ => return None,
    })
}
