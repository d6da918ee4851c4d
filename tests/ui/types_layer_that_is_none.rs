// mistakes: 1
use shapewright::prelude::*;

#[derive(Clone, Copy, Default)]
pub struct Mine;

net! { pub Net: Image<3, 8, 8> => Vector<10> = relu >> Mine >> flatten >> dense(10) }

fn main() {
    let mut model = Model::new(Net, 1);
    let images = Batch::<Image<3, 8, 8>>::zeros(1);
    let labels = Labels::<10>::new(&[3]).unwrap();
    let _: f32 = model.step(&images, &labels, &CrossEntropy, &mut Sgd::new(0.1)).unwrap();
    let _ = model.predict(&Tensor::zeros()).class + model.parameters().len() + Net::PARAMS;
}
