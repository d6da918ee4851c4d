//! Mistakes in the words of the catalogue, on images and on sequences.

use super::mistakes::list;

#[test]
fn words_of_other_libraries() {
    let list = list(
        "Image<8, 32, 32> => ",
        &[
            "batch_norm",
            "batchnorm2d",
            "batch_normalization",
            "bn",
            "layer_norm",
            "group_norm(4)",
            "local_response_norm(5)",
            "avg_pool(k2)",
            "avg_pool2d(k2)",
            "average_pool(k2)",
            "average_pooling2d(k2)",
            "max_pool2",
            "maxpool2",
            "global_average_pooling2d",
            "global_avg_pool",
            "adaptive_avg_pool2d(8)",
            "leakyrelu",
            "hardswish",
            "swish",
            "logsoftmax",
            "dropout2d(0.5)",
            "spatial_dropout2d(0.5)",
            "stochastic_depth(0.1)",
            "add(relu | tanh)",
            "cat(relu | tanh)",
            "concatenate(relu | tanh)",
            "depthwise_conv2d(k3)",
            "separable_conv2d(8, k3)",
            "conv2d_transpose(8, k3)",
            "conv_transpose2d(8, k3)",
            "deconv(8, k3)",
            "conv1d(8, k3)",
            "up_sampling2d(2)",
            "zero_pad2d(1)",
            "skip(relu)",
        ],
    );
    // the list of what is known stands in `unknown_layers`
    let texts: Vec<&str> = list.lines().map(|line| line.split(" known: ").next().unwrap()).collect();
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn values_and_their_numbers() {
    let list = list(
        "Image<12, 32, 32> => ",
        &[
            "dropout",
            "dropout()",
            "dropout(1.5)",
            "dropout(-0.1)",
            "dropout(50)",
            "dropout(\"half\")",
            "dropout(0.5, 0.5)",
            "dropout(p=0.5)",
            "drop_path(2)",
            "channel_dropout(-1)",
            "leaky_relu(negative_slope=0.1)",
            "elu(0.5, inplace=True)",
            "gelu(tanh)",
            "prelu(2)",
            "sigmoid(1)",
            "batchnorm(12)",
            "batchnorm(epsilon=1e-3)",
            "batchnorm(eps=1e-3)",
            "batchnorm(eps)",
            "batchnorm(eps(-1))",
            "batchnorm(momentum(1.5))",
            "batchnorm(momentun(0.5))",
            "batchnorm(eps(1e-3), eps(1e-4))",
            "batchnorm(affine=False)",
            "groupnorm",
            "groupnorm(eps(1e-6))",
            "groupnorm(0)",
            "groupnorm(2.5)",
            "groupnorm(5)",
            "groupnorm(num_groups=4)",
            "flatten >> groupnorm(5000)",
            "conv(4, k1) >> groupnorm(8)",
            "instancenorm(affine=True)",
            "lrn",
            "lrn(size=5)",
            "lrn(5, bias(2.0))",
            "flatten >> global_avgpool",
        ],
    );
    insta::assert_snapshot!(list);
}

#[test]
fn windows_of_all_kinds() {
    let list = list(
        "Image<12, 32, 30> => ",
        &[
            "conv(8, k3, pad(1, 2, 3))",
            "maxpool(k3, pad(1, 0, 0, 1))",
            "avgpool",
            "avgpool(2)",
            "avgpool(k3, pad2)",
            "avgpool(k2, dil2)",
            "avgpool(k2, count_include_pad=False)",
            "avgpool(k2, count_include_pad=True)",
            "maxpool(k2, ceil_mode=True)",
            "maxpool(k2, ceil_mode=False)",
            "maxpool(k2, ceil2)",
            "avgpool(k40)",
            "maxpool(k(34, 2), s2, ceil)",
            "depthwise",
            "depthwise(s2)",
            "depthwise(12, k3)",
            "depthwise(12=>24, k3)",
            "depthwise(k3, groups2)",
            "depthwise(k40)",
            "separable",
            "separable(k3)",
            "separable(8=>16, k3)",
            "separable(16, k3, groups2)",
            "conv_transpose(8)",
            "conv_transpose(8, k3, same)",
            "conv_transpose(8, k3, output_padding=1, s2)",
            "conv_transpose(8, k3, output_pad1)",
            "conv_transpose(8, k3, s2, output_pad2)",
            "conv_transpose(16=>8, k3)",
            "conv_transpose(8, k3, groups5)",
            "conv_transpose(8, k3, pad20)",
            "conv_transpose(8, k3, s200)",
            "zero_pad",
            "zero_pad(1, 2)",
            "zero_pad(-1)",
            "zero_pad(4000, 0, 2000, 0)",
            "upsample",
            "upsample(0)",
            "upsample(2, 2)",
            "upsample(scale_factor=2)",
            "upsample(200)",
            "adaptive_avgpool",
            "adaptive_avgpool(7)",
            "adaptive_avgpool(16, 7)",
            "adaptive_avgpool(64)",
            "adaptive_avgpool(1, 2, 3)",
            "subsample",
            "subsample(2)",
            "subsample(24)",
            "subsample(8, s2)",
            "subsample(k2)",
            "flatten >> upsample(2)",
        ],
    );
    insta::assert_snapshot!(list);
}

#[test]
fn sequences() {
    let list = list(
        "Sequence<12, 32> => ",
        &[
            "conv(8, k(3, 5))",
            "conv(8, k(3, K))",
            "conv(8, k3, stride(2, 1))",
            "conv(8, k3, pad(1, 2))",
            "conv(8, k3, pad(1, 0, 2, 0))",
            "conv(8=>8, k3)",
            "conv(8, k40)",
            "conv(8, k9, dil5)",
            "maxpool(k40)",
            "zero_pad(1, 0, 2, 0)",
            "adaptive_avgpool(4, 8)",
            "adaptive_avgpool(5)",
            "subsample(stride(2, 1))",
            "conv_transpose(8, k3, s2, output_pad(1, 0))",
            "dense(10)",
            "flatten >> dense(100=>10)",
            "residual(conv(16, k3, s2, pad1))",
            "concat(relu | pool2)",
        ],
    );
    insta::assert_snapshot!(list);
}

#[test]
fn joints_of_branches() {
    let list = list(
        "Image<32, 32, 32> => ",
        &[
            "residual",
            "residual()",
            "residual(| conv(32, k1))",
            "residual(relu | )",
            "residual(relu | relu | relu)",
            "residual(conv(64, k3, pad1))",
            "residual(conv(64, k3, s2, pad1) >> batchnorm)",
            "residual(conv(32, k3, stride(2, 1), pad1))",
            "residual(conv(32, k3))",
            "residual(conv(64, k3, s2, pad1) | conv(64, k1))",
            "pool2 >> residual(conv(64, k3, pad1))",
            "residual(flatten)",
            "relu >> block: residual(conv(99=>32, k1))",
            "concat",
            "concat(relu)",
            "concat(relu, tanh)",
            "concat(relu || tanh)",
            "concat(relu |> tanh)",
            "concat(conv(8, k3) | conv(8, k5, pad1) | conv(8, k5, pad2))",
            "concat(relu | flatten)",
            "concat(relu | pool2) >> conv(64=>8, k1)",
            "conv(4000, k1) >> concat(relu | conv(97, k1))",
            "sum(relu)",
            "sum(relu | conv(64, k1))",
            "sum(relu | pool2 | tanh)",
            "sum(pool2 | conv(64, k3, s2, pad1) | conv(64, k1, s2))",
            "sum(relu >> | tanh)",
            "concat(a: relu >> a: relu | tanh)",
            "concat(rleu | tanh)",
            "relu | tanh",
            "repeat(2, relu | tanh)",
        ],
    );
    insta::assert_snapshot!(list);
}
