//! What is known of a network that `net!` declares, by its name alone.

use core::marker::PhantomData;

use crate::diagram::diagram;
use crate::figures::Figures;
use crate::network::Network;
use crate::outline::Outline;

/// What is known of a network `N`.
#[derive(Debug)]
pub struct Facts<N>(PhantomData<N>);

impl<N: Network> Facts<N> {
    /// What it costs.
    pub const FIGURES: Figures = Figures::of::<N>();

    /// Its stages.
    #[must_use]
    pub fn summary(network: &N) -> Outline {
        Outline::of::<N::Input, N>(network)
    }

    /// A picture of it.
    #[must_use]
    pub fn diagram(network: &N, name: &str) -> String {
        diagram(name, network)
    }
}
