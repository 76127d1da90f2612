//! Laws of [`OcspResponse::parse_der`].

use yinxin::pki::der;
use yinxin::pki::der::DerError;
use yinxin::pki::der::Reader;
use yinxin::pki::revocation::ocsp::OcspResponse;

/// A response keeps its bytes; with its last byte missing, or one more, it is none; as many answers are
/// read as stand there.
pub fn parse(data: &[u8]) {
    let response = match OcspResponse::parse_der(data) {
        Ok(response) => response,
        Err(refusal) => {
            let message = refusal.to_string();
            assert!(!message.chars().any(char::is_control), "{message:?}");
            return;
        }
    };
    let shorter = data.split_last().map_or(data, |(_, shorter)| shorter);
    assert!(OcspResponse::parse_der(shorter).is_err(), "a byte fewer");
    assert!(
        OcspResponse::parse_der([data, &[0]].concat()).is_err(),
        "a byte more"
    );
    let OcspResponse::Basic(basic) = response else {
        return;
    };
    assert_eq!(basic.der(), data, "not what was read");
    let count = count_answers(data).expect("it was read");
    assert_eq!(basic.answers().len(), count, "answers");
}

/// RFC 6960 §4.2.1, by the way of the outermost tags alone.
fn count_answers(data: &[u8]) -> Result<usize, DerError> {
    let mut response = Reader::new(data).expect(der::SEQUENCE)?.reader();
    response.expect(der::ENUMERATED)?;
    let mut bytes = response.expect(der::context_constructed(0))?.reader();
    let mut bytes = bytes.expect(der::SEQUENCE)?.reader();
    bytes.expect(der::OBJECT_IDENTIFIER)?;
    let basic = bytes.expect(der::OCTET_STRING)?.content;
    let mut basic = Reader::new(basic).expect(der::SEQUENCE)?.reader();
    let mut fields = basic.expect(der::SEQUENCE)?.reader();
    fields.optional(der::context_constructed(0))?;
    fields.read()?;
    fields.expect(der::GENERALIZED_TIME)?;
    let mut answers = fields.expect(der::SEQUENCE)?.reader();
    let mut count = 0;
    while !answers.is_at_end() {
        answers.read()?;
        count += 1;
    }
    Ok(count)
}
