// mistakes: 1
use shapewright::prelude::*;

net! { pub Stem: Image<3, 16, 16> => Image<8, 8, 8> = conv(8, k3, pad1) >> relu >> pool2 }
net! { pub Whole: Image<3, 18, 18> => Vector<10> = relu >> Stem >> flatten >> dense(10) }
net! { pub Around: Image<3, 18, 18> => Vector<3> = Whole >> dense(3) }

fn main() {
    let mut model = Model::new(Whole, 1);
    let images = Batch::<Image<3, 18, 18>>::zeros(1);
    let labels = Labels::<10>::new(&[3]).unwrap();
    let _: f32 = model.step(&images, &labels, &CrossEntropy, &mut Sgd::new(0.1)).unwrap();
    let _ = model.predict(&Tensor::zeros()).class + model.parameters().len() + Whole::PARAMS;
    let _ = Model::new(Around, 1);
}
