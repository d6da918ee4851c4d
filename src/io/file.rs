//! A safetensors file in memory.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::header::{Entry, Header, pair};
use super::tensors::Tensor;
use super::text::{Cursor, Fault, quoted};
use crate::error::Error;

/// The tensors of a file by name.
#[derive(Debug)]
pub(crate) struct File<'a> {
    pub(crate) tensors: BTreeMap<String, Entry<'a>>,
    pub(crate) metadata: BTreeMap<String, String>,
    values: &'a [u8],
}

impl<'a> File<'a> {
    /// Reads what [`write`] gives, and whatever else keeps the rules of the format.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let malformed = |fault: Fault| malformed(fault, bytes);
        let mut header = Header::of(bytes).map_err(malformed)?;
        let mut entries = Vec::new();
        let mut tensors = BTreeMap::new();
        while let Some(entry) = header.next().map_err(malformed)? {
            entries.push(entry);
            let name = entry.name.to_string();
            if tensors.contains_key(&name) {
                return Err(Error::Format { reason: format!("there are two tensors `{name}`") });
            }
            tensors.insert(name, entry);
        }
        entries.sort_unstable_by_key(|entry| entry.range);
        header.check_ranges(&entries).map_err(malformed)?;
        let metadata = metadata(header.metadata)?;
        Ok(Self { tensors, metadata, values: &bytes[header.values..] })
    }

    /// The bytes of a tensor.
    pub(crate) fn values(&self, entry: &Entry) -> &'a [u8] {
        &self.values[entry.range[0]..entry.range[1]]
    }
}

/// What stands in the braces of `__metadata__`.
pub(crate) fn metadata(text: &[u8]) -> Result<BTreeMap<String, String>, Error> {
    let (mut cursor, mut is_first, mut metadata) = (Cursor::at(text, 0), true, BTreeMap::new());
    while !text.is_empty()
        && let Some((key, value)) = pair(&mut cursor, &mut is_first).map_err(|fault| malformed(fault, text))?
    {
        let key = key.to_string();
        if metadata.contains_key(&key) {
            return Err(Error::Format { reason: format!("there are two metadata `{key}`") });
        }
        metadata.insert(key, value.to_string());
    }
    Ok(metadata)
}

fn malformed(fault: Fault, file: &[u8]) -> Error {
    Error::Format { reason: fault.told(file).as_str().to_owned() }
}

/// The file of these tensors, in this order, all with numbers of type `dtype`.
pub(crate) fn write(dtype: &str, tensors: &[Tensor], metadata: &BTreeMap<String, String>) -> Vec<u8> {
    let pairs: Vec<String> = metadata.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))).collect();
    let mut header = format!("{{\"__metadata__\":{{{}}}", pairs.join(","));
    let mut end = 0;
    for (name, dims, bytes) in tensors {
        let (name, dims) = (quoted(name), format!("{dims:?}").replace(' ', ""));
        let start = end;
        end += bytes.len();
        let text = format!(",{name}:{{\"dtype\":\"{dtype}\",\"shape\":{dims},\"data_offsets\":[{start},{end}]}}");
        header.push_str(&text);
    }
    header.push('}');
    let padded = header.len().next_multiple_of(size_of::<f64>()); // so that the values are aligned
    let _ = write!(header, "{:1$}", "", padded - header.len());
    let mut file = Vec::with_capacity(size_of::<u64>() + header.len() + end);
    file.extend((header.len() as u64).to_le_bytes());
    file.extend(header.as_bytes());
    for (_, _, bytes) in tensors {
        file.extend(bytes);
    }
    file
}
