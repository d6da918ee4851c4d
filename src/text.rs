//! Text that constants can write.

/// A text that grows at its end, up to so many bytes; what is longer is cut off between characters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<const CAPACITY: usize = 512> {
    bytes: [u8; CAPACITY],
    len: usize,
}

impl<const CAPACITY: usize> Text<CAPACITY> {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; CAPACITY], len: 0 }
    }

    pub(crate) const fn push(&mut self, text: &str) {
        let mut length = if text.len() <= self.room() { text.len() } else { self.room() };
        while !text.is_char_boundary(length) {
            length -= 1;
        }
        let text = text.as_bytes().split_at(length).0;
        self.bytes.split_at_mut(self.len).1.split_at_mut(length).0.copy_from_slice(text);
        self.len += length;
    }

    /// How many bytes more there is room for.
    pub(crate) const fn room(&self) -> usize {
        CAPACITY - self.len
    }

    pub(crate) const fn push_number(&mut self, number: usize) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        self.push_digit(number % 10);
    }

    /// A number with commas between groups of three digits.
    pub(crate) const fn push_grouped(&mut self, number: usize) {
        if number < 1000 {
            return self.push_number(number);
        }
        self.push_grouped(number / 1000);
        self.push(",");
        self.push_digit(number / 100 % 10);
        self.push_digit(number / 10 % 10);
        self.push_digit(number % 10);
    }

    const fn push_digit(&mut self, digit: usize) {
        let (_, from) = "0123456789".split_at(digit);
        let (digit, _) = from.split_at(1);
        self.push(digit);
    }

    pub(crate) const fn as_str(&self) -> &str {
        let (bytes, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn numbers_are_grouped_by_three() {
        let grouped = |number| {
            let mut text: Text = Text::new();
            text.push_grouped(number);
            text.as_str().to_owned()
        };
        assert_eq!([0, 999, 1_000, 61_706, 25_003_264].map(grouped), ["0", "999", "1,000", "61,706", "25,003,264"]);
        assert_eq!(grouped(usize::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn what_is_too_long_is_cut_off() {
        let mut text: Text = Text::new();
        (0..300).for_each(|_| text.push("ab"));
        assert_eq!(text.as_str(), "ab".repeat(256));
    }

    #[test]
    fn no_character_is_cut_in_two() {
        let mut text: Text = Text::new();
        text.push("a");
        (0..300).for_each(|_| text.push("ß"));
        assert_eq!(text.as_str(), "a".to_owned() + &"ß".repeat(255));
    }
}
