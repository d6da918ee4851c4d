//! Every mistake: one message, its text, and the token at which it stands. The snapshots are to be read as prose.

use std::fmt::Write;

use super::read;

/// Lists the sources, which stand after `before` and have one mistake each, with token and message.
#[track_caller]
pub(super) fn list(before: &str, sources: &[&str]) -> String {
    let mut others = Vec::new();
    let mut list = String::new();
    for source in sources {
        let (_, mistakes) = read(&format!("{before}{source}"));
        for (token, message) in &mistakes {
            let _ = writeln!(list, "{source}\n    `{token}`: {message}");
        }
        if mistakes.len() != 1 {
            others.push((source, mistakes));
        }
    }
    assert!(others.is_empty(), "not one mistake: {others:#?}");
    list
}

#[test]
fn joints_that_do_not_fit() {
    let list = list(
        "Image<3, 32, 32> => ",
        &[
            "conv(16=>64, k3)",
            "Stem >> flatten >> dense(8192=>10)",
            "upsample(2, bilinear)",
            "conv(3=>32, k5, pad2) >> relu >> pool2 >> conv(16=>64, k3, nobias)",
            "conv(3=>32, k5) >> act: relu >> conv(16=>64, k(3, 5), stride(2, 1))",
            "repeat(2, conv(3=>3, k1) >> conv(4=>3, k1))",
            "block: (conv(8, k3) >> conv(4=>3, k1))",
            "nets::Stem >> conv(3=>8, k3) >> flatten >> conv(8, k3)",
            "conv(3=>8, k40)",
            "conv(3=>8, k(3, 35), pad1)",
            "conv(3=>8, k9, dil5)",
            "pool2 >> pool2 >> pool2 >> pool2 >> pool2 >> maxpool(k2)",
            "pool2 >> pool2 >> pool2 >> pool2 >> pool2 >> pool2",
            "maxpool(k(50, 3))",
            "conv(3=>N, k7, stride5) >> conv(8, k7)",
            "dense(10)",
            "conv(3=>32, k5, pad2) >> relu >> pool2 >> dense(10, nobias)",
            "conv(3=>32, k5, pad2) >> relu >> pool2 >> dense(8192=>10)",
            "flatten >> dense(100=>10)",
            "flatten >> dense(10) >> relu >> dense(100=>10)",
            "flatten >> relu >> conv(8, k3)",
            "flatten >> dense(10) >> pool2",
            "flatten >> dense(10) >> flatten",
            "conv(8, k3, groups2)",
            "conv(C=>8, k1) >> conv(12, k1, groups5)",
            "conv(6, k1) >> conv(9, k1, groups6)",
            "repeat(3, conv(8, k3, pad1) >> relu)",
            "repeat(3, pool2) >> conv(3=>8, k1)",
            "conv(8, k1, pad4000)",
            "residual(| conv(3, k1))",
            "concat(| conv(3, k1))",
            "conv(16=>64, k3, groups16)",
            "conv(4=>8, k3, groups2)",
        ],
    );
    insta::assert_snapshot!(list);
}

#[test]
fn declared_outputs_that_differ() {
    let list = list(
        "A: Image<3, 8, 8> => ",
        &[
            "Vector<100> = flatten >> dense(10)",
            "Vector<100> = flatten",
            "Vector<100> = relu",
            "Vector<100> = Stem >> dense(10)",
            "Image<3, 8, 8> = pool2",
            "Image<3, 8, 8> = flatten >> dense(10)",
            "Flat<Image<3, 8, 8>> = pool2 >> flatten",
            "Flat<Image<3, 8, 8>> = flatten >> dense(192)",
            "Image<3, 16, 16> = conv_transpose(3, k3, s2, pad1)",
            "Image<3, 15, 15> = conv_transpose(3, k3, s2, pad1, output_pad1)",
            "Image<3, 16, 15> = conv_transpose(3, k3, s2, pad1) >> relu",
            "Image<4, 6, 6> = conv(8, k(K)) >> relu",
            "Vector<10> = conv(8, k(K)) >> relu",
        ],
    );
    insta::assert_snapshot!(list);
}

#[test]
fn layers_that_are_wrong_by_themselves() {
    let list = list(
        "Image<12, 32, 32> => ",
        &[
            "conv(0, k3)",
            "conv(0=>8, k3)",
            "conv(8, k0)",
            "conv(8, k(3, 0))",
            "conv(8, k3, s0)",
            "conv(8, k3, dil0)",
            "conv(8, k3, groups0)",
            "flatten >> dense(0)",
            "repeat(0, relu)",
            "conv(5000, k3)",
            "conv(8, k5000)",
            "conv(-8, k3)",
            "conv(2.5, k3)",
            "conv(\"8\", k3)",
            "conv(12=>30, k3, groups4)",
            "conv(12=>8, k3, groups5)",
            "conv(12=>8, k3, groups24)",
            "maxpool(k3, pad2)",
            "maxpool(k1, pad1)",
            "maxpool(k(2, 4), dil2, pad2)",
        ],
    );
    insta::assert_snapshot!(list);
}

#[test]
fn arguments() {
    let list = list(
        "Image<3, 32, 32> => ",
        &[
            "conv",
            "conv()",
            "conv(3=>8)",
            "conv(8)",
            "conv(k3)",
            "conv(3=>, k3)",
            "conv(=>8, k3)",
            "conv(3->8, k3)",
            "conv(3 8, k3)",
            "conv(3=8, k3)",
            "conv(3>8, k3)",
            "conv(3==8, k3)",
            "conv(3..8, k3)",
            "flatten >> dense(3072 10)",
            "conv(3, 8, k3)",
            "conv(8, 3)",
            "conv(8,, k3)",
            "conv(same)",
            "conv(3=>8, same)",
            "conv(3=>8, k3x5)",
            "conv(8, k(3, -1))",
            "conv(8, k3, 2)",
            "conv(8, k3, k5)",
            "conv(8, k3, same, pad1)",
            "conv(8, k3, nobias, nobias)",
            "conv(8, k)",
            "conv(8, k())",
            "conv(8, k(1, 2, 3))",
            "conv(8, k3(3))",
            "conv(8, k3, groups(1, 3))",
            "conv(8, k3, same2)",
            "conv(8, k3, pda2)",
            "conv(8, k3, Pad2)",
            "conv(8, K3)",
            "conv(8, kernel3)",
            "conv(8, kernel_size=3)",
            "conv(8, kernel_size=(3, 5))",
            "conv(8, k3, padding=2)",
            "conv(8, k3, padding = \"same\")",
            "conv(8, k3, stride = 2)",
            "conv(8, k3, p1)",
            "conv(8, k3, bias=False)",
            "conv(8, k3, bias=True)",
            "conv(8, k3, bias)",
            "conv(8, k3, dilation=D)",
            "conv(8, k3, relu)",
            "conv(8, k3, KERNEL)",
            "conv(8, kK)",
            "conv(3=>64, k3, groups=3)",
            "conv(3=>66, k3, group=2)",
            "conv(8, k3, padPADDING)",
            "conv(8, k3, groupsG)",
            "maxpool",
            "maxpool(2)",
            "maxpool(s2)",
            "maxpool(k2, same)",
            "maxpool(k2, nobias)",
            "maxpool(k2, kernel_size=3)",
            "flatten >> dense",
            "flatten >> dense(nobias)",
            "flatten >> dense(3072, 10)",
            "flatten >> dense(10, relu)",
            "flatten >> dense(10, no_bias)",
            "relu(2)",
            "pool2(exact)",
            "pool2(k3, s1)",
            "pool2(2)",
            "conv_transpose(8, k3, exact)",
            "repeat",
            "repeat(3)",
            "repeat(relu, 3)",
            "conv[8, k3]",
            "conv!{8, k3}",
            "Stem(3)",
            "Conv2d(3, 8)",
            "Linear!(10)",
            "Block()",
            "conv(3=>16 k3, pad1)",
            "conv(3=>16, k3 pad1)",
            "conv(3=>16, k(3, 5) pad1)",
            "conv(16, k3 nobias)",
            "maxpool(k2 s2)",
            "flatten >> dense(10 nobias)",
        ],
    );
    insta::assert_snapshot!(list);
}

#[test]
fn unknown_layers() {
    let list = list(
        "Image<3, 32, 32> => ",
        &[
            "cnov(3=>8, k3)",
            "conv2d(3=>8, k3)",
            "flatten >> linear(10)",
            "flatten >> fc(10)",
            "max_pool2d",
            "max_pool(k2)",
            "pool",
            "pool3",
            "rleu >> conv(3=>8, k3)",
            "flaten >> dense(10)",
            "frobnicate(8) >> conv(99=>8, k3)",
            "frobnicate",
            "nn.ReLU() >> conv(3=>8, k3)",
            "nn.ReLU(inplace=True)",
            "nn.Conv2d(3, 16, 3) >> relu",
            "torch.nn.functional.relu",
            "F.relu",
            "a: nn::ReLU",
            "nn::MaxPool2d(2)",
            "nn.Sequential(nn.ReLU(), nn.Flatten())",
            "Block.Stem",
            "relry",
            "pool3 >> conv(3=>8, k3)",
            "avgpool3",
            "input >> conv(3=>8, k3)",
            "flatten >> dense(10) >> output",
            "stem() >> flatten",
            "reshape(3072) >> dense(10)",
            "flatten >> view(-1)",
            "flatten >> unflatten(3, 32, 32)",
            "permute(0, 3, 1, 2)",
            "[conv(3, k3, pad1) >> relu; 3] >> conv(3=>8, k3)",
            "[relu, tanh]",
            "ReLU >> conv(3=>8, k3)",
            "a: Flatten",
            "MaxPool2d",
            "BatchNorm2d >> conv(3=>8, k3)",
            "Dropout",
            "MaxPool2d(2)",
        ],
    );
    insta::assert_snapshot!(list);
}

#[test]
fn chains() {
    let list = list(
        "Image<3, 32, 32> => ",
        &[
            "",
            "relu >>",
            ">> relu",
            "relu >> >> relu",
            "relu > relu",
            "relu > > relu",
            "relu |> relu",
            "relu -> relu",
            "relu, relu",
            "relu,",
            "relu;",
            "relu.relu",
            "relu + identity",
            "conv(3=>8, k3) + conv(3=>8, k3) >> relu",
            "relu relu",
            "relu 5 >> relu",
            "relu >> 5 >> relu",
            "relu >> \"relu\"",
            "()",
            "a: ()",
            "(relu >>) >> relu",
            "repeat(2, relu >>)",
            "a: relu >> relu >> a: relu",
            "1: relu",
            "relu # activation",
            "relu # activation\n >> pool2",
            "relu >> # now: pool\n pool2 >> conv(4, k1)",
            "concat(relu # one\n | tanh)",
            "act = relu >> pool2",
            "conv(8, k3) as first >> relu",
            "x: relu >> conv(3, k3, pad1) >> add(x) >> pool2",
            "conv(3, k1) >> x: relu >> y: conv(8, k1) >> concat(y, x)",
            "conv(3, k1) >> x: relu >> cat([x, x])",
            "x: relu >> conv(3, k1) >> sum(x | x)",
            "fc1: relu >> tanh >> fc1",
        ],
    );
    insta::assert_snapshot!(list);
}

#[test]
fn headers() {
    let list = list(
        "",
        &[
            "",
            "conv(3=>8, k3) >> relu",
            "(3, 32, 32) => relu",
            "[3, 32, 32] => relu",
            "Image<3, 32, 32>",
            "Image<3, 32, 32> = relu",
            "Image<3, 32, 32> -> relu",
            "Tensor<3, 32, 32> => relu",
            "Image<3, 32, 32> => Vector<10> = flatten >> dense(10)",
            "Image<32, 32> => relu",
            "Image<64, 3, 32, 32> => relu",
            "N: Image<3, 8, 8> => Vector<10> = conv(3=>16, k3) >> nn.ReLU() >> flatten >> dense(10)",
            "N: Image<3, 8, 8> => Image<3, 8, 8> = F::relu",
            "Image => relu",
            "Vector<1, 2> => relu",
            "Image<3, 0, 32> => relu",
            "Image<3, 5000, 32> => relu",
            "#[derive(Debug, Clone, PartialEq)] pub N: Image<3, 8, 8> => Vector<192> = flatten",
            "pub LeNet Image<3, 8, 8> => Vector<192> = flatten",
            "LeNet Image<3, 8, 8> => Vector<192> = flatten",
            "pub struct LeNet: Image<3, 8, 8> => Vector<192> = flatten",
            "pub struct LeNet: Image<3, 8, 8> => Vector<10> { flatten, fc: dense(10), }",
            "struct LeNet { flatten: flatten, fc1: dense(192), act: relu, fc2: dense(10) }",
            "LeNet: Image<3, 8, 8> => Vector<192> = { flatten }",
            "LeNet: Image<3, 8, 8> => Vector<10> = { flatten >> dense(10) }",
            "LeNet: Image<3, 8, 8> => Vector<192> { flatten }",
            "LeNet: Image<3, 8, 8> => Vector<192> = { fc: flatten }",
            "LeNet: Image<3, 8, 8> => Vector<192> = {own::Scale::new(2.0)}",
            "LeNet: Image<3, 8, 8> => Vector<192> = {Scale(2.0, 3.0)} >> flatten",
            "LeNet: Image<3, 8, 8> => Vector<192> = flatten >> {a: b, c}",
            "LeNet: Image<3, 8, 8> -> Vector<192> = flatten",
            "LeNet: Image<3, 8, 8> = relu",
            "LeNet: Image<3, 8, 8> => relu",
            "LeNet: Image<3, 8, 8> => Vector<192> => flatten",
            "LeNet: Image<3, 8, 8> => Vector<10>",
            "LeNet: Image<3, 8, 8> => Vector<10> =",
            "LeNet: Image<3, 8, 8> => Vector<10> = ;",
            "LeNet: Image<3, 8, 8> => Vector<192> = flatten >> {stem}",
            "LeNet: Image<3, 8, 8> => Vector<192> = flatten >> {Swish}",
            "LeNet: Image<3, 8, 8> => Vector<192> = flatten >> {own::Scale::new(2.0)}",
            "LeNet: Image<3, 8, 8> => Vector<192> = flatten >> {Scale(2.0)}",
            "LeNet: Image<3, 8, 8> => Vector<192> = flatten >> {Scale { by: 2.0 }}",
            "LeNet: Image<3, 8, 8> => Vector<10>, Vector<4> = flatten >> (dense(10) | dense(4))",
            "LeNet: Image<3, 8, 8> => (Vector<10>, Image<4, 1, 1>) = flatten >> dense(10) | dense(4)",
            "LeNet: (3, 8, 8) => Vector<192> = flatten",
            "LeNet: Image[3, 8, 8] => Vector<192> = flatten",
            "LeNet: Batch<Image<3, 8, 8>> => Vector<192> = flatten",
            "LeNet: Image<8, 8> => Vector<192> = flatten",
            "LeNet: Image<3, 8, 8> = Vector<192> = flatten",
            "LeNet: Image<3, 8, 8> => Vector<192> flatten",
            "LeNet: Image<3, 8, 8> => Vector<192> := flatten",
            "LeNet: => Vector<192> = flatten",
            "LeNet: flatten >> dense(10)",
            "LeNet: _ => Vector<192> = flatten",
            "# the net\n LeNet: Image<3, 8, 8> => Vector<192> = flatten",
            "LeNet: Image<3, 8, 8> => Vector<192> = flatten; # more\n #[exact] Last: Vector<1> => Vector<1> = relu",
            "LeNet: Image<3, 8, 8> => Vector<192> = # first\n flatten >> relu",
            "LeNet<const N: usize>: Image<N, 8, 8> => Vector<10> = flatten >> dense(10)",
            "A: Image<3, 8, 8> = relu; B: Image<3, 8, 8> => Image<3, 8, 8> = relu",
        ],
    );
    insta::assert_snapshot!(list);
}

/// Nor does a mistake in a header hide those behind it, or make others.
#[test]
fn chains_behind_broken_headers_are_read() {
    let headers = [
        "pub struct Net: Image<3, 8, 8> => Vector<10> =",
        "Net Image<3, 8, 8> => Vector<10> =",
        "Net: (3, 8, 8) => Vector<10> =",
        "Net: Image[3, 8, 8] => Vector<10> =",
        "Net: Image<3, 8, 8> -> Vector<10> =",
        "Net: Image<3, 8, 8> => 10 =",
        "Net: Image<3, 8, 8> => Vector<10> =>",
        "Net: Image<3, 8, 8> =>",
        "Net: Image<3, 8, 8> =",
        "[3, 8, 8] =>",
        "Image<3, 8, 8> ->",
        "Image<3, 8, 8> =",
    ];
    for header in headers {
        let (rows, mistakes) = read(&format!("{header} conv(4=>8, k3) >> flatten >> dense(10)"));
        let texts: Vec<&str> = mistakes.iter().map(|(_, message)| message.as_str()).collect();
        assert_eq!(rows.len(), 3, "{header}");
        assert_eq!(texts.len(), 2, "{header}: {texts:?}");
        assert_eq!(
            texts[1], "conv takes 4 channels, but the input has 3: Image<3, 8, 8>; write conv(3=>8, k3)",
            "{header}"
        );
    }
}

/// What `exact` proposes is exact.
#[test]
fn proposals_are_exact() {
    let list = list(
        "Image<3, 31, 31> => ",
        &[
            "maxpool(k3, s2, exact)",
            "maxpool(k3, s2, pad1, exact)",
            "conv(8, k5, s3, exact)",
            "conv(8, k1, s3, exact)",
            "conv(8, k1, s4, exact)",
            "conv(8, k2, s2, dil2, exact)",
            "avgpool(k2, exact)",
            "avgpool(k2, s5, exact)",
            "maxpool(k4, s5, exact)",
        ],
    );
    insta::assert_snapshot!(list);
}

/// An argument that cannot be read leaves open only what is not said.
#[test]
fn doubtful_arguments_hide_no_mistakes_behind_them() {
    let messages = |chain: &str| read(&format!("Image<3, 32, 32> => {chain} >> flatten >> dense(100=>10)")).1.len();
    for chain in
        ["conv(8, k3, relu)", "conv(8, k3, bias=True)", "conv(8, k3, pad1, s2, frobnicate)", "maxpool(k3, nobias)"]
    {
        assert_eq!(messages(chain), 2, "{chain}");
    }
    for chain in
        ["conv(8, k3, frobnicate)", "conv(8, k3, s2, frobnicate)", "conv(8, k3, pad1, frobnicate)", "maxpool(k3, same)"]
    {
        assert_eq!(messages(chain), 1, "{chain}");
    }
}

/// What a macro hands on stands in brackets that cannot be seen.
#[test]
fn numbers_from_macros_are_numbers() {
    let of_a_macro = |text: &str| {
        let group = proc_macro2::Group::new(proc_macro2::Delimiter::None, text.parse().unwrap());
        proc_macro2::TokenTree::from(group)
    };
    let [size, taken, filters, kernel, rate, features] = ["32", "4", "8", "k3", "0.5", "{ N }"].map(of_a_macro);
    let tokens = quote::quote!(Image<3, #size, #size> => conv(#taken=>#filters, #kernel) >> dropout(#rate) >> flatten
        >> dense(#features));
    let Ok(crate::parse::Net::Expression(read)) = syn::parse2(tokens) else { panic!() };
    let (crate::ast::Expression { input, mut chain }, mut mistakes) = *read;
    let checked = crate::infer::check(&input, None, &mut chain, &mut mistakes);
    let texts: Vec<String> = mistakes.errors().iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["conv takes 4 channels, but the input has 3: Image<3, 32, 32>; write conv(3=>8, k3)"]);
    let stages: Vec<String> = checked.rows.iter().map(|row| format!("{} {}", row.layer, row.output)).collect();
    let flat = "Flat<Image<8, 30, 30>>";
    let expected = [
        "conv(4=>8, k3) Image<8, 30, 30>",
        "dropout(0.5) Image<8, 30, 30>",
        &format!("flatten {flat}"),
        "dense({ N }) Vector<_>",
    ];
    assert_eq!(stages, expected);
}

/// Mistakes do not hide each other, nor do they make others.
#[test]
fn all_mistakes_are_reported_in_one_run() {
    let source = "Image<3, 32, 32> => conv(4=>8, k3, pda1) >> relu(1) >> cnov(8=>16, k0) , pool2 >> conv(8=>16, k3, groups3)
        >> dense(10, relu) >> dense(11=>10) >> {x} >> 7 >> conv(5=>5, k3, k3) >> flatten >> dense(10) >> dense(12=>3) >>";
    let (_, mistakes) = read(source);
    let mut list = String::new();
    for (token, message) in mistakes {
        let _ = writeln!(list, "`{token}`: {message}");
    }
    insta::assert_snapshot!(list);
}

/// The list of all words is long.
#[test]
fn all_words_are_listed_once() {
    let (_, mistakes) = read("N: Image<6, 8, 8> => Image<6, 8, 8> = frobnicate >> relu >> frobnicate(2)");
    let texts: Vec<&str> = mistakes.iter().map(|(_, message)| message.as_str()).collect();
    assert!(texts[0].contains("known: conv, depthwise, "), "{}", texts[0]);
    assert_eq!(
        texts[1..],
        ["there is no layer `frobnicate`; one of your own is a type, whose name starts with a capital"]
    );
}

#[test]
fn what_was_meant_goes_on_under_its_right_name() {
    let (_, mistakes) = read("Image<6, 8, 8> => group_norm(4) >> flatten >> avg_pool(k2)");
    let messages: Vec<&str> = mistakes.iter().map(|(_, message)| message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "there is no layer `group_norm`; did you mean `groupnorm`?",
            "there is no layer `avg_pool`; did you mean `avgpool`?",
            "4 groups do not divide 6 channels: the input is Image<6, 8, 8>; write groupnorm(3) or groupnorm(6)",
            "avgpool takes an image, but `flatten` (stage 1) gives Flat<Image<6, 8, 8>>; write avgpool before flatten and dense",
        ]
    );
}

/// Those layers are read as what they are called here, and each name is ours under another spelling.
#[test]
fn layers_of_other_libraries_are_known() {
    for name in crate::foreign::LAYERS {
        let meant = crate::words::guess_layer(name);
        assert!(meant.is_some_and(|meant| crate::catalogue::kind(meant).is_some()), "{name}");
    }
    let (_, mistakes) = read("Image<6, 8, 8> => Flatten >> ReLU >> conv(8, k3)");
    let texts: Vec<&str> = mistakes.iter().map(|(_, message)| message.as_str()).collect();
    assert!(matches!(texts[..], [_, _, message] if message.starts_with("conv takes an image")), "{texts:?}");
    super::rows("Image<6, 8, 8> => self::Flatten >> Swish >> MaxPool2d<2> >> tower::ReLU");
}

/// Of joints in joints, each is tried out by itself.
#[test]
fn joints_in_joints_are_tried_out_in_no_time() {
    let (mut chain, depth) = ("relu".to_owned(), 30);
    for _ in 0..depth {
        chain = format!("concat(identity | conv(8, k1) >> {chain} >> conv_transpose(4, k2, s2) >> conv(4, k3))");
    }
    let (_, mistakes) = read(&format!("Image<8, 9, 9> => {chain}"));
    assert!(mistakes.len() <= depth && !mistakes.is_empty(), "{}", mistakes.len());
}
