//! A peer as a whole process.

use crate::cases::{Peer, TIMED_RATE, check, prepare};
use crate::protocol::serve;

/// Threads that the driver allows.
pub fn threads() -> usize {
    std::env::var("PEER_THREADS").ok().and_then(|threads| threads.parse().ok()).unwrap_or(1)
}

/// What a peer's program does:
///
/// - without arguments it answers the driver's requests;
/// - `answer NETWORK` prints the logits of one sample: what a process takes from its start to its first answer;
/// - `steps NETWORK SAMPLES COUNT` trains and prints the largest resident memory there was, in KiB.
pub fn run(peer: &impl Peer) -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => serve(|case| prepare(peer, case), |case| check(peer, case))?,
        ["answer", network] => {
            println!("{:?}", peer.network(network, 1, TIMED_RATE).expect("a network of this name").logits());
        }
        ["steps", network, samples, count] => {
            let (samples, count) = (samples.parse().expect("a number"), count.parse().expect("a number"));
            let mut network = peer.network(network, samples, TIMED_RATE).expect("a network of this name");
            (0..count).for_each(|_| assert!(network.step().is_some(), "it trains"));
            println!("{}", peak_memory()?);
        }
        ref others => panic!("unknown arguments {others:?}"),
    }
    Ok(())
}

/// The largest resident memory of this process so far, in KiB. Unlike what `wait4` tells, it leaves out the parent's.
fn peak_memory() -> std::io::Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells VmHWM");
    Ok(line.trim().trim_end_matches(" kB").parse().expect("a number of KiB"))
}
