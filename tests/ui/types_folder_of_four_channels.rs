// mistakes: 1
use shapewright::data::Folder;
use shapewright::prelude::*;

fn main() -> Result<(), shapewright::Error> {
    let pictures = Folder::<Image<4, 64, 64>, 3>::open("pictures")?;
    println!("{}", pictures.files().len());
    let data = Dataset::load(&pictures)?;
    println!("{}", data.len());
    Ok(())
}
