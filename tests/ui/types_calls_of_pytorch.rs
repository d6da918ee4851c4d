// mistakes: 12
use shapewright::prelude::*;

net! { pub Net: Image<3, 8, 8> => Vector<10> = flatten >> dense(10) }

fn main() {
    let mut model = Model::new(Net, 1);
    let mut optimizer = Adam::new(1e-3);
    model.train();
    let model = model.to("cuda").cuda();
    let mut model = Model::new(Net, 1);
    model.cuda();
    optimizer.zero_grad();
    model.zero_grad();
    model.eval();
    let weights = model.state_dict();
    model.load_state_dict(weights);
    model.cpu();
    let _ = model.eval().forward(&Batch::zeros(2)).len();
    let logits = Model::new(Net, 1).forward(&Batch::zeros(2));
    println!("{:?}", logits.argmax(1));
    CrossEntropy.forward(&logits, &Labels::<10>::new(&[1, 2])).backward();
}
