//! What a visible signature shows: lines of text that fill its rectangle (ISO 32000-2 §12.5.5).
//!
//! No font is embedded. Latin text is in Helvetica, which every reader has (ISO 32000-1 §9.6.2.2); other text in
//! STSong-Light with the predefined CMap `UniGB-UCS2-H` (ISO 32000-2 §9.7.5.2), for which readers take a Chinese
//! font of their own.

use crate::encoding::hex;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::object::PdfString;
use crate::signature::pdf::write::error::PdfWriteError;
use crate::signature::pdf::write::request::NewSignature;
use crate::signature::pdf::write::request::Rectangle;
use crate::signature::pdf::write::serialise;
use crate::signature::pdf::write::update::Update;

/// The largest text, in points.
const MAX_SIZE: f64 = 12.0;
/// From one line to the next, in sizes of the text.
const LEADING: f64 = 1.25;
/// Around the text, in points.
const MARGIN: f64 = 2.0;
/// Characters of one line.
const MAX_CHARACTERS: usize = 200;

/// Adds the appearance of a signature.
pub(super) fn add(
    update: &mut Update<'_, '_, '_>,
    rectangle: Rectangle,
    request: &NewSignature<'_>,
) -> Result<ObjectId, PdfWriteError> {
    let time = request.signed_at.to_string();
    let time = time.replace('T', " ").replace('Z', " UTC");
    let lines = [
        Some(request.signer),
        Some(time.as_str()),
        request.reason,
        request.location,
    ];
    let lines: Vec<String> = lines.into_iter().flatten().map(shown).collect();
    let data = text(&lines, rectangle);
    let box_of = [0.0, 0.0, rectangle.width, rectangle.height].map(Object::Real);
    let fonts = Dictionary::of([
        ("F1", Object::Dictionary(helvetica())),
        ("F2", Object::Dictionary(song(update)?)),
    ]);
    let resources = Dictionary::of([("Font", Object::Dictionary(fonts))]);
    let form = Dictionary::of([
        ("Type", Object::name("XObject")),
        ("Subtype", Object::name("Form")),
        ("BBox", Object::Array(box_of.into())),
        ("Resources", Object::Dictionary(resources)),
    ]);
    update.add_stream(form, data)
}

/// A line as it can be shown: without control characters, and of the plane that UCS-2 has.
fn shown(line: &str) -> String {
    let characters = line.chars().filter(|character| !character.is_control());
    let characters = characters.map(|character| match u32::from(character) {
        0..=0xffff => character,
        _ => char::REPLACEMENT_CHARACTER,
    });
    characters.take(MAX_CHARACTERS).collect()
}

fn text(lines: &[String], rectangle: Rectangle) -> Vec<u8> {
    let count = lines.iter().fold(0.0, |count, _| count + 1.0);
    let widest = lines.iter().map(|line| width(line)).fold(1.0, f64::max);
    let size = MAX_SIZE
        .min((rectangle.width - 2.0 * MARGIN) / widest)
        .min((rectangle.height - 2.0 * MARGIN) / (count * LEADING))
        .max(0.5);
    let top = rectangle.height - MARGIN - size;
    let mut out = Vec::new();
    let first = format!("q BT {:.2} TL {MARGIN} {top:.2} Td\n", size * LEADING);
    out.extend(first.bytes());
    for line in lines {
        for run in runs(line) {
            let is_latin = run.chars().all(is_latin);
            let font = if is_latin { "F1" } else { "F2" };
            out.extend(format!("/{font} {size:.2} Tf ").bytes());
            if is_latin {
                let run = Object::String(PdfString::new(run.as_bytes()));
                serialise::write(&mut out, &run);
            } else {
                let units: Vec<u8> = run.encode_utf16().flat_map(u16::to_be_bytes).collect();
                out.extend(format!("<{}>", hex::encode(&units)).bytes());
            }
            out.extend(b" Tj\n");
        }
        out.extend(b"T*\n");
    }
    out.extend(b"ET Q\n");
    out
}

const fn is_latin(character: char) -> bool {
    matches!(character, ' '..='~')
}

/// Pieces of a line, each in one font.
fn runs(line: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut last = None;
    for character in line.chars() {
        let kind = is_latin(character);
        match runs.last_mut() {
            Some(run) if last == Some(kind) => run.push(character),
            _ => runs.push(character.into()),
        }
        last = Some(kind);
    }
    runs
}

/// How wide a line is, in sizes of the text.
fn width(line: &str) -> f64 {
    let width = |character: char| -> u16 {
        let place = u32::from(character).checked_sub(u32::from(' '));
        let place = place.and_then(|place| usize::try_from(place).ok());
        let known = place.and_then(|place| HELVETICA_WIDTHS.get(place));
        known.copied().unwrap_or(1000)
    };
    line.chars().map(width).map(f64::from).sum::<f64>() / 1000.0
}

/// Of the characters from the space to the tilde, in thousandths of the size (Adobe's metrics of Helvetica).
const HELVETICA_WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

fn helvetica() -> Dictionary {
    Dictionary::of([
        ("Type", Object::name("Font")),
        ("Subtype", Object::name("Type1")),
        ("BaseFont", Object::name("Helvetica")),
        ("Encoding", Object::name("WinAnsiEncoding")),
    ])
}

/// ISO 32000-2 §9.7.4 and §9.7.6: a descendant font of the collection Adobe-GB1.
fn song(update: &mut Update<'_, '_, '_>) -> Result<Dictionary, PdfWriteError> {
    let text = |text: &str| Object::String(PdfString::of_text(text));
    let whole = |numbers: [i64; 4]| Object::Array(numbers.map(Object::Integer).into());
    let descriptor = Dictionary::of([
        ("Type", Object::name("FontDescriptor")),
        ("FontName", Object::name("STSong-Light")),
        // Serif, and symbolic since it is of no Latin character set.
        ("Flags", Object::Integer(6)),
        ("FontBBox", whole([-25, -254, 1000, 880])),
        ("ItalicAngle", Object::Integer(0)),
        ("Ascent", Object::Integer(880)),
        ("Descent", Object::Integer(-120)),
        ("CapHeight", Object::Integer(880)),
        ("StemV", Object::Integer(93)),
    ]);
    let descriptor = update.add(Object::Dictionary(descriptor))?;
    let collection = Dictionary::of([
        ("Registry", text("Adobe")),
        ("Ordering", text("GB1")),
        ("Supplement", Object::Integer(2)),
    ]);
    let descendant = Dictionary::of([
        ("Type", Object::name("Font")),
        ("Subtype", Object::name("CIDFontType0")),
        ("BaseFont", Object::name("STSong-Light")),
        ("CIDSystemInfo", Object::Dictionary(collection)),
        ("FontDescriptor", Object::Reference(descriptor)),
        ("DW", Object::Integer(1000)),
    ]);
    let descendant = Object::Reference(update.add(Object::Dictionary(descendant))?);
    Ok(Dictionary::of([
        ("Type", Object::name("Font")),
        ("Subtype", Object::name("Type0")),
        ("BaseFont", Object::name("STSong-Light-UniGB-UCS2-H")),
        ("Encoding", Object::name("UniGB-UCS2-H")),
        ("DescendantFonts", Object::Array(vec![descendant])),
    ]))
}
