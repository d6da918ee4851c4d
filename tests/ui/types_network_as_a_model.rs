use shapewright::prelude::*;

net! { pub LeNet: Image<1, 28, 28> => Vector<10> = conv(1=>6, k5) >> relu >> pool2 >> flatten >> dense(10) }

fn main() {
    let images = Batch::<Image<1, 28, 28>>::zeros(1);
    let _ = LeNet.forward(&images).as_slice();
    let _ = LeNet::new().forward(&images);
    let _ = LeNet.predict(&Tensor::zeros()).class;
    let _: f32 = LeNet.step(&images, &Labels::<10>::new(&[3]).unwrap(), &CrossEntropy, &mut Sgd::new(0.1)).unwrap();
    LeNet.save("lenet.safetensors").unwrap();
    let net = net!(Image<1, 28, 28> => flatten >> dense(10));
    let _ = net.forward(&images);
}
