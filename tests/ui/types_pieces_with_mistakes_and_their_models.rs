// mistakes: 6
use shapewright::Layer;
use shapewright::dsl::*;
use shapewright::prelude::*;

fn block() -> impl Layer<Image<16, 16, 16>, Output = Image<32, 8, 8>> + Copy {
    conv!(16=>32, k3, s2, pad1) >> batchnorm >> relu
}

fn main() {
    let unflattened = (conv!(3=>16, k3, pad1) >> relu >> pool2 >> dense!(10)).on::<Image<3, 32, 32>>();
    let _ = Model::new(unflattened, 1).forward(&Batch::zeros(1)).len();

    let piece = conv!(3=>16, k3, pad1) >> residual!(conv(16, k3) >> relu) >> flatten >> dense!(10);
    let model = Model::new(piece.on::<Image<3, 32, 32>>(), 1);
    let _ = model.forward(&Batch::zeros(1)).len();

    let piece = conv!(3=>16, k3, pad1) >> branches!(conv(8, k1) | pool2) >> flatten >> dense!(10);
    let model = Model::new(piece.on::<Image<3, 32, 32>>(), 1);
    let _ = model.forward(&Batch::zeros(1)).len();

    let piece = conv!(3=>16, k3) >> relu >> block() >> flatten >> dense!(10);
    let model = Model::new(piece.on::<Image<3, 32, 32>>(), 1);
    let _ = model.forward(&Batch::zeros(1)).len();

    let stem = conv!(3=>32, k3) >> relu;
    let model = Model::new((stem >> conv!(16=>64, k3) >> flatten >> dense!(10)).on::<Image<3, 32, 32>>(), 1);
    let _ = model.forward(&Batch::zeros(1)).len();

    let last = conv!(3=>32, k3) >> flatten >> dense!(10) >> relu.on::<Vector<10>>();
    let _ = Model::new(last, 1).parameters().len();
}
