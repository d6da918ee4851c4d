//! Parameters in NumPy's format for several arrays: `.npz`, a zip archive of `.npy` files.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use flate2::Crc;

use super::tensors::{Held, Loaded};
use crate::data::npy::Array;
use crate::data::npz::Npz;
use crate::element::Element;
use crate::error::Error;
use crate::model::Model;
use crate::network::Network;

impl<N, E: Element> Model<N, E> {
    /// Writes all parameters and running statistics to a `.npz` file, by their names and in PyTorch's layout, as `<f4` or `<f8` after `E`:
    /// `np.load(path)["fc1.weight"]`. As after `np.savez`, nothing is packed.
    ///
    /// The file is complete or it is not there: the values go to a temporary file beside it, which takes its place once it is safely
    /// on disk.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path, also for a file of 4 GiB and more; [`Error::NonFinite`] if a parameter is infinite or not a number. The
    /// file is then as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// use shapewright::prelude::*;
    ///
    /// net! { pub Tiny: Image<1, 8, 8> => Vector<3> = conv(1=>4, k3) >> relu >> flatten >> out: dense(3) }
    ///
    /// # let path = std::env::temp_dir().join(format!("shapewright-{}.npz", std::process::id()));
    /// let trained = Model::new(Tiny, 1);
    /// trained.save_npz(&path)?; // np.load(path)["out.weight"].shape == (3, 144)
    ///
    /// let mut fresh = Model::new(Tiny, 2);
    /// fresh.load_npz(&path)?;
    /// assert_eq!(fresh.parameters(), trained.parameters());
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), shapewright::Error>(())
    /// ```
    pub fn save_npz(&self, path: impl AsRef<Path>) -> Result<(), Error>
    where
        N: Network,
    {
        let path = path.as_ref();
        let mut archive = Archive::default();
        for (name, dims, bytes) in self.encoded()? {
            archive.add(&format!("{name}.npy"), &[&npy_header(dims, size_of::<E>()), &*bytes].concat());
        }
        let bytes = archive.finish().ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge));
        super::write(path, &bytes.map_err(|source| Error::Io { path: path.to_owned(), source })?)
    }

    /// Reads all parameters and running statistics from a `.npz` file with exactly this network's names and dims, packed
    /// (`np.savez_compressed`) or not (`np.savez`). `<f8`, `<f4` and `<f2` are converted to `E`. The `num_batches_tracked` of PyTorch's batch norms are
    /// passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path, or [`Error::File`] with the path and [`Error::Malformed`] or [`Error::Mismatch`] with the place if it is no such
    /// archive, [`Error::Weights`] with every name that is missing, unexpected, or of other dims or another type,
    /// [`Error::NonFinite`] for the first value that is not a finite `E`; the model is then as it was.
    pub fn load_npz(&mut self, path: impl AsRef<Path>) -> Result<Loaded, Error>
    where
        N: Network,
    {
        let path = path.as_ref();
        let npz = Npz::open(path)?;
        let files = npz.files()?;
        let arrays = files.iter().map(|(name, bytes)| Ok((name, npz.inside(name, Array::parse(bytes))?)));
        let arrays = arrays.collect::<Result<Vec<_>, Error>>()?;
        let held = arrays.iter().map(|&(name, Array { ref dims, number, ref values, .. })| {
            let number = number.float().ok_or_else(|| format!("{number}, but must be <f8, <f4 or <f2"));
            (name.clone(), Held { dims: dims.clone(), number, bytes: values })
        });
        let held: BTreeMap<_, _> = held.collect();
        self.take(&held, true, None).map_err(|source| Error::File { path: path.to_owned(), source: Box::new(source) })
    }
}

/// What stands before the values of an array in a `.npy` file, as long as a multiple of 64 bytes.
fn npy_header(dims: &[usize], size: usize) -> Vec<u8> {
    const BEFORE: usize = 10;
    let dims: Vec<String> = dims.iter().map(|size| format!("{size},")).collect();
    let text = format!("{{'descr': '<f{size}', 'fortran_order': False, 'shape': ({}), }}", dims.join(" "));
    let length = (BEFORE + text.len() + 1).next_multiple_of(64) - BEFORE;
    let number = u16::try_from(length).expect("a handful of sizes");
    [b"\x93NUMPY\x01\0", &number.to_le_bytes()[..], format!("{text:<0$}\n", length - 1).as_bytes()].concat()
}

/// A zip archive of files that are not packed, as it is written (APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16).
#[derive(Default)]
struct Archive {
    files: Vec<u8>,
    /// The list of the files, which stands behind them.
    list: Vec<u8>,
    count: u16,
    /// Whether there is more than the format has room for.
    is_full: bool,
}

impl Archive {
    fn add(&mut self, name: &str, bytes: &[u8]) {
        let mut checksum = Crc::new();
        checksum.update(bytes);
        let [start, length] = [self.files.len(), bytes.len()].map(|number| self.number(number));
        let name_length = u16::try_from(name.len()).unwrap_or_default().to_le_bytes();
        self.is_full |= usize::from(u16::from_le_bytes(name_length)) != name.len() || self.count == u16::MAX;
        self.count = self.count.saturating_add(1);
        // Both headers: version 2.0, names in UTF-8, not packed; the first day of 1980, so that equal weights are equal files.
        let common =
            [&[20, 0, 0, 8, 0, 0, 0, 0, 33, 0], &checksum.sum().to_le_bytes()[..], &length, &length, &name_length];
        let common = common.concat();
        self.files.extend([b"PK\x03\x04", &common[..], &[0; 2], name.as_bytes(), bytes].concat());
        self.list.extend([b"PK\x01\x02\x14\0", &common[..], &[0; 12], &start, name.as_bytes()].concat());
    }

    /// The archive, if there is room for it in the format.
    fn finish(mut self) -> Option<Vec<u8>> {
        let [start, length] = [self.files.len(), self.list.len()].map(|number| self.number(number));
        let count = self.count.to_le_bytes();
        let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &length, &start, &[0; 2]].concat();
        (!self.is_full).then(|| [self.files, self.list, end].concat())
    }

    fn number(&mut self, number: usize) -> [u8; 4] {
        // The largest means that the number stands elsewhere.
        let number = u32::try_from(number).ok().filter(|&number| number != u32::MAX);
        self.is_full |= number.is_none();
        number.unwrap_or_default().to_le_bytes()
    }
}
