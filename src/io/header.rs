//! The header of a safetensors file (<https://huggingface.co/docs/safetensors>), every rule of the format checked, in constants as well as when
//! the program runs: `include_weights!` reads it with the same functions as [`Model::load`](crate::Model::load).
//!
//! A file is the header's length in eight bytes, the header, and the values of the tensors one after the other without gaps.

use super::text::{Cursor, Fault, Text, tried};

/// The bytes before the header: its length.
const LENGTH: usize = size_of::<u64>();

/// The longest header that the format allows.
const LONGEST: usize = 100_000_000;

/// The most axes that a tensor may have here.
const AXES: usize = 8;

/// One tensor, as the header describes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) name: Text<'a>,
    /// The number type.
    pub(crate) dtype: Text<'a>,
    dims: ([usize; AXES], usize),
    /// The values' bytes: from where to where behind the header.
    pub(crate) range: [usize; 2],
    /// Where it is described.
    at: usize,
}

impl Entry<'_> {
    /// What stands in for one that has not been read yet.
    pub(crate) const EMPTY: Self =
        Self { name: Text::EMPTY, dtype: Text::EMPTY, dims: ([0; AXES], 0), range: [0; 2], at: 0 };

    pub(crate) const fn dims(&self) -> &[usize] {
        self.dims.0.split_at(self.dims.1).0
    }
}

/// The entries of a header, one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header<'a> {
    cursor: Cursor<'a>,
    /// What stands in the braces of `__metadata__`, and the last brace. To be read when the tensors have been.
    pub(crate) metadata: &'a [u8],
    is_first: bool,
    /// Where the values begin.
    pub(crate) values: usize,
    /// How many bytes of values there are.
    length: usize,
}

impl<'a> Header<'a> {
    /// Begins to read a file.
    pub(crate) const fn of(file: &'a [u8]) -> Result<Self, Fault> {
        let Some((length, rest)) = file.split_first_chunk() else {
            return Err(Fault::new("there are not even the 8 bytes of the header's length", file.len()));
        };
        let length = u64::from_le_bytes(*length);
        if length > LONGEST as u64 {
            return Err(Fault::new("the header is longer than 100,000,000 bytes", 0));
        }
        #[expect(clippy::cast_possible_truncation, reason = "it is at most `LONGEST`")]
        let length = length as usize;
        if length > rest.len() {
            let numbers = Some([LENGTH + length, file.len()]);
            return Err(Fault { numbers, ..Fault::new("the file ends within the header", file.len()) });
        }
        let text = file.split_at(LENGTH + length).0;
        if let Err(error) = core::str::from_utf8(text.split_at(LENGTH).1) {
            return Err(Fault::new("the header is not UTF-8", LENGTH + error.valid_up_to()));
        }
        if length == 0 || text[LENGTH] != b'{' {
            return Err(Fault::new("the header does not begin with {", LENGTH));
        }
        let cursor = Cursor::at(text, LENGTH + 1);
        Ok(Self { cursor, metadata: &[], is_first: true, values: text.len(), length: rest.len() - length })
    }

    /// The next tensor.
    pub(crate) const fn next(&mut self) -> Result<Option<Entry<'a>>, Fault> {
        loop {
            let Some((at, name)) = tried!(self.next_name()) else { return Ok(None) };
            if !name.is("__metadata__") {
                return match self.entry(at, name) {
                    Ok(entry) => Ok(Some(entry)),
                    Err(fault) => Err(Fault { tensor: Some(at), ..fault }),
                };
            }
            if !self.metadata.is_empty() {
                return Err(Fault::new("there is a second __metadata__", at));
            }
            tried!(self.cursor.expect(b'{', "__metadata__ is not an object"));
            let (start, mut is_first) = (self.cursor, true);
            while tried!(pair(&mut self.cursor, &mut is_first)).is_some() {}
            self.metadata = start.up_to(&self.cursor);
        }
    }

    /// The name of the next entry, or none behind the last.
    const fn next_name(&mut self) -> Result<Option<(usize, Text<'a>)>, Fault> {
        if self.cursor.accepts(b'}') {
            return if self.cursor.is_at_end() {
                Ok(None)
            } else {
                self.cursor.fault("more follows behind the header's }")
            };
        }
        if !self.is_first {
            tried!(self.cursor.expect(b',', "a comma or } is expected between tensors"));
        }
        self.is_first = false;
        self.cursor.peek();
        let at = self.cursor.position();
        let name = tried!(self.cursor.string());
        tried!(self.cursor.expect(b':', "a colon is expected behind a name"));
        Ok(Some((at, name)))
    }

    /// What stands behind the name of a tensor.
    const fn entry(&mut self, at: usize, name: Text<'a>) -> Result<Entry<'a>, Fault> {
        let cursor = &mut self.cursor;
        let (mut dtype, mut dims, mut range) = (None, None, None);
        tried!(cursor.expect(b'{', "it is not an object"));
        let mut left = 3;
        while left > 0 {
            let key = tried!(cursor.string());
            tried!(cursor.expect(b':', "a colon is expected behind a key"));
            if key.is("dtype") && dtype.is_none() {
                dtype = Some(tried!(cursor.string()));
            } else if key.is("shape") && dims.is_none() {
                dims = Some(tried!(numbers(cursor)));
            } else if key.is("data_offsets") && range.is_none() {
                let (numbers, count) = tried!(numbers(cursor));
                if count != 2 {
                    return cursor.fault("data_offsets are not two numbers");
                }
                range = Some([numbers[0], numbers[1]]);
            } else {
                return cursor.fault("it has another key than dtype, shape and data_offsets, or one of them twice");
            }
            left -= 1;
            if left > 0 {
                tried!(cursor.expect(b',', "it has no dtype, no shape or no data_offsets"));
            }
        }
        tried!(cursor.expect(b'}', "it has more than dtype, shape and data_offsets"));
        let (Some(dtype), Some(dims), Some(range)) = (dtype, dims, range) else {
            return cursor.fault("it has no dtype, no shape or no data_offsets");
        };
        let entry = Entry { name, dtype, dims, range, at };
        let bytes = match bytes(&entry) {
            Ok(bytes) => bytes,
            Err(reason) => return Err(Fault::new(reason, at)),
        };
        let (reason, numbers) = match range {
            [start, end] if start > end => ("it ends before it begins", [start, end]),
            [_, end] if end > self.length => ("the file ends before its bytes do", [end, self.length]),
            [start, end] if end - start != bytes => {
                ("its bytes are not as many as its shape and dtype ask for", [bytes, end - start])
            }
            _ => return Ok(entry),
        };
        Err(Fault { numbers: Some(numbers), ..Fault::new(reason, at) })
    }

    /// Checks that the tensors, in the order of their values, leave no byte out and share none.
    pub(crate) const fn check_ranges(&self, entries: &[Entry]) -> Result<(), Fault> {
        let (mut end, mut index) = (0, 0);
        while index < entries.len() {
            let Entry { range: [start, next], at, .. } = entries[index];
            if start != end {
                let reason =
                    if start < end { "its bytes overlap with another's" } else { "bytes before it belong to none" };
                return Err(Fault { reason, at, numbers: Some([end, start]), tensor: Some(at) });
            }
            end = next;
            index += 1;
        }
        if end < self.length {
            let numbers = Some([end, self.length]);
            let reason = "bytes behind the last tensor belong to none";
            return Err(Fault { numbers, ..Fault::new(reason, self.values + end) });
        }
        Ok(())
    }
}

/// The next pair of an object of strings.
pub(crate) const fn pair<'a>(
    cursor: &mut Cursor<'a>,
    is_first: &mut bool,
) -> Result<Option<(Text<'a>, Text<'a>)>, Fault> {
    if cursor.accepts(b'}') {
        return Ok(None);
    }
    if !*is_first {
        tried!(cursor.expect(b',', "a comma or } is expected between metadata"));
    }
    *is_first = false;
    let key = tried!(cursor.string());
    tried!(cursor.expect(b':', "a colon is expected behind a key"));
    Ok(Some((key, tried!(cursor.string()))))
}

/// Numbers in brackets.
const fn numbers(cursor: &mut Cursor) -> Result<([usize; AXES], usize), Fault> {
    let (mut numbers, mut count) = ([0; AXES], 0);
    tried!(cursor.expect(b'[', "numbers in brackets are expected"));
    while !cursor.accepts(b']') {
        if count > 0 {
            tried!(cursor.expect(b',', "a comma or ] is expected between numbers"));
        }
        if count == AXES {
            return cursor.fault("there are more than 8 numbers");
        }
        numbers[count] = tried!(cursor.number());
        count += 1;
    }
    Ok((numbers, count))
}

/// The bytes that a tensor's values take.
const fn bytes(entry: &Entry) -> Result<usize, &'static str> {
    let Some(mut bytes) = size(entry.dtype) else { return Err("its dtype is not one of the format's") };
    let mut axis = 0;
    while axis < entry.dims().len() {
        bytes = match bytes.checked_mul(entry.dims()[axis]) {
            Some(bytes) => bytes,
            None => return Err("it has more bytes than there are numbers for"),
        };
        axis += 1;
    }
    Ok(bytes)
}

/// The bytes of one number.
const fn size(dtype: Text) -> Option<usize> {
    let sizes: [(usize, &[&str]); 4] = [
        (4, &["F32", "I32", "U32"]),
        (8, &["F64", "I64", "U64", "C64"]),
        (2, &["F16", "BF16", "I16", "U16"]),
        (1, &["BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"]),
    ];
    let mut row = 0;
    while row < sizes.len() {
        let (size, names) = sizes[row];
        let mut index = 0;
        while index < names.len() {
            if dtype.is(names[index]) {
                return Some(size);
            }
            index += 1;
        }
        row += 1;
    }
    None
}
