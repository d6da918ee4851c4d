//! Looks at a colour picture through two filters: one that sees greys, one that sees horizontal edges.
//!
//! ```text
//! cargo run --release --example filters                 # a drawn picture
//! cargo run --release --example filters -- photo.jpg    # a picture of yours, JPEG, PNG or PNM, of any size
//! ```
//!
//! A convolution is not always learned. This one has two 3×3 filters with weights set by hand: the first mixes red, green and blue at its centre, the second
//! adds the row above and subtracts the row below, in blue alone. Writes `target/filters.png`: the picture, and what each filter makes of it.

use shapewright::Error;
use shapewright::data::{Fitting, picture};
use shapewright::plot::Picture;
use shapewright::prelude::*;

/// The picture is cut to its largest square and resized to this many pixels a side.
const SIDE: usize = 200;

net! { Filters: Image<3, 200, 200> => Image<2, 200, 200> = conv(3=>2, k3, pad1) }

fn main() -> Result<(), Error> {
    let picture = match std::env::args_os().nth(1) {
        Some(path) => picture(path, Fitting::Cropped)?,
        None => landscape().to_tensor()?,
    };

    let mut model = Model::new(Filters, 0);
    let weight = model.param_mut("0.weight")?.values;
    weight.fill(0.0);
    for (channel, share) in [0.3, 0.6, 0.1].into_iter().enumerate() {
        weight[9 * channel + 4] = share; // the centre of the first filter, in red, green and blue
    }
    weight[45..54].copy_from_slice(&[1.0, 2.0, 1.0, 0.0, 0.0, 0.0, -1.0, -2.0, -1.0]); // the second, in blue
    model.param_mut("0.bias")?.values.copy_from_slice(&[0.0, 128.0 / 255.0]);

    let seen = model.forward(&Batch::from_slice(1, picture.as_slice())?);
    let values: Vec<f64> = seen.sample(0).iter().map(|&value| f64::from(value)).collect();
    let (grey, edges) = values.split_at(SIDE * SIDE);
    let beside = [shown(&picture), Picture::grey(SIDE, grey, [0.0, 1.0]), Picture::grey(SIDE, edges, [0.0, 1.0])];

    std::fs::create_dir_all("target").ok(); // where it cannot be made, saving says so
    Picture::grid(&beside, 3, 8).save("target/filters.png")?;
    println!("target/filters.png: the picture, its greys, its horizontal edges");
    Ok(())
}

/// A sample of colours as a picture.
fn shown(sample: &Tensor<Image<3, SIDE, SIDE>>) -> Picture {
    let values: Vec<f64> = sample.iter().map(|&value| value.into()).collect();
    let (red, rest) = values.split_at(SIDE * SIDE);
    let (green, blue) = rest.split_at(SIDE * SIDE);
    Picture::colour(SIDE, [red, green, blue], [0.0, 1.0])
}

/// Hills, a sun and a house by a lake.
fn landscape() -> Picture {
    Picture::from_fn(SIDE, SIDE, |x, y| {
        let [u, v] = [x, y].map(|position| position as f64 / SIDE as f64);
        let blend = |from: [f64; 3], to: [f64; 3], share: f64| {
            core::array::from_fn(|channel| from[channel] + share.clamp(0.0, 1.0) * (to[channel] - from[channel]))
        };
        let far = 0.46 - 0.10 * (7.0 * u + 0.6).sin() - 0.04 * (17.0 * u).sin();
        let near = 0.62 + 0.07 * (5.0 * u + 2.0).sin();
        let shore = 0.80 + 0.02 * (9.0 * u).sin();
        let mut colour = blend([92.0, 156.0, 224.0], [246.0, 214.0, 180.0], v / 0.55);
        let sun = (u - 0.74).hypot(v - 0.20);
        if sun < 0.085 {
            colour = [255.0, 238.0, 150.0];
        } else if sun < 0.2 {
            colour = blend([255.0, 232.0, 170.0], colour, (sun - 0.085) / 0.115);
        }
        if v > far {
            colour = blend([104.0, 122.0, 168.0], [128.0, 150.0, 172.0], (v - far) / 0.2);
        }
        if v > near {
            colour = blend([96.0, 160.0, 74.0], [58.0, 118.0, 56.0], (v - near) / 0.2);
        }
        let (wall, roof) = ((0.22..0.40).contains(&u), v - 0.50 > (u - 0.31).abs() * 0.9);
        if wall && (0.60..0.76).contains(&v) {
            colour = [232.0, 222.0, 204.0];
            if (0.63..0.69).contains(&v) && ((0.25..0.29).contains(&u) || (0.33..0.37).contains(&u)) {
                colour = [70.0, 92.0, 128.0];
            }
        } else if v < 0.60 && roof && (0.19..0.43).contains(&u) {
            colour = [186.0, 66.0, 52.0];
        }
        if v > shore {
            let ripple = 10.0 * (150.0 * v + 4.0 * (12.0 * u).sin()).sin();
            colour =
                blend([64.0, 132.0, 190.0], [30.0, 76.0, 134.0], (v - shore) / 0.2).map(|value: f64| value + ripple);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 255")]
        colour.map(|value: f64| value.round().clamp(0.0, 255.0) as u8)
    })
}
