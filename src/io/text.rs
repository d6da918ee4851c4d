//! JSON, as much of it as headers of files have, read in constants as well as when the program runs.

use crate::text;

/// Where a text breaks a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// Which rule.
    pub reason: &'static str,
    /// At which byte.
    pub at: usize,
    /// What a number must be, and what it is.
    pub numbers: Option<[usize; 2]>,
    /// Where the name of the tensor stands that breaks it.
    pub tensor: Option<usize>,
}

impl Fault {
    pub(crate) const fn new(reason: &'static str, at: usize) -> Self {
        Self { reason, at, numbers: None, tensor: None }
    }

    /// The fault in words, with the name of the tensor, which stands in `file`.
    pub(crate) const fn told(&self, file: &[u8]) -> text::Text {
        let mut told = text::Text::new();
        if let Some(at) = self.tensor
            && let Ok(name) = Cursor::at(file, at).string()
        {
            let mut shown = text::Text::<256>::new();
            shown.push(name.raw());
            told.push("tensor `");
            told.push(shown.as_str());
            told.push("`: ");
        }
        told.push(self.reason);
        if let Some([expected, found]) = self.numbers {
            told.push(" (expected ");
            told.push_number(expected);
            told.push(", found ");
            told.push_number(found);
            told.push(")");
        }
        told.push(", at byte ");
        told.push_number(self.at);
        told
    }
}

/// `?` in a `const fn`.
macro_rules! tried {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(fault) => return Err(fault),
        }
    };
}
pub(crate) use tried;

/// A place in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn at(text: &'a [u8], at: usize) -> Self {
        Self { text, at }
    }

    /// The text from here to `end`.
    pub(crate) const fn up_to(&self, end: &Self) -> &'a [u8] {
        self.text.split_at(end.at).0.split_at(self.at).1
    }

    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    pub(crate) const fn fault<T>(&self, reason: &'static str) -> Result<T, Fault> {
        Err(Fault::new(reason, self.at))
    }

    /// The next byte that is not white space; 0 at the end.
    pub(crate) const fn peek(&mut self) -> u8 {
        while self.at < self.text.len() {
            match self.text[self.at] {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return byte,
            }
        }
        0
    }

    /// Passes over `sign` if it comes next.
    pub(crate) const fn accepts(&mut self, sign: u8) -> bool {
        let next = self.peek() == sign;
        self.at += next as usize;
        next
    }

    pub(crate) const fn expect(&mut self, sign: u8, reason: &'static str) -> Result<(), Fault> {
        if self.accepts(sign) { Ok(()) } else { self.fault(reason) }
    }

    /// Whether all has been read.
    pub(crate) const fn is_at_end(&mut self) -> bool {
        self.peek() == 0 && self.at == self.text.len()
    }

    /// A string in quotes.
    pub(crate) const fn string(&mut self) -> Result<Text<'a>, Fault> {
        tried!(self.expect(b'"', "a string in quotes is expected"));
        let start = self.at;
        while self.at < self.text.len() {
            match self.text[self.at] {
                b'"' => {
                    let raw = self.text.split_at(self.at).0.split_at(start).1;
                    self.at += 1;
                    return Ok(Text(raw));
                }
                b'\\' => tried!(self.escape()),
                0..0x20 => return self.fault("a control character stands in a string"),
                _ => self.at += 1,
            }
        }
        self.fault("a string does not end")
    }

    /// Passes over an escape.
    const fn escape(&mut self) -> Result<(), Fault> {
        let rest = self.text.split_at(self.at).1;
        let length = match rest {
            [_, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
            [_, b'u', ..] => match escaped(rest) {
                Some((_, length)) => length,
                None => return self.fault("an escape is no character"),
            },
            _ => return self.fault("an escape is not one of JSON's"),
        };
        self.at += length;
        Ok(())
    }

    /// All up to the next comma, bracket or white space.
    pub(crate) fn word(&mut self) -> &'a str {
        self.peek();
        let rest = &self.text[self.at..];
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
        let word = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
        self.at += word.len();
        core::str::from_utf8(word).unwrap_or_default()
    }

    /// A whole number without a sign.
    pub(crate) const fn number(&mut self) -> Result<usize, Fault> {
        let first = self.peek();
        let (start, mut number) = (self.at, 0_usize);
        while self.at < self.text.len() && self.text[self.at].is_ascii_digit() {
            let digit = (self.text[self.at] - b'0') as usize;
            number = match number.checked_mul(10) {
                Some(tens) if tens <= usize::MAX - digit => tens + digit,
                _ => return self.fault("a number is too large"),
            };
            self.at += 1;
        }
        match self.at - start {
            0 => self.fault("a whole number is expected"),
            2.. if first == b'0' => self.fault("a number begins with 0"),
            _ => Ok(number),
        }
    }
}

/// A string as it stands between its quotes, known to be well-formed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    pub(crate) const EMPTY: Self = Self(&[]);

    /// Whether the string is `other`.
    pub(crate) const fn is(self, other: &str) -> bool {
        let (mut rest, mut other) = (self.0, other.as_bytes());
        while !rest.is_empty() {
            let (character, length) = character(rest);
            let mut bytes = [0; 4];
            let bytes = match character {
                Some(character) => character.encode_utf8(&mut bytes).as_bytes(),
                None => rest.split_at(length).0,
            };
            let mut index = 0;
            while index < bytes.len() {
                match other.split_first() {
                    Some((&first, others)) if first == bytes[index] => other = others,
                    _ => return false,
                }
                index += 1;
            }
            rest = rest.split_at(length).1;
        }
        other.is_empty()
    }

    /// What stands behind `start`, which has no escapes, if the string begins with it.
    pub(crate) const fn after(&self, start: &str) -> Option<Self> {
        if start.len() > self.0.len() {
            return None;
        }
        let (found, behind) = self.0.split_at(start.len());
        if Self(found).is(start) { Some(Self(behind)) } else { None }
    }

    /// The string as it stands in the file, escapes and all.
    pub(crate) const fn raw(&self) -> &'a str {
        match core::str::from_utf8(self.0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

impl core::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut rest = self.0;
        while !rest.is_empty() {
            let plain = rest.iter().position(|&byte| byte == b'\\').unwrap_or(rest.len());
            f.write_str(&String::from_utf8_lossy(&rest[..plain]))?;
            rest = &rest[plain..];
            if let (Some(escaped), length) = character(rest) {
                write!(f, "{escaped}")?;
                rest = &rest[length..];
            }
        }
        Ok(())
    }
}

/// The character of the escape with which `text` begins, or none for a byte that stands for itself, and its length.
const fn character(text: &[u8]) -> (Option<char>, usize) {
    let plain = match text {
        [b'\\', b'u', ..] => {
            return match escaped(text) {
                Some((character, length)) => (Some(character), length),
                None => (None, 1),
            };
        }
        [b'\\', b'b', ..] => '\u{8}',
        [b'\\', b'f', ..] => '\u{c}',
        [b'\\', b'n', ..] => '\n',
        [b'\\', b'r', ..] => '\r',
        [b'\\', b't', ..] => '\t',
        [b'\\', other, ..] => *other as char,
        _ => return (None, 1),
    };
    (Some(plain), 2)
}

/// The character that `\uXXXX`, or two of them for one outside of the basic plane, stands for.
const fn escaped(text: &[u8]) -> Option<(char, usize)> {
    match (unit(text), unit(text.split_at(if text.len() < 6 { text.len() } else { 6 }).1)) {
        (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
            match char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)) {
                Some(character) => Some((character, 12)),
                None => None,
            }
        }
        (Some(unit), _) => match char::from_u32(unit) {
            Some(character) => Some((character, 6)),
            None => None,
        },
        _ => None,
    }
}

/// The number in `\uXXXX`.
const fn unit(text: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = text else { return None };
    let (mut number, mut index) = (0, 0);
    while index < 4 {
        if index == digits.len() {
            return None;
        }
        number = 16 * number
            + match (digits[index] as char).to_digit(16) {
                Some(digit) => digit,
                None => return None,
            };
        index += 1;
    }
    Some(number)
}

/// The digit of a control character at this place.
#[cfg(feature = "safetensors")]
fn digit(character: char, place: u32) -> char {
    char::from_digit(u32::from(character) / place % 16, 16).unwrap_or('0')
}

/// `text` in quotes, as JSON.
#[cfg(feature = "safetensors")]
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // six signs: a backslash, u, and four digits
            '\0'..' ' => quoted.extend(['\\', 'u', '0', '0', digit(character, 16), digit(character, 1)]),
            _ => quoted.push(character),
        }
    }
    quoted + "\""
}
