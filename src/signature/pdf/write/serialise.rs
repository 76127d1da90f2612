//! Objects to bytes (ISO 32000-2 §7.3).

use crate::encoding::hex;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Name;
use crate::signature::pdf::object::Object;

/// Appends `object` to `out`.
pub(super) fn write(out: &mut Vec<u8>, object: &Object) {
    match object {
        Object::Array(elements) => {
            out.push(b'[');
            for (place, element) in elements.iter().enumerate() {
                if place > 0 {
                    out.push(b' ');
                }
                write(out, element);
            }
            out.push(b']');
        }
        Object::Boolean(value) => out.extend(value.to_string().bytes()),
        Object::Dictionary(dictionary) => {
            out.extend(b"<<");
            write_entries(out, dictionary);
            out.extend(b">>");
        }
        Object::Integer(number) => out.extend(number.to_string().bytes()),
        Object::Name(name) => write_name(out, name),
        Object::Null => out.extend(b"null"),
        Object::Real(number) => out.extend(real(*number).bytes()),
        Object::Reference(id) => out.extend(format!("{id} R").bytes()),
        Object::String(string) => write_string(out, &string.bytes),
    }
}

/// The entries of a dictionary, without its delimiters.
pub(super) fn write_entries(out: &mut Vec<u8>, dictionary: &Dictionary) {
    for (name, value) in dictionary.iter() {
        write_name(out, name);
        out.push(b' ');
        write(out, value);
        out.push(b'\n');
    }
}

/// A decimal fraction: PDF knows no exponents (ISO 32000-2 §7.3.3), and neither does this way to write it.
fn real(number: f64) -> String {
    match number == 0.0 && number.is_sign_negative() {
        true => "-0.0".to_owned(),
        false => format!("{number}"),
    }
}

fn write_name(out: &mut Vec<u8>, name: &Name) {
    out.push(b'/');
    for byte in name.as_bytes() {
        let is_regular = byte.is_ascii_graphic() && !b"#()<>[]{}/%".contains(byte);
        match is_regular {
            true => out.push(*byte),
            // ISO 32000-2 §7.3.5.
            false => out.extend(format!("#{byte:02X}").bytes()),
        }
    }
}

fn write_string(out: &mut Vec<u8>, bytes: &[u8]) {
    if !bytes
        .iter()
        .all(|byte| byte.is_ascii_graphic() || *byte == b' ')
    {
        out.push(b'<');
        out.extend(hex::encode(bytes).bytes());
        out.push(b'>');
        return;
    }
    out.push(b'(');
    for byte in bytes {
        if matches!(byte, b'(' | b')' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(b')');
}
