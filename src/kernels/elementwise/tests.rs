//! Every function at every level and length, against double precision at the level of any processor.

use super::{Elementwise, apply, apply_gradient, map, map_gradient};
use crate::element::Element;
use crate::kernels::simd::Level;
use crate::layers;

/// Fails unless all ways and levels agree to a few units in the last place.
fn check<F: Elementwise<f32> + Elementwise<f64>>(name: &str, function: F) {
    for length in (0..40).chain([1000]) {
        let at: Vec<f64> = (0..length).map(|index| f64::from((index * 37 + 11) % 101) / 8.5 - 5.9).collect();
        let dy: Vec<f64> = (0..length).map(|index| f64::from((index * 13 + 5) % 17) / 8.0 - 1.0).collect();
        let [mut y, mut dx] = [(); 2].map(|()| vec![f64::NAN; at.len()]);
        map(Level::Portable, function, &at, &mut y);
        map_gradient(Level::Portable, function, &at, &dy, &mut dx);
        for level in Level::available() {
            check_level::<f32, F>(name, function, level, [&at, &dy, &y, &dx]);
            check_level::<f64, F>(name, function, level, [&at, &dy, &y, &dx]);
        }
    }
}

fn check_level<E: Element, F: Elementwise<E>>(name: &str, function: F, level: Level, values: [&[f64]; 4]) {
    let [at, dy, y, dx] = values.map(|values| values.iter().map(|&value| E::from_f64(value)).collect::<Vec<E>>());
    let (mut mapped, mut applied) = (vec![E::nan(); at.len()], at.clone());
    map(level, function, &at, &mut mapped);
    apply(level, function, &mut applied);
    let (mut mapped_gradient, mut applied_gradient) = (vec![E::nan(); at.len()], dy.clone());
    map_gradient(level, function, &at, &dy, &mut mapped_gradient);
    apply_gradient(level, function, &at, &mut applied_gradient);
    assert_eq!((&mapped, &mapped_gradient), (&applied, &applied_gradient));
    for (ours, expected) in mapped.iter().chain(&mapped_gradient).zip(y.iter().chain(&dx)) {
        let error = (*ours - *expected).abs().as_f64();
        let tolerance = 40.0 * E::epsilon().as_f64() * expected.abs().as_f64().max(1.0);
        assert!(error <= tolerance, "{level:?}: {name} gives {ours}, not {expected}");
    }
}

#[test]
fn levels_agree() {
    check("relu", layers::Relu);
    check("relu6", layers::Relu6);
    check("leaky_relu", layers::LeakyRelu::new(0.1));
    check("elu", layers::Elu::new(0.5));
    check("selu", layers::Selu);
    check("sigmoid", layers::Sigmoid);
    check("tanh", layers::Tanh);
    check("softplus", layers::Softplus);
    check("gelu", layers::Gelu);
    check("gelu_tanh", layers::GeluTanh);
    check("silu", layers::Silu);
    check("mish", layers::Mish);
    check("hard_swish", layers::HardSwish);
}
