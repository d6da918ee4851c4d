//! Networks by name: a forward pass of each, and the names of their parameters as docs/networks.md gives them.

use shapewright::nets::{
    AlexNet, Inception3a, LeNet, LeNet5, MobileNetV1, MobileNetV1Quarter, ResNet18, ResNet20, SimpleConvNet, TcResNet8,
    ThreeLayerConvNet, UNet, Vgg16Bn,
};
use shapewright::prelude::*;
use shapewright::{Network, Outline, OutputOf};

/// What one image of waves comes to.
fn forward<N: Network>(network: N) -> Batch<OutputOf<N>> {
    let x = Batch::<N::Input>::from_fn(1, |_, index| (index as f32 * 0.37).sin());
    Model::new(network, 1).forward(&x)
}

/// A test for each line: the output is as long as it should be, finite, and not the same everywhere.
macro_rules! forward_passes {
    ($($(#[$attribute:meta])* $name:ident: $network:expr => $length:expr;)*) => { $(
        #[test]
        $(#[$attribute])*
        fn $name() {
            let y = forward($network);
            assert_eq!((y.len(), y.sample(0).len()), (1, $length));
            assert!(y.as_slice().iter().all(|value| value.is_finite()), "{:?}", y.as_slice());
            assert!(y.as_slice().iter().any(|&value| value != y.as_slice()[0]), "{:?}", y.as_slice());
        }
    )* };
}

forward_passes! {
    simple_conv_net: SimpleConvNet => 10;
    three_layer_conv_net: ThreeLayerConvNet => 10;
    lenet5: LeNet5 => 10;
    lenet: LeNet => 10;
    #[ignore = "0.25 GB of parameters; run nightly"]
    alexnet: AlexNet => 1000;
    #[ignore = "0.7 GB of parameters; run nightly"]
    vgg16_bn: Vgg16Bn => 1000;
    resnet18: ResNet18 => 1000;
    resnet20: ResNet20 => 10;
    mobilenet_v1: MobileNetV1 => 1000;
    mobilenet_v1_quarter: MobileNetV1Quarter => 2;
    inception3a: Inception3a => 256 * 28 * 28;
    unet: UNet => 2 * 64 * 64;
    tc_resnet8: TcResNet8 => 12;
}

/// Calls `$check` with each network and its name.
macro_rules! each_network {
    ($check:ident) => {
        each_network!($check: SimpleConvNet, ThreeLayerConvNet, LeNet5, LeNet, AlexNet, Vgg16Bn, ResNet18, ResNet20, MobileNetV1,
            MobileNetV1Quarter, Inception3a, UNet, TcResNet8)
    };
    ($check:ident: $($network:ident),*) => { $($check(stringify!($network), &$network);)* };
}

/// The lines of the table in docs/networks.md that belongs to a network, cell by cell.
fn documented(network: &str) -> Vec<Vec<&'static str>> {
    // a quarter of MobileNet has the names of the whole
    let Some((_, section)) = DOCUMENT.split_once(&format!("\n## {network}\n")) else { return Vec::new() };
    let section = section.split("\n## ").next().unwrap_or(section);
    section.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

const DOCUMENT: &str = include_str!("../../docs/networks.md");

/// The cells of a line of a table.
fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect()
}

/// The stages of a network that have a weight, and its dims.
fn stages<N: Network>(network: &N) -> Vec<[String; 2]> {
    let outline = Outline::of::<N::Input, N>(network);
    let weighted = outline.stages().iter().filter_map(|stage| Some((stage.name.clone(), stage.parameters.first()?)));
    let dims = |dims: &[usize]| dims.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
    weighted.map(|(name, weight)| [name, dims(&weight.dims)]).collect()
}

#[test]
fn the_documented_stages_are_those_of_the_networks() {
    fn check<N: Network>(name: &str, network: &N) {
        let table = documented(name.strip_suffix("Quarter").unwrap_or(name));
        let (names, dims): (Vec<_>, Vec<_>) = table.iter().map(|row| (row[0], row[row.len() - 1])).unzip();
        let (stages, weights): (Vec<_>, Vec<_>) = stages(network).into_iter().map(|[name, dims]| (name, dims)).unzip();
        assert_eq!(names, stages, "{name}");
        assert!(name.ends_with("Quarter") || dims == weights, "{name}: {dims:?} are {weights:?}");
    }
    each_network!(check);
}

#[test]
fn the_documented_numbers_are_those_of_the_networks() {
    fn check<N: Network>(name: &str, _: &N) {
        let row =
            DOCUMENT.lines().find(|line| line.starts_with(&format!("| [{name}](#"))).expect("a line for each network");
        let shapes = [format!("{:?}", N::Input::default()), format!("{:?}", OutputOf::<N>::default())];
        let numbers = [N::PARAMS, N::MACS].map(|number| number.to_string());
        let cells = cells(row);
        assert_eq!(cells[1..3], shapes, "{name}");
        assert_eq!([cells[3], cells[4]].map(|cell| cell.replace(',', "")), numbers, "{name}");
    }
    each_network!(check);
}

#[test]
fn vgg16_bn_has_the_names_of_torchvision() {
    assert!(documented("Vgg16Bn").iter().all(|row| row[0] == row[1]));
}

#[test]
fn resnet18_has_the_names_of_torchvision_but_for_two_rules() {
    // the activation between two blocks is a stage, and a shortcut is called by its name
    for row in documented("ResNet18") {
        let blocks = (1..=4).map(|layer| [1, 2].map(|block| format!("layer{layer}.{block}.")));
        let name =
            blocks.fold(row[1].replace("downsample", "shortcut"), |name, [theirs, ours]| name.replace(&theirs, &ours));
        assert_eq!(row[0], name);
    }
}
