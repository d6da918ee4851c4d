//! Picture files, one and folders of them.

use std::fs;
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
use proptest::prelude::*;
use shapewright::Error;
use shapewright::augment::{Augmented, HorizontalFlip};
use shapewright::data::{Fitting, Folder as Pictures, Normalisation, Normalised, Part, Source, picture};
use shapewright::prelude::*;

use super::bytes::damage;
use super::reason;
use crate::folder::Folder;

/// A picture of `columns` × `rows`, each half of it of one colour.
fn halves(columns: u32, rows: u32, format: ImageFormat) -> Vec<u8> {
    let colour = |x: u32| if x < columns / 2 { [255, 0, 51] } else { [0, 255, 102] };
    let picture = RgbImage::from_fn(columns, rows, |x, _| colour(x).into());
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn values_are_exact() {
    let folder = Folder::new("picture");
    for (name, format) in [("a.png", ImageFormat::Png), ("a.ppm", ImageFormat::Pnm), ("no-ending", ImageFormat::Png)] {
        let path = folder.write(name, halves(2, 1, format));
        let colours = picture::<Image<3, 1, 2>>(&path, Fitting::Stretched).unwrap();
        assert_eq!(colours.as_slice(), [1.0, 0.0, 0.0, 1.0, 0.2, 0.4]);
        let grey = picture::<Image<1, 1, 2>>(&path, Fitting::Stretched).unwrap();
        let luminance = |red: f32, green: f32, blue: f32| (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255.0;
        let expected = [luminance(255.0, 0.0, 51.0), luminance(0.0, 255.0, 102.0)];
        assert!(grey.iter().zip(expected).all(|(grey, expected)| (grey - expected).abs() < 1.0 / 255.0), "{grey:?}");
    }
    let jpeg = folder.write("a.jpg", halves(32, 32, ImageFormat::Jpeg));
    let colours = picture::<Image<3, 32, 32>>(jpeg, Fitting::Stretched).unwrap();
    assert!((colours.as_slice()[0] - 1.0).abs() < 0.05 && colours.as_slice()[31] < 0.05);
}

#[test]
fn pictures_are_stretched_or_cropped() {
    let folder = Folder::new("picture-fitting");
    let path = folder.write("a.png", halves(8, 2, ImageFormat::Png));
    let red = |fitting| picture::<Image<3, 2, 2>>(&path, fitting).unwrap().as_slice()[..4].to_vec();
    // The whole width, in which the colours blend a little; the middle two of eight columns.
    assert!(red(Fitting::Stretched)[0] < 1.0 && red(Fitting::Stretched)[0] > 0.7);
    assert_eq!(red(Fitting::Cropped), [1.0, 0.0, 1.0, 0.0]);
}

#[test]
fn folders_are_classes() {
    let folder = Folder::new("pictures");
    for file in ["dog/2.png", "dog/10.PNG", "cat/1.ppm"] {
        let format = if file.contains("ppm") { ImageFormat::Pnm } else { ImageFormat::Png };
        folder.write(file, halves(if file.contains("cat") { 4 } else { 2 }, 1, format));
    }
    for passed_over in ["dog/Thumbs.db", "cat/.hidden.png", "README.md", ".git/HEAD"] {
        folder.write(passed_over, "no picture");
    }
    let pictures = Pictures::<Image<3, 1, 2>, 2>::open(folder.path()).unwrap();
    assert_eq!(pictures.class_names(), &["cat", "dog"]);
    let names = pictures.files().iter().map(|file| file.strip_prefix(folder.path()).unwrap().display().to_string());
    assert_eq!(names.collect::<Vec<_>>(), ["cat/1.ppm", "dog/10.PNG", "dog/2.png"]);
    let (batch, labels) = pictures.batch(0, &[2, 0]).unwrap();
    assert_eq!(labels.as_slice(), [1, 0]);
    assert_eq!(batch.sample(0), [1.0, 0.0, 0.0, 1.0, 0.2, 0.4]);
    let data = Dataset::load(&pictures).unwrap();
    assert_eq!(data.labels().as_slice(), [0, 1, 1]);
    assert_eq!(data.inputs().sample(2), batch.sample(0));
    assert_eq!(data.class_names().unwrap(), &["cat", "dog"]);

    // The same in pieces: split, normalised, augmented, and still of these classes.
    let (some, rest) = Part::split(&pictures, 2, 1).unwrap();
    let normalisation = Normalisation::of(&some).unwrap();
    let (first, second) = data.split(2, 1).unwrap();
    for (part, expected) in [(some, first), (rest, second)] {
        let normalised = Normalised::new(&part, &normalisation);
        assert_eq!(Dataset::load(&normalised).unwrap(), expected.normalised(&normalisation));
        let augmented = Augmented::new(&normalised, HorizontalFlip, 1);
        assert_eq!(Dataset::load(&augmented).unwrap().class_names().unwrap(), &["cat", "dog"]);
    }
}

#[test]
fn mistakes_are_refused() {
    let folder = Folder::new("pictures-mistakes");
    let open = || Pictures::<Image<3, 1, 2>, 2>::open(folder.path());
    folder.write("cat/1.png", halves(2, 1, ImageFormat::Png));
    assert_eq!(reason(open()), "the number of classes must be 2, but is 1: cat");
    fs::create_dir(folder.path().join("dog")).unwrap();
    let error = open().unwrap_err().to_string();
    let expected = "dog: malformed file: there is no picture in it (of png, jpg, jpeg, pnm, ppm, pgm, pbm)";
    assert!(error.ends_with(expected), "{error}");
    let good = halves(2, 1, ImageFormat::Png);
    folder.write("dog/1.png", &good);
    folder.write("dog/2.png", &good[..good.len() / 2]);
    folder.write("dog/3.png", "no picture");
    let pictures = open().unwrap();
    assert!(pictures.batch(0, &[0, 1]).is_ok());
    for (index, file) in [(2, "dog/2.png"), (3, "dog/3.png")] {
        let error = pictures.batch(0, &[0, index, 1]).unwrap_err().to_string();
        assert!(error.starts_with(&folder.path().join(file).display().to_string()), "{error}");
    }
    assert!(
        matches!(pictures.batch(0, &[3]), Err(Error::File { source, .. }) if matches!(*source, Error::Format { .. }))
    );
    let missing = Pictures::<Image<3, 1, 2>, 2>::open("no/such/folder").unwrap_err().to_string();
    assert!(missing.starts_with("no/such/folder: "), "{missing}");
}

proptest! {
    #[test]
    fn damaged_files_do_no_harm(damage in damage(), format in 0..3) {
        let format = [ImageFormat::Png, ImageFormat::Pnm, ImageFormat::Jpeg][usize::try_from(format).unwrap()];
        let folder = Folder::new("picture-damage");
        let path = folder.write("a", damage.to(&halves(16, 16, format)));
        if let Ok(picture) = picture::<Image<3, 4, 4>>(path, Fitting::Cropped) {
            prop_assert!(picture.iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
}
