//! What a network gets wrong.

use super::captioned::{Captioned, captioned};
use super::picture::Picture;
use super::svg::Svg;
use crate::data::Dataset;
use crate::element::Element;
use crate::loss::softmax;
use crate::model::{Model, OutputOf};
use crate::network::Network;
use crate::shape::Shape;
use crate::shape::rules::Scores;
use crate::train::answer;

/// Samples that are in memory at once.
const TOGETHER: usize = 256;

/// The samples that a network takes for another class, the surest of its mistakes first and at most `most` of them: each with the class that it says, how sure it is, and
/// the class that it is. Samples of which it says nothing, because an output is not a number, come first of all.
///
/// # Panics
///
/// If there are fewer names than classes.
///
/// # Examples
///
/// ```
/// use shapewright::data::digits;
/// use shapewright::plot::mistakes;
/// use shapewright::prelude::*;
///
/// let (_, test) = digits();
/// let model = Model::new(net!(Image<1, 8, 8> => flatten >> dense(10)), 1); // it has learned nothing
/// let names: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
/// let svg = mistakes(&model, &test, &names, 12);
/// assert_eq!(svg.to_string().matches("<image").count(), 12);
/// ```
#[must_use]
pub fn mistakes<N, E, Name: AsRef<str>, const CLASSES: usize>(
    model: &Model<N, E>,
    data: &Dataset<N::Input, CLASSES, E>,
    names: &[Name],
    most: usize,
) -> Svg
where
    N: Network,
    E: Element,
    OutputOf<N>: Scores,
{
    let mut wrong = Vec::new();
    let indices: Vec<usize> = (0..data.len()).collect();
    for indices in indices.chunks(TOGETHER) {
        let outputs = model.forward(&data.inputs().select(indices));
        for (&index, output) in indices.iter().zip(outputs.iter()) {
            let said = answer(output);
            if said != Some(data.labels().as_slice()[index]) {
                let mut probabilities = vec![E::zero(); output.len()];
                softmax(output, &mut probabilities);
                let sure = said.map_or(f64::INFINITY, |class| probabilities[class].as_f64());
                wrong.push((sure, index, said));
            }
        }
    }
    wrong.sort_by(|a, b| b.0.total_cmp(&a.0));
    let name = |class: usize| names[class].as_ref();
    let caption = |&(sure, index, said): &(f64, usize, Option<usize>)| {
        let values: Vec<f64> = data.inputs().sample(index).iter().map(|value| value.as_f64()).collect();
        Captioned {
            picture: Picture::of_sample(N::Input::DIMS, &values),
            first: said.map_or("gives NaN".to_owned(), |class| format!("says {}, {:.0} %", name(class), 100.0 * sure)),
            second: format!("is {}", name(data.labels().as_slice()[index])),
        }
    };
    let pictures: Vec<Captioned> = wrong.iter().take(most).map(caption).collect();
    captioned(&format!("{} of {} taken for another class", wrong.len(), data.len()), &pictures, 6)
}
