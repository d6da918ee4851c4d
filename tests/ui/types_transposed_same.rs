use shapewright::{Arriving, layers::ConvTranspose2d};
use shapewright::prelude::*;
use shapewright::shape::window::{Kernel, Same, Stride};

type Up = ConvTranspose2d<Arriving, 8, Kernel<3, 3>, Stride<2, 2>, Same>;

net! { pub Net: Image<3, 8, 8> => Image<8, 17, 17> = Up >> relu }

fn main() {}
