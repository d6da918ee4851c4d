use shapewright::prelude::*;

net! { ResNet18: Image<3, 224, 224> => Vector<1000> =
    conv(64, k7, s2, pad3, nobias) >> batchnorm >> relu >> maxpool(k3, s2, pad1)
    >> residual(conv(64, k3, pad1, nobias) >> batchnorm >> relu >> conv(64, k3, pad1, nobias) >> batchnorm) >> relu
    >> residual(conv(64, k3, pad1, nobias) >> batchnorm >> relu >> conv(64, k3, pad1, nobias) >> batchnorm) >> relu
    >> residual(conv(128, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(128, k3, pad1, nobias) >> batchnorm
        | conv(128, k1, s2, nobias) >> batchnorm) >> relu
    >> residual(conv(128, k3, pad1, nobias) >> batchnorm >> relu >> conv(128, k3, pad1, nobias) >> batchnorm) >> relu
    >> residual(conv(256, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(256, k3, pad1, nobias) >> batchnorm
        | conv(256, k1, s2, nobias) >> batchnorm) >> relu
    >> residual(conv(256, k3, pad1, nobias) >> batchnorm >> relu >> conv(256, k3, pad1, nobias) >> batchnorm) >> relu
    >> residual(conv(512, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(512, k3, pad1, nobias) >> batchnorm
        | conv(512, k1, s2, nobias) >> batchnorm) >> relu
    >> residual(conv(512, k3, pad1, nobias) >> batchnorm >> relu >> conv(512, k3, pad1, nobias) >> batchnorm) >> relu
    >> global_avgpool >> flatten >> dense(1000) }

fn main() {
    let model = Model::new(ResNet18, 42);
    println!("{:?}", model.forward(&Batch::zeros(1)).as_slice());
}
