// mistakes: 1
use shapewright::dsl::*;
use shapewright::prelude::*;
use shapewright::{Layer, Shape};

fn piece<const N: usize>() -> impl Layer<Image<N, 16, 16>, Output = Image<N, 16, 16>> + Copy
where
    Image<N, 16, 16>: Shape,
{
    conv!(N, k3, pad1) >> groupnorm!(4)
}

fn main() {
    piece::<32>();
}
