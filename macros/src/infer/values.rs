//! Dense layers, layers that are values, and layers that only resize.

use proc_macro2::TokenStream;

use super::windows::one_axis;
use super::{Arriving, Outcome, area, counted, spelled, sum};
use crate::ast::{Dense, First, Number, Pair, Resize, Resized, Sides, Value, compact};
use crate::catalogue::{Effect, Parameters, Takes};
use crate::error::Mistakes;
use crate::number::LIMIT;
use crate::shape::{Maps, Shape, Size, product};

impl Arriving {
    pub(super) fn dense(&self, dense: &mut Dense, word: &TokenStream, mistakes: &mut Mistakes) -> Outcome {
        if matches!(self.shape, Shape::Maps(_)) {
            let way = dense.with_input(None);
            mistakes.add(word, format!("dense takes features, but {}; write flatten >> {way}", self.gives()));
        }
        let stated = dense.input.as_ref().and_then(|input| input.value);
        let arriving = if self.shape.is_features() { self.shape.len() } else { None };
        if let (Some(input), Some(takes), Some(arrive)) = (&dense.input, stated, arriving)
            && takes != arrive
        {
            let (has, arithmetic, shape) = (self.has(), self.shape.arithmetic(), &self.shape);
            let ways = format!("{} or {}", dense.with_input(Some(arrive)), dense.with_input(None));
            let takes = counted(takes, "feature");
            let message = format!("dense takes {takes}, but {has} {arithmetic}: {shape}; write {ways}");
            mistakes.add(&input.tokens, message);
        }
        if let (Some(input), Some(takes), None) = (&dense.input, stated, arriving)
            && takes > LIMIT
            && mistakes.is_empty()
        // what follows a mistake may be unknown because of it
        {
            let (takes, way) = (counted(takes, "feature"), dense.with_input(None));
            let reason = format!("more than {LIMIT} cannot be compared with what comes from elsewhere");
            mistakes.add(&input.tokens, format!("dense says that it takes {takes}, but {reason}; write {way}"));
        }
        if dense.input.is_some() && stated == arriving && stated > Some(LIMIT) {
            // checked here, and beyond the numbers that the types can compare
            dense.input = None;
        }
        let output = dense.output.value;
        let macs = product(&[arriving.or(stated), output]);
        let bias = if dense.bias { output } else { Some(0) };
        (Shape::Vector(output), sum([macs, bias]), macs)
    }

    pub(super) fn value(&self, value: &Value, word: &TokenStream, mistakes: &mut Mistakes) -> Outcome {
        let output = match value.word.effect {
            Effect::Keeps | Effect::Channelwise => self.shape.clone(),
            Effect::Flattens if self.shape.is_features() => {
                let message = format!("flatten takes an image, but {}; leave it out", self.gives());
                mistakes.add(word, message);
                self.shape.clone()
            }
            Effect::Flattens => Shape::Flat(Box::new(self.shape.clone())),
            Effect::Pools => match self.maps(word, mistakes) {
                Some(Maps { channels, positions }) => Shape::maps(*channels, &vec![Some(1); positions.len()]),
                None => Shape::Unknown,
            },
        };
        if let (Takes::Groups { .. }, First::Whole(groups)) = (&value.word.takes, &value.first) {
            self.grouped(groups, word, mistakes);
        }
        let (values, channels) = (self.shape.len(), self.shape.channels());
        let parameters = match value.word.parameters {
            Parameters::None => Some(0),
            Parameters::One => Some(1),
            Parameters::OnePerChannel => channels,
            Parameters::TwoPerChannel => product(&[Some(2), channels]),
            Parameters::OnePerValue => values,
            Parameters::TwoPerValue => product(&[Some(2), values]),
        };
        (output, parameters, Some(0))
    }

    /// Checks that groups divide the channels that arrive.
    fn grouped(&self, groups: &Number, word: &TokenStream, mistakes: &mut Mistakes) {
        let (Some(number), Some(channels)) = (groups.value, self.shape.channels()) else {
            return;
        };
        if !channels.is_multiple_of(number) {
            let (ways, gives, word) = (neighbours(number, channels), self.gives(), compact(word));
            let ways: Vec<String> = ways.iter().map(|groups| format!("{word}({groups})")).collect();
            let message = format!(
                "{number} groups do not divide {}: {gives}; write {}",
                counted(channels, "channel"),
                ways.join(" or ")
            );
            mistakes.add(&groups.tokens, message);
        }
    }

    pub(super) fn resize(&self, resize: &Resize, word: &TokenStream, mistakes: &mut Mistakes) -> Shape {
        let Some(Maps { channels, positions }) = self.maps(word, mistakes) else {
            return Shape::Unknown;
        };
        let name = compact(word);
        let positions = match &resize.to {
            Resized::Padded(sides) => padded(sides, positions, mistakes),
            Resized::Repeated(factor) => positions.iter().map(|size| product(&[*size, factor.value])).collect(),
            Resized::Averaged(to) => self.averaged(to, positions, mistakes),
            Resized::Subsampled { channels: appended, stride } => {
                one_axis(&[("stride", stride)], positions, mistakes);
                let strides = stride.values();
                let left = |(axis, size): (usize, &Size)| Some((*size)?.div_ceil(strides[axis]?));
                let positions: Vec<Size> = positions.iter().enumerate().map(left).collect();
                let to = match appended {
                    Some(number) => {
                        self.appended(number, *channels, stride, mistakes);
                        number.value
                    }
                    None => *channels,
                };
                return Shape::maps(to, &positions);
            }
        };
        let way = if let Resized::Repeated(_) = resize.to { "a smaller factor" } else { "less padding" };
        Shape::maps(*channels, &self.tabled(positions, &name, (&resize.tokens, way), mistakes))
    }

    /// The sizes after an average over equal parts, which have to divide what arrives.
    fn averaged(&self, to: &Pair, positions: &[Size], mistakes: &mut Mistakes) -> Vec<Size> {
        one_axis(&[("adaptive_avgpool", to)], positions, mistakes);
        let sizes = &to.values()[..positions.len()];
        let uneven =
            |(size, from): (&Size, &Size)| matches!((size, from), (Some(size), Some(from)) if from % size != 0);
        if sizes.iter().zip(positions).any(uneven) {
            let known = sizes.iter().zip(positions).filter_map(|(size, from)| Some(((*size)?, (*from)?)));
            let ways: Vec<Vec<usize>> = known.map(|(size, from)| neighbours(size, from)).collect();
            let way = |choose: fn(&Vec<usize>) -> Option<&usize>| -> Option<String> {
                let sizes = ways.iter().map(choose).collect::<Option<Vec<_>>>()?;
                let call = match sizes.as_slice() {
                    [rows, columns] if rows != columns => format!("adaptive_avgpool({rows}, {columns})"),
                    [size, ..] => format!("adaptive_avgpool({size})"),
                    [] => return None,
                };
                Some(call)
            };
            let mut ways: Vec<String> =
                [way(|ways| ways.first()), way(|ways| ways.last())].into_iter().flatten().collect();
            ways.dedup();
            let message = format!(
                "{} does not divide {} into equal parts: {}; write {}",
                area(sizes),
                area(positions),
                self.gives(),
                ways.join(" or ")
            );
            mistakes.add(&to.tokens, message);
        }
        sizes.to_vec()
    }

    /// Checks that channels can be appended up to `to`.
    fn appended(&self, to: &Number, channels: Size, stride: &Pair, mistakes: &mut Mistakes) {
        let (Some(number), Some(arriving)) = (to.value, channels) else {
            return;
        };
        if number < arriving {
            let strides: Vec<usize> = stride.values().into_iter().flatten().collect();
            let stride = if strides.is_empty() { "s2".to_owned() } else { spelled("stride", &strides) };
            let message = format!(
                "subsample appends channels up to {number}, but {} {arriving}: {}; write subsample({stride}) or a conv of {number} filters",
                self.has(),
                self.shape
            );
            mistakes.add(&to.tokens, message);
        }
    }
}

/// The sizes with zeros on each side.
fn padded(sides: &Sides, positions: &[Size], mistakes: &mut Mistakes) -> Vec<Size> {
    if positions.len() == 1 && !sides.alike() {
        let (text, before, after) = (compact(&sides.tokens), &sides.top, &sides.bottom);
        let way =
            format!("zero_pad({before}, {before}, {after}, {after}) for {before} before it and {after} behind it");
        mistakes.add(
            &sides.tokens,
            format!("a sequence has two ends, but zero_pad({text}) says four numbers; write {way}"),
        );
    }
    let add = |(axis, size): (usize, &Size)| sum([*size].into_iter().chain(sides.ends(axis)));
    positions.iter().enumerate().map(add).collect()
}

/// The divisors of `of` next to `number` on either side.
fn neighbours(number: usize, of: usize) -> Vec<usize> {
    let divides = |divisor: &usize| of.is_multiple_of(*divisor);
    [(1..=number.min(of)).rfind(divides), (number..=of).find(divides)].into_iter().flatten().collect()
}
