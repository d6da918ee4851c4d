//! Where the files of known data sets are.

use std::path::{Path, PathBuf};

use crate::error::Error;

/// A published data set.
pub(super) struct Published {
    /// The official name, and where it is published.
    pub(super) name: &'static str,
    /// The folder below the user's in which other tools put it.
    pub(super) folder: &'static str,
    /// What files may end in.
    pub(super) endings: &'static [&'static str],
}

impl Published {
    /// The path of `file`, in `folder` itself or where other tools put it.
    pub(super) fn locate(&self, folder: &Path, file: &'static str) -> Result<PathBuf, Error> {
        let folders = [folder.to_owned(), folder.join(self.folder)];
        let tried: Vec<PathBuf> = folders
            .iter()
            .flat_map(|folder| self.endings.iter().map(move |ending| folder.join(format!("{file}{ending}"))))
            .collect();
        match tried.iter().find(|path| path.is_file()) {
            Some(path) => Ok(path.clone()),
            None => Err(Error::Missing { dataset: self.name, file, tried }),
        }
    }
}
