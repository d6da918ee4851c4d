//! Whole networks against PyTorch.

use shapewright::prelude::*;

use crate::common::fixture::Fixtures;

const FIXTURES: Fixtures = Fixtures(include_bytes!("../fixtures/networks.safetensors"));

fixtures! { FIXTURES.check:
    plain_networks {
        "lenet": Image<1, 28, 28> => conv!(1=>6, k5, pad2) >> relu >> pool2 >> conv!(6=>16, k5) >> relu >> pool2
            >> flatten >> dense!(120) >> relu >> dense!(84) >> relu >> dense!(10);
        "first_lenet": Image<1, 16, 16> => conv!(1=>3, k5) >> tanh >> avgpool!(k2) >> conv!(3=>4, k5) >> tanh >> avgpool!(k2)
            >> flatten >> dense!(6) >> tanh >> dense!(3);
        "small_unet": Image<1, 6, 8> => conv!(1=>3, k3, pad1) >> relu
            >> branches!(identity | pool2 >> conv(3=>4, k3, pad1) >> relu >> upsample(2)) >> conv!(7=>2, k3, pad1);
        "autoencoder": Image<1, 8, 6> => conv!(1=>3, k4, s2, pad1) >> silu >> conv_transpose!(3=>1, k4, s2, pad1) >> sigmoid;
    }
}

fixtures! { FIXTURES.check_training:
    networks_that_know_training {
        "small_alexnet": Image<2, 13, 13> => conv!(2=>4, k5, s2) >> relu >> lrn!(3, alpha(5e-2), k(2.0)) >> maxpool!(k3, s2)
            >> conv!(4=>6, k3, pad1, groups2) >> relu >> flatten >> dropout!(0.0) >> dense!(5) >> relu >> dense!(3);
        "small_resnet": Image<2, 8, 8> => conv!(2=>4, k3, pad1, nobias) >> batchnorm >> relu
            >> residual!(conv(4=>6, k3, s2, pad1, nobias) >> batchnorm >> relu >> conv(6=>6, k3, pad1, nobias) >> batchnorm
                | conv(4=>6, k1, s2, nobias) >> batchnorm)
            >> relu >> global_avgpool >> flatten >> dense!(3);
        "small_mobilenet": Image<2, 8, 8> => conv!(2=>4, k3, s2, pad1, nobias) >> batchnorm >> relu6
            >> depthwise!(k3, pad1, nobias) >> batchnorm >> relu6 >> conv!(4=>6, k1, nobias) >> batchnorm >> relu6
            >> global_avgpool >> flatten >> dense!(3);
        "keywords": Sequence<4, 20> => conv!(4=>6, k5, s2, pad2, nobias) >> batchnorm >> relu >> pool2 >> conv!(6=>8, k3, pad1) >> gelu
            >> global_avgpool >> flatten >> dense!(3) >> log_softmax;
    }
}
