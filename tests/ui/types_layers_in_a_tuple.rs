use shapewright::prelude::*;

fn main() {
    use shapewright::dsl::*;
    let _ = Model::new((conv!(1=>8, k3), relu, flatten, dense!(10)), 1);
}
