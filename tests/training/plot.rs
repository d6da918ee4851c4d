//! Pictures: their structure is checked here, and they are left in the target folder (`tmp/`) to be looked at.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use flate2::Crc;
use shapewright::data::digits;
use shapewright::plot::{Captioned, Curve, Panel, Picture, Svg, captioned, confusion, curves, filters, maps, mistakes};
use shapewright::prelude::*;
use shapewright::{Error, Network};

net! {
    DigitsNet: Image<1, 8, 8> => Vector<10> =
        conv(1=>16, k3, pad1) >> relu >> conv(16=>32, k3, pad1) >> relu >> pool2 >> flatten >> dense(64) >> relu >> dense(10)
}

/// What lies between the pictures of a grid.
const BETWEEN: [u8; 3] = [104, 112, 122];

/// Where a picture is left.
fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Saves a picture, in pixels, too, checks that it is well-formed, and counts its elements.
fn elements(name: &str, svg: &Svg) -> HashMap<String, usize> {
    let pixels = path(name).with_extension("png");
    svg.save(&pixels).unwrap();
    let pixels = Picture::open(pixels).unwrap();
    let size = [pixels.width(), pixels.height()];
    assert!(size.iter().zip(svg.size()).all(|(&pixels, size)| (pixels as f64 - 2.0 * size).abs() <= 0.5));
    svg.save(path(name)).unwrap();
    let text = fs::read_to_string(path(name)).unwrap();
    assert_eq!(text, svg.to_string());
    well_formed(&text)
}

/// A tiny reader of XML: tags are closed in order, attributes stand in quotes, `<` and `&` are escaped. Gives the number of each tag.
fn well_formed(text: &str) -> HashMap<String, usize> {
    let (mut open, mut counts, mut rest) = (Vec::new(), HashMap::new(), text);
    while let Some((between, behind)) = rest.split_once('<') {
        let entities = ["&lt;", "&gt;", "&amp;"].iter().map(|entity| between.matches(entity).count()).sum::<usize>();
        assert!(
            entities == between.matches('&').count() && !between.contains('>') || open == ["svg", "style"],
            "{between}"
        );
        let (tag, behind) = behind.split_once('>').expect("a tag ends");
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name = tag.split(' ').next().unwrap();
        let mut attributes = &tag[name.len()..];
        while let Some((attribute, value)) = attributes.split_once("=\"") {
            assert!(attribute.trim().chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'), "{tag}");
            assert!(!value.starts_with("NaN") && !value.starts_with("inf"), "{tag}");
            attributes = value.split_once('"').expect("a value ends").1;
        }
        assert_eq!(attributes.trim(), "", "{tag}");
        *counts.entry(name.to_owned()).or_default() += 1;
        if !closed {
            open.push(name);
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty());
    counts
}

/// The numbers of an attribute of all elements.
fn numbers(svg: &Svg, attribute: &str) -> Vec<f64> {
    let text = svg.to_string();
    let attribute = format!(" {attribute}=\"");
    let values = text.split(&attribute).skip(1).map(|rest| rest.split('"').next().unwrap());
    values
        .flat_map(|value| value.split([' ', ',']).map(|number| number.parse().unwrap()).collect::<Vec<f64>>())
        .collect()
}

/// A model that has seen the digits for a while.
fn trained() -> Model<DigitsNet> {
    let (train, _) = digits();
    let (mut model, mut adam) = (Model::new(DigitsNet, 1), Adam::new(0.003));
    let indices: Vec<usize> = (0..train.len()).collect();
    for _ in 0..6 {
        for indices in indices.chunks(32) {
            let batch = train.select(indices);
            model.step(batch.inputs(), batch.labels(), &CrossEntropy, &mut adam).unwrap();
        }
    }
    model
}

#[test]
fn curves_are_drawn_where_there_are_numbers() {
    let loss = (0..20).map(|epoch| 2.1 * (-0.35 * f64::from(epoch)).exp() + 0.03);
    let held_out =
        (0..20).map(|epoch| if epoch == 9 { f64::NAN } else { 1.6 * (-0.3 * f64::from(epoch)).exp() + 0.07 });
    let accuracy = (0..20).map(|epoch| 0.98 - 0.5 * (-0.4 * f64::from(epoch)).exp());
    let panels = [
        Panel { title: "loss".into(), curves: vec![Curve::of("training", loss), Curve::of("held <out>", held_out)] },
        Panel { title: "accuracy".into(), curves: vec![Curve::of("held <out>", accuracy)] },
    ];
    let svg = curves("epoch", &panels);
    let counts = elements("curves.svg", &svg);
    assert_eq!(counts["polyline"], 4, "an interrupted curve is two");
    assert_eq!(counts["circle"], 59);
    for label in ["loss", "accuracy", "training", "held &lt;out&gt;", "epoch", "0.5", "2.5", "20"] {
        assert!(svg.to_string().contains(&format!(">{label}</text>")), "{label}");
    }
    let colours: Vec<_> =
        svg.to_string().split("<polyline class=\"curve ").skip(1).map(|rest| rest[..2].to_owned()).collect();
    assert_eq!(colours, ["c0", "c1", "c1", "c1"], "one for each name");
    assert!(svg.to_string().contains(">0.6</text>") && !svg.to_string().contains(">0.60</text>"), "no digit too many");
    let points = numbers(&svg, "points");
    assert_eq!(points.len(), 2 * 59);
    assert!(points.chunks(2).all(|point| (52.0..=756.0).contains(&point[0]) && (44.0..=256.0).contains(&point[1])));
    assert!(points[1] < points[3], "the loss falls, so that its points go down the page");
    let dots = numbers(&svg, "cy");
    assert_eq!(dots.len(), 59);
}

#[test]
fn curves_of_a_point_or_of_nothing_are_pictures() {
    for values in [vec![], vec![0.3], vec![0.0, 0.0], vec![f64::INFINITY; 3], vec![-1e-30, 1e-30], vec![1e12, -1e12]] {
        let svg =
            curves("step", &[Panel { title: "loss".into(), curves: vec![Curve::of("training", values.clone())] }]);
        well_formed(&svg.to_string());
        let texts = svg.to_string().matches("<text").count();
        assert!((4..40).contains(&texts), "{values:?}: {texts} texts");
    }
    well_formed(&curves("step", &[]).to_string());
    let many = Curve::of("loss", (0..5_000).map(|step| f64::from(step).sin()));
    let counts = well_formed(&curves("step", &[Panel { title: String::new(), curves: vec![many] }]).to_string());
    assert!(!counts.contains_key("circle"));
}

#[test]
fn a_confusion_matrix_has_a_cell_for_each_pair() {
    let (_, test) = digits();
    let outputs = trained().forward(test.inputs());
    let mut counts = vec![vec![0; 10]; 10];
    for (output, &label) in outputs.iter().zip(test.labels().as_slice()) {
        let said = (0..10).max_by(|&a, &b| output[a].total_cmp(&output[b])).unwrap();
        counts[label][said] += 1;
    }
    let names: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    let svg = confusion(&counts, &names);
    let filled = counts.iter().flatten().filter(|&&count| count > 0).count();
    assert_eq!(elements("confusion.svg", &svg)["rect"], 1 + 100 + filled);
    assert_eq!(svg.to_string().matches(" %</text>").count(), 10);
    let named = confusion(&[vec![3, 0, 1], vec![0, 0, 0], vec![2, 2, 2]], &["a rather long name", "b", "c & d"]);
    assert_eq!(elements("confusion-named.svg", &named)["rect"], 1 + 9 + 5);
    assert!(named.to_string().contains("rotate(-90"));
    assert_eq!(named.to_string().matches(" %</text>").count(), 2, "a class without samples has no share");
}

#[test]
fn filters_are_tiles_of_one_scale() {
    let model = trained();
    let picture = filters(model.param("0.weight").unwrap());
    assert_eq!([picture.width(), picture.height()], [4 * 76 + 4; 2]);
    let second = filters(model.param("2.weight").unwrap());
    assert_eq!([second.width(), second.height()], [16 * 76 + 4, 32 * 76 + 4]);
    picture.save(path("filters.png")).unwrap();

    let mut model = Model::new(net!(Image<1, 4, 4> => conv(1=>2, k(1, 3)) >> flatten >> dense(2)), 1);
    model.param_mut("0.weight").unwrap().values.copy_from_slice(&[-2.0, 0.0, 2.0, 1.0, 0.0, 0.5]);
    let picture = filters(model.param("0.weight").unwrap());
    let at = |x: usize| picture.pixels()[8 * picture.width() + 4 + 12 + x];
    assert_eq!([at(0), at(24), at(48)], [[33, 102, 172], [255; 3], [178, 24, 43]], "blue, white, red");
    assert_eq!(picture.pixels()[0], BETWEEN, "between filters");
    let colours = Model::new(net!(Image<3, 8, 8> => conv(3=>8, k5) >> flatten >> dense(2)), 1);
    let picture = filters(colours.param("0.weight").unwrap());
    assert_eq!([picture.width(), picture.height()], [4 * 74 + 4, 2 * 74 + 4]);
    picture.save(path("filters-colour.png")).unwrap();
}

#[test]
fn stages_are_seen_as_they_come_together() {
    net! {
        Stem: Image<3, 8, 8> => Image<4, 8, 8> = first: conv(3=>4, k3, pad1) >> batchnorm >> relu;
        Whole: Image<3, 8, 8> => Vector<5> =
            relu >> Stem >> repeat(2, relu >> conv(4, k3, pad1)) >> relu >> residual(conv(4, k3, pad1) >> batchnorm) >> relu
            >> concat(identity | conv(4, k1) >> tanh) >> block: (dropout(0.5) >> conv(6, k3) >> gelu >> pool2) >> flatten
            >> relu >> relu >> dense(5) >> softmax
    }
    let mut model = Model::new(Whole, 1);
    for name in ["1.1.running_var", "4.1.running_mean"] {
        model.statistic_mut(name).unwrap().values.iter_mut().for_each(|value| *value += 0.5);
    }
    let x = Tensor::<Image<3, 8, 8>>::from_fn(|index| (index as f32).sin());
    let stages = model.stages(&x);
    let names: Vec<&str> = stages.iter().map(|seen| &*seen.name).collect();
    let expected = [
        "0", "1.first", "1.1", "1.2", "2", "3", "4", "5", "6", "block.0", "block.1", "block.2", "block.3", "8", "9",
        "10", "11", "12",
    ];
    assert_eq!(names, expected);
    assert!(stages.iter().all(|seen| seen.values.len() == seen.dims.iter().product::<usize>()));
    assert_eq!(stages[0].values, x.iter().map(|value| value.max(0.0)).collect::<Vec<_>>());
    assert!(stages[3].values.iter().zip(&stages[2].values).all(|(after, before)| *after == before.max(0.0)));
    let y = model.forward(&Batch::from_slice(1, x.as_slice()).unwrap());
    for (seen, whole) in stages.last().unwrap().values.iter().zip(y.as_slice()) {
        assert!((seen - whole).abs() < 1e-6, "{seen} {whole}");
    }
    elements("maps-of-everything.svg", &maps(&stages));
}

#[test]
fn feature_maps_have_a_row_for_each_stage() {
    let (_, test) = digits();
    let svg = maps(&trained().stages(&test.inputs().tensor(3).unwrap()));
    let counts = elements("maps.svg", &svg);
    assert_eq!(counts["image"], 5 * 12 + 3, "five stages of maps, three of features");
    assert_eq!(svg.to_string().matches("+ 4</text>").count(), 2);
    assert_eq!(svg.to_string().matches("+ 20</text>").count(), 3);
    assert_eq!(numbers(&svg, "height")[0], svg.size()[1]);
}

#[test]
fn mistakes_are_shown_the_surest_first() {
    let (_, test) = digits();
    let names: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    let untrained = Model::new(DigitsNet, 1);
    let svg = mistakes(&untrained, &test, &names, 18);
    assert_eq!(elements("mistakes-untrained.svg", &svg)["image"], 18);
    let text = svg.to_string();
    let sure: Vec<f64> =
        text.split(" %<").map(|before| before.rsplit(' ').next().unwrap().parse().unwrap_or(0.0)).collect();
    assert!(sure[..18].is_sorted_by(|a, b| a >= b), "{sure:?}");
    let outputs = untrained.forward(test.inputs());
    let right = outputs
        .iter()
        .zip(test.labels().as_slice())
        .filter(|(output, label)| (0..10).max_by(|&a, &b| output[a].total_cmp(&output[b])).unwrap() == **label);
    assert!(text.contains(&format!("{} of 360 taken for another class", 360 - right.count())));
    elements("mistakes.svg", &mistakes(&trained(), &test, &names, 18));
    elements("nothing.svg", &captioned("nothing", &[], 6));
    let one = Captioned { picture: Picture::from_fn(3, 2, |_, _| [1; 3]), first: "<a>".into(), second: "b".into() };
    assert_eq!(elements("one.svg", &captioned("one & only", &[one], 6))["image"], 1);
}

#[test]
fn pictures_go_to_files_and_back() {
    let picture = Picture::from_fn(5, 3, |x, y| [[0, 50, 100, 150, 200][x], [0, 100, 200][y], 7]);
    picture.save(path("small.png")).unwrap();
    assert_eq!(Picture::open(path("small.png")).unwrap(), picture);
    let mut ppm = b"P6 # made by hand\n5\t3\n255\n".to_vec();
    ppm.extend(picture.pixels().as_flattened());
    assert_eq!(Picture::from_bytes(&ppm).unwrap(), picture);
    let grey = Picture::from_bytes(b"P5 2 1 255 \x00\xff").unwrap();
    assert_eq!(grey.pixels(), [[0; 3], [255; 3]]);
    let tensor = picture.to_tensor::<3, 5, f32>().unwrap();
    assert_eq!(tensor.as_slice()[4], 200.0 / 255.0);
    assert_eq!(tensor.as_slice()[15 + 14], 200.0 / 255.0);
    assert!(matches!(picture.to_tensor::<5, 3, f32>(), Err(Error::Length { expected: 5, found: 3 })));
    assert_eq!(
        Picture::of_sample(&[3, 3, 5], &tensor.iter().map(|&value| value.into()).collect::<Vec<f64>>()).height(),
        3
    );

    for (bytes, expected) in [
        (&b"P6 5 x"[..], "width, height and largest value are not numbers"),
        (b"P6 1 1 65535 123456", "the largest value is 65535, but must be 255"),
        (b"P6 1 1 255", "there are no pixels"),
        (b"P6 0 0 255 ", "0 \u{d7} 0 pixels are no picture"),
        (b"P5 0 7 255 ", "0 \u{d7} 7 pixels are no picture"),
        (b"P6 1 1 255 12", "1 \u{d7} 1 pixels are not 2 bytes"),
        (b"P5 99999999999999 99999999999999 255 ", "99999999999999 \u{d7} 99999999999999 pixels are not 0 bytes"),
    ] {
        assert_eq!(Picture::from_bytes(bytes).unwrap_err().to_string(), format!("malformed file: {expected}"));
    }
    for (width, height, said) in [
        (0, 5, "the width of a PNG file is 0, but must be 1 to 2,147,483,647 pixels"),
        (5, 0, "the height of a PNG file is 0, but must be 1 to 2,147,483,647 pixels"),
    ] {
        let error = Picture::from_fn(width, height, |_, _| [0; 3]).save(path("nothing.png")).unwrap_err();
        assert_eq!(error.to_string(), said);
    }
    let png = picture.to_png().unwrap();
    for length in 0..png.len() - 12 {
        assert!(matches!(Picture::from_bytes(&png[..length]), Err(Error::Format { .. })), "{length}");
    }
    assert!(matches!(Picture::open(path("none.png")), Err(Error::Io { .. })));
}

/// A PNG file's header is no reason to ask for memory that its bytes cannot fill.
#[test]
fn a_picture_is_not_larger_than_its_file() {
    let mut png = Picture::from_fn(1, 1, |_, _| [7; 3]).to_png().unwrap();
    for side in [20_000_u32, 1_000_000] {
        png[16..20].copy_from_slice(&side.to_be_bytes());
        png[20..24].copy_from_slice(&side.to_be_bytes());
        let mut checksum = Crc::new();
        checksum.update(&png[12..29]);
        png[29..33].copy_from_slice(&checksum.sum().to_be_bytes());
        let said = Picture::from_bytes(&png).unwrap_err().to_string();
        let expected =
            format!("malformed file: {side} \u{d7} {side} pixels are more than a file of {} bytes holds", png.len());
        assert_eq!(said, expected);
    }
    // As much as deflate can do: white of four million pixels in four thousand bytes.
    let white = Picture::from_fn(2000, 2000, |_, _| [255; 3]);
    assert_eq!(Picture::from_bytes(&white.to_png().unwrap()).unwrap(), white);
}

/// What is drawn in pixels is where the lines and texts say, in their colours.
#[test]
fn lines_and_texts_are_drawn_as_pixels() {
    let svg = confusion(&[vec![9, 1], vec![0, 0]], &["a", "b"]);
    let picture = svg.to_picture();
    let at = |x: usize, y: usize| picture.pixels()[y * picture.width() + x];
    let text = svg.to_string();
    let cell = text.split("<rect class=\"cell\" ").nth(1).unwrap();
    let [x, y] = ["x", "y"].map(|name| {
        let value = cell.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        2 * value.parse::<usize>().unwrap()
    });
    assert_eq!(at(0, 0), [255; 3]);
    // nine of ten are right: blue of that opacity; one is not: orange beside it; nothing below
    assert_eq!(at(x + 6, y + 6), [255 - 222, 255 - 136, 255 - 75]);
    assert_eq!(at(x + 72 + 6, y + 6), [240, 191, 154]);
    assert_eq!(at(x + 6, y + 72 + 6), [255; 3]);
    // the edge of an empty cell, and the count in the middle of the first, in white
    assert_eq!(at(x + 30, y + 72), [227, 231, 236]);
    let inside = (0..68).flat_map(|row| (0..68).map(move |column| (row, column)));
    assert_eq!(inside.filter(|&(row, column)| at(x + column, y + row) == [255; 3]).count(), 4 * 15, "the dots of a 9");

    let photo = Picture::from_fn(2, 1, |x, _| [[255, 0, 0], [0, 0, 255]][x]);
    let svg = photo.to_svg();
    assert_eq!((svg.size(), svg.to_string().matches("<image").count()), ([2.0, 1.0], 1));
    let pixels = svg.to_picture();
    assert_eq!(pixels, photo.enlarged(2));
    photo.save(path("photo.SVG")).unwrap();
    assert_eq!(fs::read_to_string(path("photo.SVG")).unwrap(), svg.to_string());
    Picture::from_fn(0, 3, |_, _| [0; 3]).save(path("nothing.svg")).unwrap(); // which SVG can hold
}

#[test]
fn a_grid_keeps_its_pictures_apart() {
    let tile = |value: u8| Picture::from_fn(2, 1, move |_, _| [value; 3]);
    let grid = Picture::grid(&[tile(1), tile(2), tile(3)], 2, 1);
    assert_eq!([grid.width(), grid.height()], [7, 5]);
    let row = |y: usize| grid.pixels()[7 * y..][..7].iter().map(|pixel| pixel[0]).collect::<Vec<_>>();
    assert_eq!(row(1), [104, 1, 1, 104, 2, 2, 104]);
    assert_eq!(row(3), [104, 3, 3, 104, 104, 104, 104]);
    assert_eq!([0, 2, 4].map(|y| row(y) == [104; 7]), [true; 3]);
    assert_eq!(Picture::grid(&[], 3, 2).pixels().len(), 8);
    assert_eq!(tile(9).enlarged(3).pixels(), [[9; 3]; 18]);
}

#[test]
fn a_network_of_any_kind_is_watched() {
    fn last<N: Network>(network: N) {
        let model = Model::new(network, 3);
        let x = Tensor::<N::Input>::from_fn(|index| (0.7 * index as f32).cos());
        let y = model.forward(&Batch::from_slice(1, x.as_slice()).unwrap());
        let stages = model.stages(&x);
        let seen = &stages.last().unwrap().values;
        assert!(seen.iter().zip(y.as_slice()).all(|(a, b)| (a - b).abs() < 1e-5), "{seen:?} {y:?}");
        assert!(maps(&stages).size()[0] > 0.0);
    }
    last(net!(Sequence<2, 16> => conv(4, k3) >> relu >> pool2 >> flatten >> dense(3)));
    last(net!(Vector<4> => relu));
    last(net!(Image<2, 4, 4> => repeat(3, relu >> conv(2, k3, pad1))));
    last(net!(Image<2, 4, 4> => repeat(2, prelu >> sum(conv(2, k3, pad1) | identity))));
}
