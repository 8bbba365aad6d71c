//! PDF files that strangers send: taken if nothing in them does something by itself. Their names are read as a reader reads them, with
//! escapes undone, in the file and in what is compressed in it.

use std::io::Read;

use flate2::read::ZlibDecoder;
use thiserror::Error;

// What acts, or carries what could. Without `JavaScript` a script has no way in, so its short form `JS` need not be looked for, which
// any compressed bytes may hold by accident.
const ACTIVE: [&str; 9] = [
    "JavaScript",
    "Launch",
    "EmbeddedFile",
    "EmbeddedFiles",
    "RichMedia",
    "Rendition",
    "SubmitForm",
    "ImportData",
    "GoToE",
];
// Of everything that is unpacked together, and of one stream.
const MOST_UNPACKED: usize = 64 * 1024 * 1024;
const MOST_STREAM: u64 = 16 * 1024 * 1024;
const MOST_STREAMS: usize = 20_000;
// How far before its stream a dictionary is looked for.
const DICTIONARY: usize = 4_096;

/// Why a file is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum PdfError {
    /// No PDF by its content.
    #[error("this is no PDF file")]
    NoPdf,
    /// It would do something by itself, or carries what could.
    #[error("this PDF holds scripts, actions or files")]
    Active,
    /// It cannot be looked through: encrypted, or packed in a way that no ordinary program packs.
    #[error("this PDF cannot be looked through")]
    Opaque,
}

/// Looks a file through.
///
/// # Errors
/// See [`PdfError`].
pub fn check(bytes: &[u8]) -> Result<(), PdfError> {
    let has_end = find(tail(bytes, 2_048), b"%%EOF").is_some() && find(bytes, b"startxref").is_some();
    // Exactly at the start: readers that are more patient also take a PDF behind something else, which is how one file is two.
    if !bytes.starts_with(b"%PDF-1.") && !bytes.starts_with(b"%PDF-2.") || !has_end {
        return Err(PdfError::NoPdf);
    }
    check_names(bytes)?;
    let mut unpacked = 0;
    for (number, (dictionary, content)) in Streams::of(bytes).enumerate() {
        let names: Vec<String> = names(dictionary).collect();
        let holds_objects = names.iter().any(|name| name == "ObjStm");
        let plain = names.iter().filter(|name| name.ends_with("Decode") || name.as_str() == "Crypt").count() <= 1;
        if holds_objects && (!plain || names.iter().any(|name| name == "Predictor")) {
            return Err(PdfError::Opaque);
        }
        if number >= MOST_STREAMS || unpacked > MOST_UNPACKED {
            return Err(PdfError::Opaque);
        }
        match unpack(content) {
            // The rest of it would go unseen.
            Some(inner) if holds_objects && inner.len() as u64 >= MOST_STREAM => return Err(PdfError::Opaque),
            Some(inner) => {
                unpacked += inner.len();
                check_names(&inner)?;
            }
            // What holds objects must be readable to us, or it is readable to others only.
            None if holds_objects => return Err(PdfError::Opaque),
            None => {}
        }
    }
    Ok(())
}

fn check_names(bytes: &[u8]) -> Result<(), PdfError> {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'/') {
        let (name, length) = name_at(&rest[at + 1..]);
        rest = &rest[at + 1 + length..];
        if ACTIVE.contains(&name.as_str()) {
            return Err(PdfError::Active);
        }
        // Where to begin reading is an array and does nothing; anything else is an action.
        if name == "OpenAction" && rest.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
            return Err(PdfError::Active);
        }
        if name == "Encrypt" {
            return Err(PdfError::Opaque);
        }
    }
    Ok(())
}

fn names(bytes: &[u8]) -> impl Iterator<Item = String> {
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    starts.map(|at| name_at(&bytes[at + 1..]).0)
}

// A name with `#4A` undone, and how many bytes it took. Longer than any that matters it is cut.
fn name_at(bytes: &[u8]) -> (String, usize) {
    let mut name = String::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        if byte <= b' ' || b"()<>[]{}/%".contains(&byte) || name.len() > 40 {
            break;
        }
        let escaped = (byte == b'#').then(|| bytes.get(at + 1..at + 3)).flatten();
        let escaped = escaped.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        at += if escaped.is_some() { 3 } else { 1 };
        name.push(char::from(escaped.unwrap_or(byte)));
    }
    (name, at)
}

// Each `stream` with what stands before it and what follows.
struct Streams<'a> {
    bytes: &'a [u8],
    from: usize,
}

impl<'a> Streams<'a> {
    const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, from: 0 }
    }
}

impl<'a> Iterator for Streams<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let at = self.from + find(&self.bytes[self.from..], b"stream")?;
            let after = at + b"stream".len();
            self.from = after;
            if self.bytes[..at].ends_with(b"end") {
                continue;
            }
            let content = &self.bytes[after..];
            let content = content
                .strip_prefix(b"\r\n")
                .or_else(|| content.strip_prefix(b"\n"))
                .or_else(|| content.strip_prefix(b"\r"))
                .unwrap_or(content);
            let before = &self.bytes[at.saturating_sub(DICTIONARY)..at];
            let from = find_last(before, b"obj").unwrap_or(0);
            return Some((&before[from..], content));
        }
    }
}

// What zlib makes of it, if it is that; as much of it as is looked at.
fn unpack(content: &[u8]) -> Option<Vec<u8>> {
    let is_zlib = matches!(content, [first, second, ..] if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0);
    if !is_zlib {
        return None;
    }
    let mut inner = Vec::new();
    // A broken end is a reader's habit to forgive: what came before it counts.
    let _ = ZlibDecoder::new(content).take(MOST_STREAM).read_to_end(&mut inner);
    (!inner.is_empty()).then_some(inner)
}

fn tail(bytes: &[u8], most: usize) -> &[u8] {
    &bytes[bytes.len().saturating_sub(most)..]
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        if bytes[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

fn find_last(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).rposition(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    fn pdf(catalog: &str, more: &[u8]) -> Vec<u8> {
        let mut bytes =
            format!("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R {catalog} >>\nendobj\n").into_bytes();
        bytes.extend(more);
        bytes.extend(b"\nstartxref\n0\n%%EOF\n");
        bytes
    }

    fn packed(dictionary: &str, content: &str) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content.as_bytes()).unwrap();
        let mut bytes = format!("5 0 obj\n<< {dictionary} >>\nstream\n").into_bytes();
        bytes.extend(encoder.finish().unwrap());
        bytes.extend(b"\nendstream\nendobj\n");
        bytes
    }

    #[test]
    fn a_plain_document_is_taken() {
        assert_eq!(check(&pdf("", b"")), Ok(()));
        assert_eq!(check(&pdf("/OpenAction [3 0 R /XYZ null null 0]", b"")), Ok(()));
        assert_eq!(check(&pdf("", &packed("/Filter /FlateDecode", "BT (Launch the boat) Tj ET"))), Ok(()));
        assert_eq!(check(&pdf("", &packed("/Type /ObjStm /Filter /FlateDecode", "7 0 << /Type /Page >>"))), Ok(()));
    }

    #[test]
    fn what_acts_by_itself_is_refused_wherever_it_hides() {
        for catalog in [
            "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
            "/OpenAction 9 0 R",
            "/Names << /JavaScript 4 0 R >>",
            "/AA << /O << /S /J#61vaScript /JS (x) >> >>",
            "/A << /S /Launch /F (cmd.exe) >>",
            "/Names << /Embedded#46iles 4 0 R >>",
            "/A << /S /Rendition /JS (x) >>",
        ] {
            assert_eq!(check(&pdf(catalog, b"")), Err(PdfError::Active), "{catalog}");
        }
        let hidden = packed("/Type /ObjStm /Filter /FlateDecode", "7 0 << /S /JavaScript /JS (x) >>");
        assert_eq!(check(&pdf("", &hidden)), Err(PdfError::Active));
    }

    #[test]
    fn what_cannot_be_looked_through_is_refused() {
        assert_eq!(check(&pdf("/Encrypt 8 0 R", b"")), Err(PdfError::Opaque));
        let twice = packed("/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]", "x");
        assert_eq!(check(&pdf("", &twice)), Err(PdfError::Opaque));
        let raw = b"5 0 obj\n<< /Type /Obj#53tm >>\nstream\n7 0 << >>\nendstream\nendobj\n";
        assert_eq!(check(&pdf("", raw)), Err(PdfError::Opaque));
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for bytes in [&b""[..], b"%PDF-1.7", b"GIF89a%PDF-1.7 startxref %%EOF", b"<html>%PDF-1.4 startxref %%EOF"] {
            assert_eq!(check(bytes), Err(PdfError::NoPdf));
        }
    }

    #[test]
    fn a_bomb_is_unpacked_no_further_than_it_is_looked_at() {
        let bomb = packed("/Filter /FlateDecode", &"\0".repeat(40 * 1024 * 1024));
        assert!(bomb.len() < 100_000);
        assert_eq!(check(&pdf("", &bomb)), Ok(()));
        assert_eq!(check(&pdf("", &bomb.repeat(8))), Err(PdfError::Opaque));
    }
}
