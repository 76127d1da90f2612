//! Stream data as they are meant (ISO 32000-2 §7.4), as far as the structure of a file depends on them: Flate
//! with its predictors. What a page shows is nobody's business here.

use std::io::Read;

use flate2::read::ZlibDecoder;

use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;

/// Decodes `raw`, the data of stream `id`, to at most `maximum` bytes.
///
/// # Errors
/// [`PdfError::Filter`] for another filter than `FlateDecode` and for broken data, [`PdfError::Limit`].
pub(super) fn decode(
    raw: &[u8],
    (id, dictionary): (ObjectId, &Dictionary),
    maximum: usize,
) -> Result<Vec<u8>, PdfError> {
    let refused = |detail: &str| PdfError::Filter {
        id,
        detail: detail.to_owned(),
    };
    let filters = match dictionary.get("Filter") {
        None => return limited(raw, maximum).map(<[u8]>::to_vec),
        Some(Object::Array(filters)) => filters.as_slice(),
        Some(filter) => std::slice::from_ref(filter),
    };
    match filters {
        [] => limited(raw, maximum).map(<[u8]>::to_vec),
        [Object::Name(name)] if name.is("FlateDecode") || name.is("Fl") => {
            let inflated = inflate(raw, maximum).map_err(|failure| match failure {
                Inflate::Broken => refused("not zlib data"),
                Inflate::TooLarge => too_large(maximum),
            })?;
            let parameters = match dictionary.get("DecodeParms").or(dictionary.get("DP")) {
                Some(Object::Array(parameters)) => parameters.first(),
                other => other,
            };
            match parameters {
                None | Some(Object::Null) => Ok(inflated),
                Some(Object::Dictionary(parameters)) => {
                    unpredict(inflated, parameters).ok_or_else(|| refused("a broken predictor"))
                }
                Some(_) => Err(refused("DecodeParms is not a dictionary")),
            }
        }
        _ => Err(refused("a filter that is not read")),
    }
}

const fn too_large(maximum: usize) -> PdfError {
    let what = "bytes of decompressed data";
    PdfError::Limit { what, maximum }
}

fn limited(raw: &[u8], maximum: usize) -> Result<&[u8], PdfError> {
    match raw.len() > maximum {
        true => Err(too_large(maximum)),
        false => Ok(raw),
    }
}

enum Inflate {
    Broken,
    TooLarge,
}

fn inflate(raw: &[u8], maximum: usize) -> Result<Vec<u8>, Inflate> {
    let mut inflated = Vec::new();
    let limit = u64::try_from(maximum).unwrap_or(u64::MAX).saturating_add(1);
    ZlibDecoder::new(raw)
        .take(limit)
        .read_to_end(&mut inflated)
        .map_err(|_broken| Inflate::Broken)?;
    match inflated.len() > maximum {
        true => Err(Inflate::TooLarge),
        false => Ok(inflated),
    }
}

/// Undoes a predictor (ISO 32000-2 §7.4.4.4).
fn unpredict(data: Vec<u8>, parameters: &Dictionary) -> Option<Vec<u8>> {
    let number = |key: &str, default: usize| match parameters.get(key) {
        None => Some(default),
        Some(value) => value.as_size(),
    };
    let predictor = number("Predictor", 1)?;
    let bits = number("Colors", 1)?.checked_mul(number("BitsPerComponent", 8)?)?;
    let row = bits.checked_mul(number("Columns", 1)?)?.div_ceil(8);
    let pixel = bits.div_ceil(8);
    if row == 0 || pixel == 0 {
        return None;
    }
    match predictor {
        1 => Some(data),
        10..=15 => png(&data, row, pixel),
        _ => None,
    }
}

/// The PNG predictors: each row says which one it uses (PNG §9.2).
fn png(data: &[u8], row: usize, pixel: usize) -> Option<Vec<u8>> {
    // Rows are as wide as the parameters say, whatever there is.
    if row > data.len() && !data.is_empty() {
        return None;
    }
    let mut decoded: Vec<u8> = Vec::with_capacity(data.len());
    let mut above = vec![0_u8; row.min(data.len())];
    for line in data.chunks(row.checked_add(1)?) {
        let (&kind, line) = line.split_first()?;
        let mut current = vec![0_u8; row];
        for (at, &byte) in line.iter().enumerate() {
            let before = |from: &[u8]| {
                at.checked_sub(pixel)
                    .and_then(|at| from.get(at).copied())
                    .unwrap_or(0)
            };
            let (left, up, corner) = (before(&current), *above.get(at)?, before(&above));
            let predicted = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => u8::try_from((u16::from(left) + u16::from(up)) / 2).ok()?,
                4 => paeth(left, up, corner),
                _ => return None,
            };
            *current.get_mut(at)? = byte.wrapping_add(predicted);
        }
        decoded.extend(current.iter().take(line.len()));
        above = current;
    }
    Some(decoded)
}

/// PNG §9.4.
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |value: u8| (estimate - i16::from(value)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

#[cfg(test)]
mod tests;
