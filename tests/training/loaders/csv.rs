//! Text files of numbers.

use proptest::prelude::*;
use shapewright::data::{LabelColumn, csv};
use shapewright::prelude::*;

use super::bytes::{damage, gzip};
use super::reason;
use crate::folder::Folder;

type Data = Dataset<Vector<2>, 3>;

fn read(text: impl AsRef<[u8]>, label: LabelColumn) -> Result<Data, shapewright::Error> {
    let folder = Folder::new(&format!("csv-{:?}", std::thread::current().id()));
    csv(folder.write("data.csv", text), label)
}

#[test]
fn values_are_exact() {
    let texts = [
        "1,0.1,-2\n0,3e2,+4\n",
        "kind,a,b\r\n1,0.1,-2\r\n0,3e2,+4",
        "\u{feff}\"kind\",\"a\",\"b\"\n\n 1 , \"0.1\" ,-2\n\n0,300,4\n\n",
    ];
    for text in texts {
        for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
            let data = read(bytes, LabelColumn::First).unwrap();
            assert_eq!(data.inputs().as_slice(), [0.1, -2.0, 300.0, 4.0], "{text}");
            assert_eq!(data.labels().as_slice(), [1, 0], "{text}");
        }
    }
    assert_eq!(read("1,2,0", LabelColumn::Last).unwrap().labels().as_slice(), [0]);
    assert_eq!(reason(read("a,b,c\n\n", LabelColumn::Last)), "line 3: there are no samples");
    assert_eq!(reason(read("", LabelColumn::Last)), "line 1: there are no samples");
}

#[test]
fn mistakes_are_refused_with_line_and_column() {
    let cases: [(&[u8], &str); 9] = [
        (b"1,2,0\n1,2\n", "line 2: the number of values must be 3, but is 2"),
        (b"1,2,0,\n", "line 1: the number of values must be 3, but is 4"),
        (b"a,b,c\n1,x,0\n", "line 2, column 2: `x` is not a finite number"),
        (b"1,2,0\na,b,c\n", "line 2, column 1: `a` is not a finite number"),
        (b"nan,2,0\n", "line 1, column 1: `nan` is not a finite number"),
        (b"1,1e39,0\n", "line 1, column 2: `1e39` is not a finite number"),
        (b"1,2,3\n", "line 1, column 3: `3` is not one of 3 classes, 0 to 2"),
        (b"1,2,-1\n", "line 1, column 3: `-1` is not one of 3 classes, 0 to 2"),
        (b"1,2,0\n1,\xff,0\n", "line 2: invalid utf-8 sequence of 1 bytes from index 2"),
    ];
    for (text, expected) in cases {
        assert_eq!(reason(read(text, LabelColumn::Last)), expected);
    }
}

#[test]
fn a_long_field_is_shortened() {
    let long = format!("{},1,0", "x".repeat(1000));
    let reason = reason(read(long, LabelColumn::Last));
    assert_eq!(reason, format!("line 1, column 1: `{}` is not a finite number", "x".repeat(40)));
}

proptest! {
    #[test]
    fn damaged_files_do_no_harm(damage in damage(), packed: bool) {
        let text = b"kind,a,b\n1,0.1,-2\n0,3e2,+4\n\"2\",1,1\n";
        let bytes = damage.to(&if packed { gzip(text) } else { text.to_vec() });
        if let Ok(data) = read(bytes, LabelColumn::First) {
            prop_assert!(data.inputs().as_slice().iter().all(|value| value.is_finite()));
            prop_assert_eq!(data.inputs().as_slice().len(), 2 * data.labels().len());
        }
    }
}
