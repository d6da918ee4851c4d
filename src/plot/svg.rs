//! Vector pictures: a small writer of SVG.

use core::fmt::Write;

/// The look of all pictures, on light and on dark paper.
const STYLE: &str = "\
text{font:12px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#3d434b}\
.title{font-size:14px;font-weight:600;fill:#14181d}\
.quiet{fill:#6b7480}\
.paper{fill:#fff}\
.axis{stroke:#8a929c;fill:none}\
.grid{stroke:#e3e7ec;fill:none}\
.curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\
.c0{stroke:#0868ac}.c1{stroke:#d95f02}.c2{stroke:#1b8a5a}.c3{stroke:#8e4fa8}\
.d0{fill:#0868ac}.d1{fill:#d95f02}.d2{fill:#1b8a5a}.d3{fill:#8e4fa8}\
.wrong{fill:#b3261e}\
.cell{fill:#0868ac}.miss{fill:#d95f02}\
.on{fill:#fff}\
image{image-rendering:pixelated}\
@media(prefers-color-scheme:dark){\
text{fill:#c3cad3}.title{fill:#f1f4f7}.quiet{fill:#98a2ae}.paper{fill:#14171b}.axis{stroke:#6b7480}.grid{stroke:#2b3138}\
.c0{stroke:#5fb0f2}.c1{stroke:#ff9a4d}.c2{stroke:#4fc88e}.c3{stroke:#c990e0}\
.d0{fill:#5fb0f2}.d1{fill:#ff9a4d}.d2{fill:#4fc88e}.d3{fill:#c990e0}\
.wrong{fill:#ff8a80}.cell{fill:#3f8fd2}.miss{fill:#e07b35}.on{fill:#fff}}";

/// A picture of lines and texts, which any browser shows: on light paper or dark, as the reader's system is set.
///
/// Its `Display` is the file's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

/// Where a text stands to its point.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    /// The size in pixels, width and height.
    #[must_use]
    pub fn size(&self) -> [f64; 2] {
        [self.width, self.height]
    }

    pub(super) fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(short);
        self.add(format_args!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"));
    }

    pub(super) fn curve(&mut self, class: &str, points: &[[f64; 2]]) {
        let points: Vec<String> = points.iter().map(|&[x, y]| format!("{},{}", short(x), short(y))).collect();
        self.add(format_args!("<polyline class=\"curve {class}\" points=\"{}\"/>", points.join(" ")));
    }

    pub(super) fn dot(&mut self, class: &str, [x, y]: [f64; 2], radius: f64) {
        let [x, y] = [x, y].map(short);
        self.add(format_args!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>"));
    }

    pub(super) fn rectangle(&mut self, class: &str, [x, y]: [f64; 2], [width, height]: [f64; 2], opacity: f64) {
        let [x, y, width, height, opacity] = [x, y, width, height, opacity].map(short);
        self.add(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"2\" fill-opacity=\"{opacity}\"/>"
        ));
    }

    pub(super) fn text(&mut self, class: &str, at: [f64; 2], anchor: Anchor, text: &str) {
        self.write_text(class, at, anchor, text, "");
    }

    /// A text that runs upwards.
    pub(super) fn upright(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &str) {
        let turn = format!(" transform=\"rotate(-90 {} {})\"", short(x), short(y));
        self.write_text(class, [x, y], anchor, text, &turn);
    }

    fn write_text(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &str, turn: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let ([x, y], text) = ([x, y].map(short), escaped(text));
        self.add(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\"{turn}>{text}</text>"
        ));
    }

    /// A picture of pixels, each as a square.
    pub(super) fn picture(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], png: &[u8]) {
        let ([x, y, width, height], data) = ([x, y, width, height].map(short), base64(png));
        self.add(format_args!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" href=\"data:image/png;base64,{data}\"/>"
        ));
    }

    fn add(&mut self, element: core::fmt::Arguments) {
        let _ = writeln!(self.body, "{element}"); // a string takes everything
    }
}

impl core::fmt::Display for Svg {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [width, height] = [self.width, self.height].map(short);
        writeln!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">"
        )?;
        writeln!(f, "<style>{STYLE}</style>")?;
        writeln!(f, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>")?;
        write!(f, "{}</svg>", self.body)
    }
}

/// At most two digits behind the point.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A text as XML has it, without the characters that it does not have.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars().filter(|character| !character.is_control()) {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Bytes as text, six bits a character.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for bytes in bytes.chunks(3) {
        let bits = bytes.iter().chain([&0, &0]).take(3).fold(0, |bits, &byte| bits << 8 | usize::from(byte));
        for digit in 0..4 {
            let character = if digit > bytes.len() { b'=' } else { DIGITS[bits >> (18 - 6 * digit) & 63] };
            text.push(char::from(character));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base64, escaped, short};

    #[test]
    fn texts_are_written_as_the_formats_want_them() {
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
        assert_eq!([0.0, 1.5, 100.0, 1.234, -0.5].map(short), ["0", "1.5", "100", "1.23", "-0.5"]);
        assert_eq!(escaped("a<b>&\u{7}c"), "a&lt;b&gt;&amp;c");
    }
}
