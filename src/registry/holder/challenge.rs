//! Challenges: one line that says in two languages what is signed, for whom, where and until when.
//!
//! It is one line, so that no editor turns its line ends into others; what tools add behind it, one line end, does not
//! count. Whoever is asked to sign it for somebody else can read what they would give away.

use crate::clock::Timestamp;
use crate::crypto::hmac::HmacKey;
use crate::crypto::random::Random;
use crate::crypto::random::RandomError;
use crate::crypto::random::array;
use crate::encoding::base64url;
use crate::identifier::uscc::Uscc;

/// Tells tags of challenges from those of other secrets.
const DOMAIN: &str = "challenge:";
/// How every challenge begins.
const MARK: &str = "印信企业自助登录 yinxin company sign-in; ";
/// The longest text that is taken for a challenge, in bytes: ours have some 400.
pub const MAX_CHALLENGE_BYTES: usize = 2048;

/// The challenge of `service` to `uscc`; 256 random bits make it unguessable.
///
/// # Errors
/// [`RandomError`] when there is no randomness.
pub fn generate(
    service: &str,
    uscc: &Uscc,
    expires_at: Timestamp,
    random: &dyn Random,
) -> Result<String, RandomError> {
    let nonce = base64url::encode(&array::<32>(random)?);
    Ok(format!(
        "{MARK}服务 service: {service}; 企业 company: {uscc}; \
         用途 purpose: 领取本企业凭证、查看谁查询过本企业 fetch this company's credentials, see who looked at it; \
         有效期至 valid until: {expires_at}; 随机数 nonce: {nonce}"
    ))
}

/// Whether a text that a server sent is a challenge to `uscc`, for whoever is about to sign it.
#[must_use]
pub fn is_meant(text: &str, uscc: &Uscc) -> bool {
    text.len() <= MAX_CHALLENGE_BYTES
        && text.starts_with(MARK)
        && text.contains(&format!("; 企业 company: {uscc}; "))
        && !text.contains(char::is_control)
}

/// The keyed digest under which a challenge is recorded.
#[must_use]
pub fn tag(pepper: &HmacKey, challenge: &str) -> [u8; 32] {
    pepper.tag(format!("{DOMAIN}{challenge}").as_bytes())
}

/// The contents that count as the challenge: itself, and with one line end behind it.
#[must_use]
pub fn forms(challenge: &str) -> [String; 3] {
    ["", "\n", "\r\n"].map(|line_end| format!("{challenge}{line_end}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::SeededRandom;

    #[test]
    fn a_challenge_is_one_line_that_names_service_company_and_purpose() {
        let uscc = Uscc::with_check("91441900MA5ABCDE7").unwrap();
        let until = Timestamp::parse("2026-06-01T00:10:00Z").unwrap();
        let random = SeededRandom::new([1; 32]);
        let challenge = generate("https://city.example", &uscc, until, &random).unwrap();
        for part in [
            "https://city.example",
            uscc.as_str(),
            "2026-06-01T00:10:00Z",
            "领取本企业凭证",
            "fetch this company's credentials",
        ] {
            assert!(challenge.contains(part), "{challenge}");
        }
        assert!(is_meant(&challenge, &uscc));
        let other = Uscc::with_check("91441900MA5ABCDE8").unwrap();
        assert!(!is_meant(&challenge, &other) && !is_meant("a contract", &uscc));
        assert!(!is_meant(&format!("{challenge}\nand a contract"), &uscc));
        assert_eq!(challenge.lines().count(), 1);
        assert!(challenge.len() < MAX_CHALLENGE_BYTES / 2);
        let other = generate("https://city.example", &uscc, until, &random).unwrap();
        assert_ne!(challenge, other);
        let pepper = HmacKey::new(b"pepper");
        assert_ne!(tag(&pepper, &challenge), tag(&pepper, &other));
    }
}
