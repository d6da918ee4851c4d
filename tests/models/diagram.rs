//! The pictures in `docs` are those that the code draws today.
//!
//! After a change, `DIAGRAMS=overwrite cargo test --test models diagram` draws them anew; they are to be looked at.

use std::path::Path;

use shapewright::prelude::*;

net! {
    LeNet: Image<1, 28, 28> => Vector<10> =
        conv(1=>6, k5, pad2) >> relu >> pool2 >> conv(6=>16, k5) >> relu >> pool2
        >> flatten >> fc1: dense(120) >> relu >> fc2: dense(84) >> relu >> dense(10);
    /// Blocks of all kinds.
    Blocks: Image<3, 32, 32> => Vector<10> =
        stem: conv(16, k3, pad1, nobias) >> batchnorm >> relu
        >> repeat(2, residual(conv(16, k3, pad1) >> relu >> conv(16, k3, pad1)) >> relu)
        >> down: residual(conv(32, k3, s2, pad1) >> relu >> conv(32, k3, pad1) | conv(32, k1, s2)) >> relu
        >> concat(conv(16, k1) | conv(8, k1) >> conv(24, k3, pad1) | maxpool(k3, s1, pad1) >> conv(8, k1)) >> relu
        >> global_avgpool >> flatten >> dropout(0.2) >> dense(10);
    Signal: Sequence<2, 64> => Vector<3> = conv(8, k5, s2) >> gelu >> sum(identity | sigmoid | conv(8, k3, pad1)) >> flatten >> dense(3);
    Nested: Sequence<2, 64> => Vector<4> = concat(concat(relu | identity) | residual(residual(relu) >> relu | tanh)) >> flatten >> dense(20) >> Head;
    Head: Vector<20> => Vector<4> = out: (dense(30) >> relu >> dense(4));
    Labelled: Vector<4> => Vector<4> = twice: repeat(2, inner: dense(4) >> relu) >> sides: sum(relu | again: dense(4)) >> head: Last;
    Last: Vector<4> => Vector<4> = dense(4) >> tail: residual(relu);
}

fn check(name: &str, svg: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("DIAGRAMS").is_some_and(|value| value == "overwrite") {
        std::fs::write(&path, svg).unwrap();
    }
    assert_eq!(svg, std::fs::read_to_string(&path).unwrap(), "docs/{name} shows another network");
}

#[test]
fn the_pictures_in_the_docs_are_todays() {
    check("lenet.svg", &LeNet::diagram());
    check("blocks.svg", &Blocks::diagram());
}

/// Every stage is drawn once; of copies the first alone.
#[test]
fn every_stage_is_drawn() {
    let boxes = |svg: &str| svg.matches("height=\"26\"").count();
    assert_eq!(boxes(&LeNet::diagram()), LeNet::summary().stages().len());
    assert_eq!(boxes(&Blocks::diagram()), Blocks::summary().stages().len() - 4);
    assert_eq!(boxes(&Signal::diagram()), Signal::summary().stages().len());
    assert_eq!(boxes(&Nested::diagram()), Nested::summary().stages().len());
}

/// As stages do, groups show their own name.
#[test]
fn groups_show_their_labels() {
    assert!(Blocks::diagram().contains(">down<") && Nested::diagram().contains(">out<"));
    let svg = Labelled::diagram();
    for label in ["twice × 2", "inner", "sides", "again", "head", "tail"] {
        assert_eq!(svg.matches(&format!(">{label}<")).count(), 1, "{label}");
    }
}

#[test]
fn shapes_stand_at_the_joints() {
    let svg = Signal::diagram();
    for shape in ["2 × 64", "8 × 30", "240", ">3<"] {
        assert!(svg.contains(shape), "{shape}");
    }
    assert_eq!(Signal::PARAMS, (2 * 5 * 8 + 8) + (8 * 3 * 8 + 8) + (240 * 3 + 3));
    assert!(svg.contains("Conv1d 5 /2") && svg.contains(">1,011 parameters · "), "{svg}");
}

/// As wide as the root of how many values a stage gives, beside what its letters need.
#[test]
fn stages_are_sized_by_their_activations() {
    let svg = LeNet::diagram();
    let stages = svg.lines().filter(|line| line.starts_with("<rect") && line.contains("height=\"26\""));
    let widths: Vec<f64> = stages.map(|stage| attribute(stage, "width")).collect();
    let roots: Vec<f64> =
        LeNet::summary().stages().iter().map(|stage| (stage.dims.iter().product::<usize>() as f64).sqrt()).collect();
    let (first, last) = (0, roots.len() - 1);
    let scale = (widths[first] - widths[last]) / (roots[first] - roots[last]);
    assert!(scale > 1.0, "{widths:?}");
    assert_eq!(widths.len(), roots.len());
    for (width, root) in widths.iter().zip(&roots) {
        let expected = widths[last] + scale * (root - roots[last]);
        assert!((width - expected).abs() <= 1.5, "{width} wide, not {expected}: {widths:?}");
    }
}

fn attribute(element: &str, name: &str) -> f64 {
    let (_, rest) = element.split_once(&format!(" {name}=\"")).unwrap();
    rest.split_once('"').unwrap().0.parse().unwrap()
}

/// Everything is inside the picture, and every number is one.
#[test]
fn nothing_is_outside() {
    for svg in [LeNet::diagram(), Blocks::diagram(), Signal::diagram(), Nested::diagram()] {
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        let width = attribute(&svg, "width");
        for element in svg.lines().filter(|line| line.starts_with("<rect")) {
            let (x, across) = (attribute(element, "x"), attribute(element, "width"));
            assert!(x >= 0.0 && x + across <= width, "{element}");
        }
    }
}

#[test]
fn a_summary_is_complete() {
    let text = Nested::summary().to_string();
    assert!(text.contains("3.out.0") && text.contains("7,700"), "{text}");
    assert!(Head::summary().to_string().ends_with("754           720\n"), "{}", Head::summary());
}
