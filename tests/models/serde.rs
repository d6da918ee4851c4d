//! Tensors, batches and labels as data, and what is refused on the way in.

use serde_json::{from_str, to_string};
use shapewright::prelude::*;

#[test]
fn a_tensor_is_a_flat_list() {
    let tensor = Tensor::<Image<1, 2, 2>>::from([[[1.0, 0.1], [-2.5, 1e-30]]]);
    let text = to_string(&tensor).unwrap();
    assert_eq!(text, "[1.0,0.1,-2.5,1e-30]");
    assert_eq!(from_str::<Tensor<Image<1, 2, 2>>>(&text).unwrap(), tensor);
    let sharp = Tensor::<Vector<1>, f64>::from([0.1]);
    assert_eq!(from_str::<Tensor<Vector<1>, f64>>(&to_string(&sharp).unwrap()).unwrap(), sharp);
}

#[test]
fn a_tensor_of_another_length_is_refused() {
    let error = from_str::<Tensor<Image<1, 2, 2>>>("[1, 2, 3]").unwrap_err();
    assert_eq!(error.to_string(), "the number of values must be 4, but is 3");
}

#[test]
fn a_batch_says_how_many_samples_it_has() {
    let batch = Batch::<Vector<2>>::from([[1.0, 2.0], [3.0, 4.0]]);
    let text = to_string(&batch).unwrap();
    assert_eq!(text, r#"{"samples":2,"values":[1.0,2.0,3.0,4.0]}"#);
    assert_eq!(from_str::<Batch<Vector<2>>>(&text).unwrap(), batch);
    let empty = Batch::<Vector<2>>::zeros(0);
    assert_eq!(from_str::<Batch<Vector<2>>>(&to_string(&empty).unwrap()).unwrap(), empty);
}

#[test]
fn a_batch_of_another_length_is_refused() {
    let refused = |text| from_str::<Batch<Vector<2>>>(text).unwrap_err().to_string();
    assert_eq!(refused(r#"{"samples": 3, "values": [1, 2, 3, 4]}"#), "the number of values must be 6, but is 4");
    // 2⁶³ samples of 2 values are 2⁶⁴, which wraps to none.
    let wraps = format!(r#"{{"samples": {}, "values": []}}"#, usize::MAX / 2 + 1);
    assert_eq!(refused(&wraps), format!("the number of values must be {}, but is 0", usize::MAX));
    assert!(refused(r#"{"samples": 0, "values": [], "shape": [2]}"#).contains("unknown field `shape`"));
    assert!(refused(r#"{"values": []}"#).contains("missing field `samples`"));
}

#[test]
fn labels_are_checked() {
    let labels = Labels::<10>::new(&[3, 0, 9]).unwrap();
    let text = to_string(&labels).unwrap();
    assert_eq!(text, "[3,0,9]");
    assert_eq!(from_str::<Labels<10>>(&text).unwrap(), labels);
    let error = from_str::<Labels<10>>("[3, 10]").unwrap_err();
    assert_eq!(error.to_string(), "label 10 at position 1 is not one of 10 classes, 0 to 9");
}
