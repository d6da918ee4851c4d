use shapewright::layers::{Exact, Relu};
use shapewright::prelude::*;

type Exactly = Exact<Relu>;

net! { pub Net: Image<3, 8, 8> => Image<3, 8, 8> = Exactly >> relu }

fn main() {}
