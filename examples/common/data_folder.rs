//! Where an example takes its data from.

use std::path::{Path, PathBuf};
use std::{env, error, io};

/// The folder behind `--data`; without it `folder`, into which `draw` writes a stand-in of the same form.
pub(crate) fn data_folder(
    folder: &str,
    draw: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<PathBuf, Box<dyn error::Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [flag, folder] if flag == "--data" => Ok(folder.into()),
        [] => {
            draw(folder.as_ref())?;
            println!("without `--data DIR`: drawn pictures, in files of the published form in {folder}");
            Ok(folder.into())
        }
        _ => Err("the arguments are none, or `--data` and a folder".into()),
    }
}
