// mistakes: 9
use shapewright::prelude::*;

net! {
    pub Arrow: Image<1, 8, 8> -> Vector<10> = flatten >> dense(10);
    pub struct Keyword: Image<1, 8, 8> => Vector<10> = flatten >> dense(10);
    pub Brackets: Image[1, 8, 8] => Vector<10> = flatten >> dense(10);
    pub Tuple: (1, 8, 8) => Vector<10> = flatten >> dense(10);
    pub Grey: Image<8, 8> => Vector<10> = flatten >> dense(10);
    pub NoOutput: Image<1, 8, 8> = flatten >> dense(10);
    pub NoColon Image<1, 8, 8> => Vector<10> = flatten >> dense(10);
    pub Both: Image<1, 8, 8> -> Vector<10> = conv(3=>4, k3) >> flatten >> dense(10)
}

net! { pub Whole: Image<1, 8, 8> => Vector<4> = Arrow >> relu >> dense(4) }

const _: () = assert!(Grey::PARAMS < 1_000 && NoOutput::training_bytes(8) < 1_000_000);

fn main() {
    let images = Batch::<Image<1, 8, 8>>::zeros(2);
    let labels = Labels::<10>::new(&[1, 2]).unwrap();
    let _: Batch<Vector<10>> = Model::new(Arrow, 1).forward(&images);
    let _: Batch<Vector<10>> = Model::new(Keyword, 1).forward(&images);
    let _: Batch<Vector<10>> = Model::new(Brackets, 1).forward(&images);
    let _: Batch<Vector<10>> = Model::new(NoOutput, 1).forward(&images);
    let _ = Model::new(Tuple, 1).step(&images, &labels, &CrossEntropy, &mut Sgd::new(0.1));
    let _ = Model::new(Grey, 1).step(&images, &labels, &CrossEntropy, &mut Sgd::new(0.1));
    let _ = Model::new(Both, 1).forward(&images);
    println!("{} {}", NoColon::summary(), Whole::diagram());
}
