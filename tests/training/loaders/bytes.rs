//! Bytes of files, and what can happen to them.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use proptest::prelude::*;

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Some bytes replaced, then cut off or drawn out.
#[derive(Clone, Debug)]
pub(crate) struct Damage {
    replaced: Vec<(prop::sample::Index, u8)>,
    kept: Option<prop::sample::Index>,
    appended: Vec<u8>,
}

pub(crate) fn damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![Just(0), Just(1), Just(0x7f), Just(0x80), Just(0xff), any::<u8>()];
    let replaced = prop::collection::vec((any::<prop::sample::Index>(), byte), 0..6);
    let parts = (replaced, any::<Option<prop::sample::Index>>(), prop::collection::vec(any::<u8>(), 0..3));
    parts.prop_map(|(replaced, kept, appended)| Damage { replaced, kept, appended })
}

impl Damage {
    pub(crate) fn to(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for (index, byte) in &self.replaced {
            let index = index.index(bytes.len());
            bytes[index] = *byte;
        }
        if let Some(kept) = self.kept {
            bytes.truncate(kept.index(bytes.len()));
        }
        bytes.extend(&self.appended);
        bytes
    }
}
