// mistakes: 1
use shapewright::prelude::*;

fn train<N>(model: &mut Model<N>, images: &Batch<Image<1, 28, 28>>, labels: &Labels<10>) -> f32 {
    model.step(images, labels, &CrossEntropy, &mut Adam::new(1e-3)).unwrap()
}

fn main() {
    net! { Net: Image<1, 28, 28> => Vector<10> = flatten >> dense(10) }
    train(&mut Model::new(Net, 1), &Batch::zeros(1), &Labels::new(&[3]).unwrap());
}
