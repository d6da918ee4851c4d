//! The table in the documentation of a network: stages, output shapes, parameters, multiply-accumulates and their shares.

use std::fmt::Write;

use syn::Type;

use crate::ast::compact;
use crate::infer::{Row, sum};
use crate::shape::Size;

/// The table in markdown. What the macro cannot see is `—`; the type that knows it is linked, and in the last row the network's constant.
pub(crate) fn table(rows: &[Row], output: &Type) -> String {
    let mut table =
        "\n| stage | layer | output | parameters | share | MACs | share |\n|---|---|---|---:|---:|---:|---:|\n"
            .to_owned();
    let total = (sum(rows.iter().map(|row| row.params)), sum(rows.iter().map(|row| row.macs)));
    write_rows(&mut table, rows, total);
    let known_as = |name: &str, total: Size| match count(total) {
        open if total.is_none() => format!("[{open}](Self::{name})"),
        total => total,
    };
    let (params, macs) = (known_as("PARAMS", total.0), known_as("MACS", total.1));
    let _ = write!(table, "| | **total** | `{}` | {params} | | {macs} | |", compact(output));
    table
}

/// A line for each row. A joint or a labelled chain leaves its figures to the stages in it, which follow it under its name.
fn write_rows(table: &mut String, rows: &[Row], total: (Size, Size)) {
    for Row { stage, layer, path, output, params, macs, branches } in rows {
        let layer = match path {
            // the generic arguments are no part of a link
            Some(path) => format!("[`{layer}`]({})", path.split('<').next().unwrap_or(path)),
            // a bar would end the cell
            None => format!("`{}`", layer.replace('|', "\\|")),
        };
        let output = if output.is_known() { format!("`{output}`") } else { "—".to_owned() };
        if branches.is_empty() {
            let figure = |part: Size, whole| format!("{} | {}", count(part), share(part, whole));
            let (params, macs) = (figure(*params, total.0), figure(*macs, total.1));
            let _ = writeln!(table, "| {stage} | {layer} | {output} | {params} | {macs} |");
        } else {
            let word = match layer.split('(').next() {
                None | Some("`") => "chain".to_owned(),
                Some(word) => format!("{word}`"),
            };
            let _ = writeln!(table, "| {stage} | {word} | {output} | | | | |");
            write_rows(table, branches, total);
        }
    }
}

/// The part of the whole in percent, where there is one.
fn share(part: Size, whole: Size) -> String {
    match (part, whole) {
        (Some(part @ 1..), Some(whole)) => format!("{:.1} %", 100.0 * part as f64 / whole as f64),
        _ => String::new(),
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
