//! Which classes are taken for which.

use super::svg::{Anchor, Svg};

/// A matrix of counts: a row for each true class, a column for each class that was said. What is right is blue, what is wrong orange, the darker the larger
/// its share of the row.
///
/// # Panics
///
/// If there are not as many rows and columns as names.
///
/// # Examples
///
/// ```
/// let svg = shapewright::plot::confusion(&[vec![48, 2], vec![5, 45]], &["cat", "dog"]);
/// assert!(svg.to_string().contains(">45</text>"));
/// ```
#[must_use]
pub fn confusion<Name: AsRef<str>>(counts: &[Vec<usize>], names: &[Name]) -> Svg {
    assert!(
        counts.len() == names.len() && counts.iter().all(|row| row.len() == names.len()),
        "a row and a column for each name"
    );
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0) as f64;
    let cell = if names.len() > 30 { 22.0 } else { 36.0 };
    let turned = 7.0 * longest > cell;
    let [left, top] = [40.0 + 7.0 * longest, if turned { 58.0 + 6.5 * longest } else { 72.0 }];
    let size = cell * names.len() as f64;
    let mut svg = Svg::new(left + (size + 64.0).max(190.0), top + size + 20.0);
    svg.text("title", [left, 24.0], Anchor::Start, "what the network says");
    svg.upright("title", [22.0, top], Anchor::End, "what it is");
    svg.text("quiet", [left + size + 54.0, top - 10.0], Anchor::End, "right");
    let middle = |index: usize| (index as f64 + 0.5) * cell;
    for (index, name) in names.iter().enumerate() {
        svg.text("", [left - 10.0, top + middle(index) + 4.0], Anchor::End, name);
        if turned {
            svg.upright("", [left + middle(index) + 4.0, top - 10.0], Anchor::Start, name);
        } else {
            svg.text("", [left + middle(index), top - 10.0], Anchor::Middle, name);
        }
    }
    for (row, counts) in counts.iter().enumerate() {
        let total: usize = counts.iter().sum();
        for (column, &count) in counts.iter().enumerate() {
            let [x, y] = [left + cell * column as f64, top + cell * row as f64];
            let share = count as f64 / total.max(1) as f64;
            svg.rectangle("grid paper", [x + 1.0, y + 1.0], [cell - 2.0, cell - 2.0], 0.0);
            if count == 0 {
                continue;
            }
            let kind = if row == column { "cell" } else { "miss" };
            svg.rectangle(
                kind,
                [x + 1.0, y + 1.0],
                [cell - 2.0, cell - 2.0],
                if row == column { share.max(0.1) } else { (4.0 * share).clamp(0.12, 1.0) },
            );
            let dark = if row == column { share > 0.5 } else { share > 0.15 };
            svg.text(
                if dark { "on" } else { "" },
                [x + 0.5 * cell, y + 0.5 * cell + 4.0],
                Anchor::Middle,
                &count.to_string(),
            );
        }
        if total > 0 {
            let right = format!("{:.1} %", 100.0 * counts[row] as f64 / total as f64);
            svg.text("quiet", [left + size + 54.0, top + middle(row) + 4.0], Anchor::End, &right);
        }
    }
    svg
}
