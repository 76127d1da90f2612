//! Laws of [`SdJwt::parse`].
//!
//! A fuzzer that changes a byte of base64url mostly breaks the encoding. So an input that begins with `!`
//! is a recipe: lines of header, payload and disclosures in the clear, which [`assemble`] encodes.

use serde_json::Value;
use yinxin::credential::sd_jwt_vc::disclosure::embedded_digest;
use yinxin::credential::sd_jwt_vc::parse::Limits;
use yinxin::credential::sd_jwt_vc::parse::SdJwt;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::encoding::base64url;

/// What is read is written back byte for byte; what is disclosed holds none of the members that withhold;
/// withholding everything keeps what decides on validity; a refusal can be shown on a terminal.
pub fn parse(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let text = &match text.strip_prefix('!') {
        Some(recipe) => assemble(recipe),
        None => text.to_owned(),
    };
    let credential = match SdJwt::parse(text, Limits::DEFAULT) {
        Ok(credential) => credential,
        Err(refusal) => {
            let message = refusal.to_string();
            assert!(!message.chars().any(char::is_control), "{message:?}");
            return;
        }
    };
    assert_eq!(credential.to_compact(), *text, "not what was read");
    for (name, value) in &credential.disclose().all() {
        assert_no_placeholder(name, value);
    }

    let bare = credential.present(|_| false);
    let bare = SdJwt::parse(&bare, Limits::DEFAULT).expect("withholding everything never fails");
    let (whole, bare) = (credential.registered(), bare.registered());
    assert_eq!(
        (
            &bare.iss,
            &bare.vct,
            bare.not_before,
            bare.expires_at,
            &bare.status
        ),
        (
            &whole.iss,
            &whole.vct,
            whole.not_before,
            whole.expires_at,
            &whole.status
        ),
        "a holder can change what decides on validity"
    );
}

/// Encodes a recipe. `#2` on a line stands for the digest of line 2, the first disclosure, where that line
/// comes later: so disclosures refer to each other as they may, without circles.
fn assemble(recipe: &str) -> String {
    let mut lines: Vec<String> = recipe.lines().map(str::to_owned).collect();
    for last in (2..lines.len()).rev() {
        let Some((line, earlier)) = lines.get(..=last).and_then(<[String]>::split_last) else {
            break;
        };
        let digest = embedded_digest(DigestAlgorithm::Sha256, &base64url::encode(line.as_bytes()));
        let reference = format!("#{last}");
        let earlier: Vec<String> = earlier
            .iter()
            .map(|line| line.replace(&reference, &digest))
            .collect();
        lines.splice(..last, earlier);
    }
    let mut encoded = lines.iter().map(|line| base64url::encode(line.as_bytes()));
    let header = encoded.next().unwrap_or_default();
    let payload = encoded.next().unwrap_or_default();
    let mut text = format!("{header}.{payload}.AAAA~");
    for disclosure in encoded {
        text.push_str(&disclosure);
        text.push('~');
    }
    text
}

fn assert_no_placeholder(name: &str, value: &Value) {
    assert!(name != "_sd" && name != "...", "`{name}` is disclosed");
    match value {
        Value::Array(elements) => {
            for element in elements {
                assert_no_placeholder("", element);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                assert_no_placeholder(name, value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_becomes_the_presentation_that_it_describes() {
        let text = assemble(crate::seeds::RECIPE);
        let credential = SdJwt::parse(&text, Limits::DEFAULT).unwrap();
        let claims = credential.disclose().all();
        assert_eq!(claims["outer"]["inner"], serde_json::json!([1, 2.5, null]));
        assert_eq!(claims["list"], serde_json::json!(["x", {"a": true}]));
    }
}
