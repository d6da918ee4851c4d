//! Curves over epochs or steps.

use super::svg::{Anchor, Svg};
use crate::train::Epoch;

/// A curve: its name, and its points from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What stands at its end.
    pub name: String,
    /// The points. One that is not finite is left out, and the curve is interrupted there.
    pub points: Vec<[f64; 2]>,
}

impl Curve {
    /// A curve with a value for each of 1, 2, 3, …: epochs.
    pub fn of(name: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let points = values.into_iter().enumerate().map(|(index, value)| [(index + 1) as f64, value]).collect();
        Self { name: name.to_owned(), points }
    }
}

/// Curves that share their axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What the vertical axis tells.
    pub title: String,
    /// Curves of one name have one colour in all panels; at most four names have colours of their own.
    pub curves: Vec<Curve>,
}

/// The size of a panel, with its margins.
const PANEL: [f64; 2] = [420.0, 300.0];
const TOP: f64 = 44.0;
const BOTTOM: f64 = 44.0;
const LEFT: f64 = 52.0;
/// Names of curves stand in the right margin.
const RIGHT: f64 = 84.0;
/// The least distance between names.
const APART: f64 = 15.0;
/// As many points have dots.
const DOTTED: usize = 30;

/// Panels beside each other over the same horizontal axis: the curves of a run.
///
/// # Examples
///
/// ```
/// use shapewright::plot::{Curve, Panel, curves};
///
/// let loss = [Curve::of("training", [1.9, 0.7, 0.4]), Curve::of("held out", [0.9, 0.6, 0.5])];
/// let accuracy = [Curve::of("held out", [0.71, 0.83, 0.86])];
/// let svg = curves("epoch", &[
///     Panel { title: "loss".into(), curves: loss.into() },
///     Panel { title: "accuracy".into(), curves: accuracy.into() },
/// ]);
/// assert_eq!(svg.to_string().matches("<polyline").count(), 3);
/// ```
#[must_use]
pub fn curves(horizontal: &str, panels: &[Panel]) -> Svg {
    let mut svg = Svg::new(PANEL[0] * panels.len() as f64, PANEL[1]);
    let mut names: Vec<&str> = Vec::new();
    for curve in panels.iter().flat_map(|panel| &panel.curves) {
        if !names.contains(&curve.name.as_str()) {
            names.push(&curve.name);
        }
    }
    for (index, panel) in panels.iter().enumerate() {
        draw(&mut svg, PANEL[0] * index as f64, horizontal, panel, &names);
    }
    svg
}

/// The curves of a training: the losses of training and of held-out samples, and the share of held-out samples that it gets right.
///
/// # Examples
///
/// ```
/// use shapewright::data::digits;
/// use shapewright::plot::history;
/// use shapewright::prelude::*;
///
/// let (train, test) = digits();
/// let mut model = Model::new(net!(Image<1, 8, 8> => flatten >> dense(10)), 1);
/// let report = Trainer::new(Adam::new(0.01)).epochs(2).fit(&mut model, &train, &test)?;
/// assert_eq!(history(&report.epochs).to_string().matches("<polyline").count(), 3);
/// # Ok::<(), shapewright::Error>(())
/// ```
#[must_use]
pub fn history(epochs: &[Epoch]) -> Svg {
    let curve = |name: &str, value: fn(&Epoch) -> f64| Curve {
        name: name.to_owned(),
        points: epochs.iter().map(|epoch| [epoch.number as f64, value(epoch)]).collect(),
    };
    let losses = vec![curve("training", |epoch| epoch.loss), curve("held out", |epoch| epoch.held_out_loss)];
    let accuracy = vec![curve("held out", |epoch| epoch.accuracy)];
    let panel = |title: &str, curves| Panel { title: title.to_owned(), curves };
    curves("epoch", &[panel("loss", losses), panel("accuracy", accuracy)])
}

/// Draws a panel; a curve's colour is the position of its name among all.
fn draw(svg: &mut Svg, offset: f64, horizontal: &str, panel: &Panel, all: &[&str]) {
    let colour = |curve: &Curve| all.iter().position(|name| *name == curve.name).unwrap_or(0) % 4;
    let [x_axis, y_axis] = [0, 1].map(|axis| Axis::around(panel, axis));
    let ([left, right], [top, bottom]) = ([offset + LEFT, offset + PANEL[0] - RIGHT], [TOP, PANEL[1] - BOTTOM]);
    let place = |[x, y]: [f64; 2]| [left + x_axis.share(x) * (right - left), bottom - y_axis.share(y) * (bottom - top)];
    svg.text("title", [left, TOP - 20.0], Anchor::Start, &panel.title);
    for tick in y_axis.ticks() {
        let [_, y] = place([x_axis.low, tick]);
        svg.line("grid", [left, y], [right, y]);
        svg.text("quiet", [left - 8.0, y + 4.0], Anchor::End, &y_axis.label(tick));
    }
    let first = x_axis.ticks().next().filter(|first| first - x_axis.low < 0.6 * x_axis.step);
    for tick in first.is_none().then_some(x_axis.low).into_iter().chain(x_axis.ticks()) {
        let [x, _] = place([tick, y_axis.low]);
        svg.line("axis", [x, bottom], [x, bottom + 4.0]);
        svg.text("quiet", [x, bottom + 18.0], Anchor::Middle, &x_axis.label(tick));
    }
    svg.line("axis", [left, bottom], [right, bottom]);
    svg.text("quiet", [right, bottom + 36.0], Anchor::End, horizontal);

    let mut names = Vec::new();
    for (index, curve) in panel.curves.iter().enumerate() {
        let colour = colour(curve);
        for part in curve.points.split(|point| !point.iter().all(|value| value.is_finite())) {
            let points: Vec<[f64; 2]> = part.iter().map(|&point| place(point)).collect();
            if points.len() > 1 {
                svg.curve(&format!("c{colour}"), &points);
            }
            if curve.points.len() <= DOTTED {
                for &point in &points {
                    svg.dot(&format!("d{colour}"), point, 2.5);
                }
            }
            if let Some(&[_, y]) = points.last() {
                names.retain(|(_, other, _)| *other != index);
                names.push((y, index, curve));
            }
        }
    }
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut above = f64::NEG_INFINITY;
    for (y, ..) in &mut names {
        *y = y.max(above + APART);
        above = *y;
    }
    let mut below = bottom + 0.5 * APART;
    for (y, _, curve) in names.into_iter().rev() {
        below = y.min(below - APART);
        svg.text(&format!("d{}", colour(curve)), [right + 8.0, below + 4.0], Anchor::Start, &curve.name);
    }
}

/// An axis from a round number to a round number.
struct Axis {
    low: f64,
    high: f64,
    step: f64,
}

impl Axis {
    fn around(panel: &Panel, axis: usize) -> Self {
        let points = panel
            .curves
            .iter()
            .flat_map(|curve| &curve.points)
            .filter(|point| point.iter().all(|value| value.is_finite()));
        let values: Vec<f64> = points.map(|point| point[axis]).collect();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let [low, high] = if values.is_empty() { [0.0, 1.0] } else { [low, high] };
        let span = if high > low { high - low } else { low.abs().max(1.0) };
        if axis == 0 {
            let step = round_step(span / 6.0).max(if span >= 2.0 { 1.0 } else { 0.0 });
            return Self { low, high: if high > low { high } else { low + 1.0 }, step };
        }
        let low = if low >= 0.0 && low < 0.5 * high { 0.0 } else { low };
        let step = round_step((high - low).max(span * 0.1) / 5.0);
        let [low, high] = [(low / step).floor() * step, (high / step).ceil() * step];
        Self { low, high: if high > low { high } else { low + step }, step }
    }

    fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let first = (self.low / self.step - 1e-9).ceil();
        let (step, high) = (self.step, self.high);
        (0..).map(move |index| (first + f64::from(index)) * step).take_while(move |tick| *tick <= high + 1e-9 * step)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few digits")]
    fn label(&self, tick: f64) -> String {
        let digits = (-self.step.log10() - 1e-9).ceil().clamp(0.0, 6.0) as usize;
        format!("{:.digits$}", tick + 0.0)
    }
}

/// 1, 2 or 5 times a power of ten, at least `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= step * (1.0 - 1e-9)).unwrap_or(10.0);
    times * power
}
