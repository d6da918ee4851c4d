//! Vector pictures: a small writer of SVG.

use core::fmt;

use super::picture::Picture;
use super::png;

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
    elements: Vec<Element>,
}

/// What a picture is made of. A class is the look of an element, from [`STYLE`].
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Element {
    Line { class: String, from: [f64; 2], to: [f64; 2] },
    Curve { class: String, points: Vec<[f64; 2]> },
    Dot { class: String, at: [f64; 2], radius: f64 },
    Rectangle { class: String, at: [f64; 2], size: [f64; 2], opacity: f64 },
    Text { class: String, at: [f64; 2], anchor: Anchor, upwards: bool, text: String },
    Picture { at: [f64; 2], size: [f64; 2], picture: Picture },
}

/// Where a text stands to its point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, elements: Vec::new() }
    }

    /// The size in pixels, width and height.
    #[must_use]
    pub fn size(&self) -> [f64; 2] {
        [self.width, self.height]
    }

    pub(super) fn elements(&self) -> &[Element] {
        &self.elements
    }

    pub(super) fn line(&mut self, class: &str, from: [f64; 2], to: [f64; 2]) {
        self.elements.push(Element::Line { class: class.to_owned(), from, to });
    }

    pub(super) fn curve(&mut self, class: &str, points: &[[f64; 2]]) {
        self.elements.push(Element::Curve { class: class.to_owned(), points: points.to_vec() });
    }

    pub(super) fn dot(&mut self, class: &str, at: [f64; 2], radius: f64) {
        self.elements.push(Element::Dot { class: class.to_owned(), at, radius });
    }

    pub(super) fn rectangle(&mut self, class: &str, at: [f64; 2], size: [f64; 2], opacity: f64) {
        self.elements.push(Element::Rectangle { class: class.to_owned(), at, size, opacity });
    }

    pub(super) fn text(&mut self, class: &str, at: [f64; 2], anchor: Anchor, text: &str) {
        self.write(class, at, anchor, false, text);
    }

    /// A text that runs upwards.
    pub(super) fn upright(&mut self, class: &str, at: [f64; 2], anchor: Anchor, text: &str) {
        self.write(class, at, anchor, true, text);
    }

    fn write(&mut self, class: &str, at: [f64; 2], anchor: Anchor, upwards: bool, text: &str) {
        self.elements.push(Element::Text { class: class.to_owned(), at, anchor, upwards, text: text.to_owned() });
    }

    /// A picture of pixels, each as a square.
    pub(super) fn picture(&mut self, at: [f64; 2], size: [f64; 2], picture: Picture) {
        self.elements.push(Element::Picture { at, size, picture });
    }
}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [width, height] = [self.width, self.height].map(short);
        writeln!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">"
        )?;
        writeln!(f, "<style>{STYLE}</style>")?;
        writeln!(f, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>")?;
        self.elements.iter().try_for_each(|element| element.fmt(f))?;
        write!(f, "</svg>")
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { class, from, to } => {
                let ([x1, y1], [x2, y2]) = (from.map(short), to.map(short));
                writeln!(f, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>")
            }
            Self::Curve { class, points } => {
                let points: Vec<String> = points.iter().map(|point| point.map(short).join(",")).collect();
                writeln!(f, "<polyline class=\"curve {class}\" points=\"{}\"/>", points.join(" "))
            }
            Self::Dot { class, at, radius } => {
                let [x, y] = at.map(short);
                writeln!(f, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>")
            }
            Self::Rectangle { class, at, size, opacity } => {
                let ([x, y], [width, height], opacity) = (at.map(short), size.map(short), short(*opacity));
                writeln!(
                    f,
                    "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"2\" fill-opacity=\"{opacity}\"/>"
                )
            }
            Self::Text { class, at, anchor, upwards, text } => {
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                };
                let ([x, y], text) = (at.map(short), escaped(text));
                let turn = if *upwards { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
                writeln!(f, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\"{turn}>{text}</text>")
            }
            Self::Picture { at, size, picture } => {
                let Ok(png) = png::encode(picture) else { return Ok(()) }; // it has no pixels
                let ([x, y], [width, height], data) = (at.map(short), size.map(short), base64(&png));
                writeln!(
                    f,
                    "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" href=\"data:image/png;base64,{data}\"/>"
                )
            }
        }
    }
}

/// The `fill` or `stroke` on light paper that [`STYLE`] gives an element of some classes: by the last that has one, else by its name.
pub(super) fn colour(element: &str, classes: &str, property: &str) -> Option<[u8; 3]> {
    let light = STYLE.split_once("@media").map_or(STYLE, |(light, _)| light);
    let of = |selector: &str| {
        let rules = light.split_once(&format!("{selector}{{"))?.1.split_once('}')?.0;
        let digits = rules.split(';').find_map(|rule| rule.strip_prefix(property)?.strip_prefix(":#"))?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        Some(match digits.len() {
            3 => [8, 4, 0].map(|bits| u8::try_from(number >> bits & 15).unwrap_or_default() * 17),
            _ => [16, 8, 0].map(|bits| u8::try_from(number >> bits & 255).unwrap_or_default()),
        })
    };
    let by_class = classes.split_whitespace().rev().find_map(|class| of(&format!(".{class}")));
    by_class.or_else(|| of(element))
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
    use super::{base64, colour, escaped, short};

    #[test]
    fn texts_are_written_as_the_formats_want_them() {
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
        assert_eq!([0.0, 1.5, 100.0, 1.234, -0.5].map(short), ["0", "1.5", "100", "1.23", "-0.5"]);
        assert_eq!(colour("line", "c1", "stroke"), Some([0xd9, 0x5f, 0x02]));
        assert_eq!(colour("text", "on", "fill"), Some([255; 3]));
        assert_eq!(colour("text", "", "fill"), Some([0x3d, 0x43, 0x4b]));
        assert_eq!(colour("rect", "axis", "fill"), None);
        assert_eq!(escaped("a<b>&\u{7}c"), "a&lt;b&gt;&amp;c");
    }
}
