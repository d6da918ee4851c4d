//! What is known of a network that `net!` declares, by its name alone.

use core::marker::PhantomData;

use crate::diagram::diagram;
use crate::figures::Figures;
use crate::network::Network;
use crate::outline::Outline;

/// What is known of `N`, if it is a network. Where a mistake keeps it from being one, that is reported at the joint alone: what
/// stands here is then found in [`OrNone`], which has to be in scope.
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

/// What is known of what is no network: nothing.
pub trait OrNone<N> {
    /// No figures.
    const FIGURES: Figures = Figures::NONE;

    /// No stages.
    #[must_use]
    fn summary(_network: &N) -> Outline {
        Outline::new()
    }

    /// No picture.
    #[must_use]
    fn diagram(_network: &N, _name: &str) -> String {
        String::new()
    }
}

impl<N> OrNone<N> for Facts<N> {}
