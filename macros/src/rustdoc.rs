//! The table in the documentation of a network: stages, output shapes, parameters and multiply-accumulates.

use std::fmt::Write;

use syn::Type;

use crate::ast::compact;
use crate::infer::{Row, sum};
use crate::shape::Size;

/// The table in markdown. What the macro cannot see is `—`, with a link to the type that knows it.
pub(crate) fn table(rows: &[Row], output: &Type) -> String {
    let mut table = "\n| stage | layer | output | parameters | MACs |\n|---|---|---|---:|---:|\n".to_owned();
    write_rows(&mut table, rows);
    let (params, macs) = (sum(rows.iter().map(|row| row.params)), sum(rows.iter().map(|row| row.macs)));
    let _ = write!(table, "| | **total** | `{}` | {} | {} |", compact(output), count(params), count(macs));
    table
}

/// A line for each row. A joint leaves its figures to the stages of its branches, which follow it under its name.
fn write_rows(table: &mut String, rows: &[Row]) {
    for Row { stage, layer, path, output, params, macs, branches } in rows {
        let layer = match path {
            // the generic arguments are no part of a link
            Some(path) => format!("[`{layer}`]({})", path.split('<').next().unwrap_or(path)),
            // a bar would end the cell
            None => format!("`{}`", layer.replace('|', "\\|")),
        };
        let output = if output.is_known() { format!("`{output}`") } else { "—".to_owned() };
        if branches.is_empty() {
            let _ = writeln!(table, "| {stage} | {layer} | {output} | {} | {} |", count(*params), count(*macs));
        } else {
            let word = layer.split('(').next().unwrap_or_default();
            let _ = writeln!(table, "| {stage} | {word}` | {output} | | |");
            write_rows(table, branches);
        }
    }
}

/// A number in groups of three digits.
fn count(number: Size) -> String {
    let Some(number) = number else { return "—".to_owned() };
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
