//! A folder of pictures, a folder in it for each class.

use core::marker::PhantomData;
use std::fs;
use std::path::{Path, PathBuf};

use super::Source;
use super::contents::in_file;
use super::picture::{self, Fitting, Pixels};
use crate::batch::Batch;
use crate::error::Error;
use crate::labels::Labels;
use crate::parallel;
use crate::shape::Shape;

/// What the names of picture files end in.
const ENDINGS: [&str; 7] = ["png", "jpg", "jpeg", "pnm", "ppm", "pgm", "pbm"];

/// Pictures of as many classes as there are folders in a folder, decoded as they are asked for: a [`Source`] of any size.
///
/// Classes are numbered by the names of their folders in alphabetical order. PNG, JPEG and PNM files are read; what begins
/// with a dot or ends otherwise is passed over. Pictures are resized to the shape's rows and columns, in parallel; pixels
/// are 0 to 1. One channel is grey, three are red, green and blue. [`Dataset::load`](super::Dataset::load) takes all of
/// them into memory, [`Part::split`](super::Part::split) divides them without.
///
/// # Examples
///
/// ```no_run
/// use shapewright::data::Folder;
/// use shapewright::prelude::*;
///
/// // pets/cat/*.jpg, pets/dog/*.jpg
/// let pets = Folder::<Image<3, 64, 64>, 2>::open("pets")?;
/// assert_eq!(pets.class_names(), &["cat", "dog"]);
/// let (train, test) = Dataset::load(&pets)?.split_stratified(1_000, 1)?;
/// # let _: (Dataset<Image<3, 64, 64>, 2>, _) = (train, test);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Folder<S, const CLASSES: usize> {
    class_names: [String; CLASSES],
    files: Vec<PathBuf>,
    labels: Labels<CLASSES>,
    fitting: Fitting,
    /// Reads a picture as one of the shape's, which [`open`](Self::open) has asked to be possible.
    read: fn(&Path, Fitting, &mut [f32]) -> Result<(), Error>,
    shape: PhantomData<S>,
}

impl<S, const CLASSES: usize> Folder<S, CLASSES> {
    /// Lists the pictures; none is read yet.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path, or [`Error::File`] with the path and [`Classes`](Error::Classes) if there are not as
    /// many folders as classes, [`Format`](Error::Format) if there is no picture in one of them.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        S: Pixels,
    {
        let path = path.as_ref();
        let folders: Vec<PathBuf> = listed(path)?.into_iter().filter(|path| path.is_dir()).collect();
        let names: Vec<String> = folders.iter().map(|path| name(path)).collect();
        let class_names = <[String; CLASSES]>::try_from(names)
            .map_err(|found| in_file(path, Error::Classes { expected: CLASSES, found }))?;
        let (mut files, mut labels) = (Vec::new(), Vec::new());
        for (class, folder) in folders.iter().enumerate() {
            let before = files.len();
            files.extend(listed(folder)?.into_iter().filter(|path| is_picture(path)));
            if files.len() == before {
                let reason = format!("there is no picture in it (of {})", ENDINGS.join(", "));
                return Err(in_file(folder, Error::Format { reason }));
            }
            labels.resize(files.len(), class);
        }
        let labels = Labels::new(&labels)?;
        let (fitting, read) = (Fitting::default(), picture::read::<S>);
        Ok(Self { class_names, files, labels, fitting, read, shape: PhantomData })
    }

    /// The same pictures, made to fit as said.
    #[must_use]
    pub fn fitting(self, fitting: Fitting) -> Self {
        Self { fitting, ..self }
    }

    /// The names of the folders: what the classes are called.
    #[must_use]
    pub fn class_names(&self) -> &[String; CLASSES] {
        &self.class_names
    }

    /// The picture files, in the order of the samples.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }
}

impl<S: Shape, const CLASSES: usize> Source<S> for Folder<S, CLASSES> {
    type Targets = Labels<CLASSES>;

    fn len(&self) -> usize {
        self.files.len()
    }

    fn batch(&self, _epoch: u64, indices: &[usize]) -> Result<(Batch<S>, Labels<CLASSES>), Error> {
        let labels = self.labels.select(indices);
        let mut pictures = Batch::zeros(indices.len());
        let mut failed: Vec<Option<Error>> = indices.iter().map(|_| None).collect();
        parallel::chunks((pictures.as_mut_slice(), S::LEN), (&mut failed, 1), |sample, values, failed| {
            failed[0] = (self.read)(&self.files[indices[sample]], self.fitting, values).err();
        });
        match failed.into_iter().flatten().next() {
            Some(error) => Err(error),
            None => Ok((pictures, labels)),
        }
    }

    fn class_names(&self) -> Option<&[String]> {
        Some(&self.class_names)
    }
}

/// What is in a folder, by name, without what is hidden.
fn listed(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort_unstable();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    path.is_file() && ENDINGS.contains(&ending.as_str())
}
