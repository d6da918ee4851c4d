use shapewright::prelude::*;

fn main() {
    let stem = { use shapewright::dsl::*; conv!(1=>8, k3) >> relu };
    let _ = net!(Image<3, 8, 8> => {stem} >> flatten >> dense(10));
}
