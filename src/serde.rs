//! Tensors, batches and labels as data: a tensor and labels are flat lists, a batch is `{ samples, values }`. What comes
//! in is checked as by their constructors.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use crate::batch::Batch;
use crate::element::Element;
use crate::labels::Labels;
use crate::shape::Shape;
use crate::tensor::Tensor;

impl<S: Shape, E: Element + Serialize> Serialize for Tensor<S, E> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        self.as_slice().serialize(serializer)
    }
}

impl<'de, S: Shape, E: Element + Deserialize<'de>> Deserialize<'de> for Tensor<S, E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_slice(&Vec::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Batch", deny_unknown_fields)]
struct Parts<V> {
    samples: usize,
    values: V,
}

impl<S: Shape, E: Element + Serialize> Serialize for Batch<S, E> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        Parts { samples: self.len(), values: self.as_slice() }.serialize(serializer)
    }
}

impl<'de, S: Shape, E: Element + Deserialize<'de>> Deserialize<'de> for Batch<S, E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Parts { samples, values } = Parts::<Vec<E>>::deserialize(deserializer)?;
        Self::from_vec(samples, values).map_err(D::Error::custom)
    }
}

impl<const CLASSES: usize> Serialize for Labels<CLASSES> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        self.as_slice().serialize(serializer)
    }
}

impl<'de, const CLASSES: usize> Deserialize<'de> for Labels<CLASSES> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&Vec::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
