//! A path of SM2 certificates, as Chinese CAs issue them (GB/T 20518): root → intermediate → end entity.

use sm2::dsa::Signature;
use sm2::dsa::SigningKey;
use sm2::dsa::signature::Signer as _;
use yinxin::pki::der;

use crate::certificate_writer as writer;
use crate::certificate_writer::Draft;
use crate::certificate_writer::Sign;

/// DER of the three.
pub(crate) struct Sm2Chain {
    pub(crate) root: Vec<u8>,
    pub(crate) intermediate: Vec<u8>,
    pub(crate) end_entity: Vec<u8>,
}

impl Sm2Chain {
    pub(crate) fn new() -> Self {
        let [root, intermediate, end] = [1, 2, 3].map(Sm2Key::new);
        let name = |text: &str| {
            writer::name(&[
                (writer::COUNTRY, der::PRINTABLE_STRING, "CN"),
                (
                    writer::ORGANISATION,
                    der::UTF8_STRING,
                    "示例电子认证服务有限公司",
                ),
                (writer::COMMON_NAME, der::UTF8_STRING, text),
            ])
        };
        let (root_name, intermediate_name) = (name("示例根"), name("示例运营CA"));
        let ca = |issuer: (&[u8], &Sm2Key), subject: (&[u8], &Sm2Key)| {
            draft(issuer, subject)
                .with(writer::basic_constraints(true, None))
                .with(writer::key_usage(writer::KEY_CERT_SIGN | writer::CRL_SIGN))
                .sign(issuer.1)
        };
        let (above, below) = (
            (root_name.as_slice(), &root),
            (intermediate_name.as_slice(), &intermediate),
        );
        let end_name = name("东莞市示例有限公司");
        let organisation_code = der::encode(der::PRINTABLE_STRING, b"91441900MAXX00015U");
        Self {
            root: ca(above, above),
            intermediate: ca(above, below),
            end_entity: draft(below, (&end_name, &end))
                .with(writer::key_usage(writer::DIGITAL_SIGNATURE))
                .with(writer::Extension::new(
                    "1.2.156.10260.4.1.4",
                    false,
                    organisation_code,
                ))
                .sign(below.1),
        }
    }
}

fn draft(issuer: (&[u8], &Sm2Key), subject: (&[u8], &Sm2Key)) -> Draft {
    let mut draft = Draft::new(issuer.0.to_vec(), subject.0.to_vec(), subject.1);
    draft.serial = vec![0x5a; 16];
    draft
        .with(writer::subject_key_id(&subject.1.key_id()))
        .with(writer::authority_key_id(&issuer.1.key_id()))
}

struct Sm2Key {
    key: SigningKey,
    algorithm: Vec<u8>,
    spki: Vec<u8>,
}

impl Sm2Key {
    /// The key whose secret is `scalar`: no secret at all, and the same one always.
    fn new(scalar: u8) -> Self {
        let mut secret = [0x11; 32];
        secret[31] = scalar;
        // The distinguishing identifier that everybody uses (GM/T 0009 §10).
        let key = SigningKey::from_slice("1234567812345678", &secret).unwrap();
        let point = [&[0], key.verifying_key().to_sec1_bytes().as_ref()].concat();
        let parameters = [
            writer::oid("1.2.840.10045.2.1"),
            writer::oid("1.2.156.10197.1.301"),
        ];
        Self {
            spki: writer::sequence(&[
                writer::sequence(&parameters),
                der::encode(der::BIT_STRING, &point),
            ]),
            // With NULL parameters, as nearly all have it.
            algorithm: writer::sequence(&[
                writer::oid("1.2.156.10197.1.501"),
                der::encode(der::NULL, &[]),
            ]),
            key,
        }
    }
}

impl Sign for Sm2Key {
    fn algorithm(&self) -> &[u8] {
        &self.algorithm
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, tbs: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key.sign(tbs);
        let bytes = signature.to_bytes();
        let (r, s) = bytes.split_at(32);
        writer::sequence(&[der::encode_unsigned(r), der::encode_unsigned(s)])
    }
}
