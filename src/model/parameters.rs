//! What a model holds, by name and all together.

use super::Model;
use crate::element::Element;
use crate::error::Error;
use crate::network::Network;
use crate::outline::Outline;
use crate::param::{Param, ParamMut};

impl<N, E: Element> Model<N, E> {
    /// The parameter of this name: the stage's position or label, then `weight` or `bias`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`] with the names that there are.
    pub fn param(&self, name: &str) -> Result<Param<'_, E>, Error> {
        self.index.param(name, &self.parameters)
    }

    /// The parameter of this name, to change.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`] with the names that there are.
    pub fn param_mut(&mut self, name: &str) -> Result<ParamMut<'_, E>, Error> {
        self.workspace.prepared.outdate();
        self.index.param_mut(name, self.parameters.to_mut())
    }

    /// All parameters, in the order of the slab.
    pub fn params(&self) -> impl Iterator<Item = Param<'_, E>> {
        self.index.params(&self.parameters)
    }

    /// The running statistic of this name: the stage's position or label, then `running_mean` or `running_var`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`] with the names that there are.
    pub fn statistic(&self, name: &str) -> Result<Param<'_, E>, Error> {
        self.state_index.param(name, &self.state)
    }

    /// The running statistic of this name, to change.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`] with the names that there are.
    pub fn statistic_mut(&mut self, name: &str) -> Result<ParamMut<'_, E>, Error> {
        self.workspace.prepared.outdate();
        self.state_index.param_mut(name, &mut self.state)
    }

    /// All running statistics, in the order of their slab.
    pub fn statistics(&self) -> impl Iterator<Item = Param<'_, E>> {
        self.state_index.params(&self.state)
    }

    /// All values of all running statistics, to change.
    #[cfg(any(feature = "safetensors", feature = "data"))]
    pub(crate) fn state_mut(&mut self) -> &mut [E] {
        self.workspace.prepared.outdate();
        &mut self.state
    }

    /// All values of all parameters.
    #[must_use]
    pub fn parameters(&self) -> &[E] {
        &self.parameters
    }

    /// All values of all parameters, to change.
    pub fn parameters_mut(&mut self) -> &mut [E] {
        self.workspace.prepared.outdate();
        self.parameters.to_mut()
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &N {
        &self.network
    }

    /// The network's stages as a table: stage, layer, output shape, parameters, multiply-accumulates.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    ///
    /// let model = Model::new(net!(Image<1, 6, 6> => conv(1=>2, k3) >> relu >> flatten >> dense(10)), 0);
    /// assert_eq!(model.summary().to_string(), "\
    /// stage  layer    output                parameters   share  MACs   share
    /// 0      Conv2d   Image<2, 4, 4>                20   5.7 %   288  47.4 %
    /// 1      Relu     Image<2, 4, 4>                 0             0
    /// 2      Flatten  Flat<Image<2, 4, 4>>           0             0
    /// 3      Dense    Vector<10>                   330  94.3 %   320  52.6 %
    /// total                                        350           608
    /// ");
    /// ```
    #[must_use]
    pub fn summary(&self) -> Outline
    where
        N: Network,
    {
        Outline::of::<N::Input, N>(&self.network)
    }
}
