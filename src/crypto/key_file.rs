//! Private keys as they rest on disk: PKCS#8, encrypted under a passphrase (PBES2, RFC 8018 §6.2).
//!
//! The form is the PEM `ENCRYPTED PRIVATE KEY` of RFC 7468 §11, which OpenSSL's tools read and write as
//! well: an operator can inspect or replace a key without us.

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der;
use pkcs8::der::Decode as _;
use pkcs8::der::Encode as _;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::pkcs5;
use pkcs8::pkcs5::pbes2::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::pkcs5::pbes2::Parameters;
use pkcs8::pkcs5::pbes2::ScryptParams;

use crate::crypto::random;
use crate::crypto::random::Random;
use crate::crypto::random::RandomError;
use crate::encoding::pem;
use crate::encoding::pem::PemError;
use crate::secret::Secret;

/// RFC 7468 §11.
const LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// What we encrypt under: scrypt N = 2¹⁴, r = 8, p = 5, of which OWASP's password storage advice says
/// that it is as good as N = 2¹⁷, p = 1. It takes 16 MiB, because OpenSSL refuses more than 32 MiB when
/// it reads a key, and some 0.2 s.
const SCRYPT_COST: u64 = 1 << 14;
const SCRYPT_BLOCK_SIZE: u16 = 8;
const SCRYPT_PARALLELIZATION: u16 = 5;

/// The most that a file may demand of us when it is read. Rounds: RFC 8018 §4.2 names ten million for
/// especially critical keys. scrypt takes 128·N·r bytes of memory, and a time that grows with 128·N·r·p.
const MAX_PBKDF2_ROUNDS: u32 = 10_000_000;
const MAX_SCRYPT_MEMORY_BYTES: u64 = 256 << 20;
const MAX_SCRYPT_WORK_BYTES: u64 = 1 << 30;

/// Encrypts a PKCS#8 private key under a passphrase, and writes it as PEM.
///
/// scrypt and AES-256-CBC; salt and IV come from `random`.
///
/// # Errors
/// [`KeyFileError::EmptyPassphrase`], [`KeyFileError::Random`]; [`KeyFileError::Scheme`] and
/// [`KeyFileError::Der`] cannot happen with keys of any sensible size.
pub fn encrypt(
    pkcs8: &Secret<Vec<u8>>,
    passphrase: &Secret<String>,
    random: &dyn Random,
) -> Result<String, KeyFileError> {
    if passphrase.expose().is_empty() {
        return Err(KeyFileError::EmptyPassphrase);
    }
    let salt: [u8; 16] = random::array(random)?;
    let parameters = Parameters {
        kdf: Kdf::Scrypt(ScryptParams {
            salt: salt.as_slice().try_into().map_err(KeyFileError::Der)?,
            cost_parameter: SCRYPT_COST,
            block_size: SCRYPT_BLOCK_SIZE,
            parallelization: SCRYPT_PARALLELIZATION,
            key_length: None,
        }),
        encryption: EncryptionScheme::Aes256Cbc {
            iv: random::array(random)?,
        },
    };
    let encrypted = parameters
        .encrypt(passphrase.expose(), pkcs8.expose())
        .map_err(KeyFileError::Scheme)?;
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: parameters.into(),
        encrypted_data: OctetStringRef::new(&encrypted).map_err(KeyFileError::Der)?,
    };
    let der = info.to_der().map_err(KeyFileError::Der)?;
    Ok(pem::encode(LABEL, &der))
}

/// Decrypts what [`encrypt`] wrote, or OpenSSL with scrypt or PBKDF2; gives the PKCS#8 DER.
///
/// Demands of the file no minimum of work: what it was encrypted under is decided already.
///
/// # Errors
/// See [`KeyFileError`]. The scheme carries no proof of its own, so that a wrong passphrase shows only
/// in that no PKCS#8 comes out: [`KeyFileError::Passphrase`] may also mean a damaged file.
pub fn decrypt(pem: &str, passphrase: &Secret<String>) -> Result<Secret<Vec<u8>>, KeyFileError> {
    let blocks = pem::decode(pem.as_bytes(), 1).map_err(KeyFileError::Pem)?;
    let Some(block) = blocks.first().filter(|block| block.label == LABEL) else {
        return Err(KeyFileError::NotEncrypted);
    };
    let info = EncryptedPrivateKeyInfoRef::from_der(&block.der).map_err(KeyFileError::Der)?;
    let parameters = info
        .encryption_algorithm
        .pbes2()
        .ok_or(KeyFileError::NotPbes2)?;
    if !is_bearable(&parameters.kdf) {
        return Err(KeyFileError::WorkFactor);
    }
    let decrypted = parameters.decrypt(passphrase.expose(), info.encrypted_data.as_bytes());
    let pkcs8 = match decrypted {
        Ok(bytes) => Secret::new(bytes),
        Err(pkcs5::Error::DecryptFailed) => return Err(KeyFileError::Passphrase),
        Err(cause) => return Err(KeyFileError::Scheme(cause)),
    };
    if PrivateKeyInfoRef::from_der(pkcs8.expose()).is_err() {
        return Err(KeyFileError::Passphrase);
    }
    Ok(pkcs8)
}

/// Whether deriving the key stays within our limits, known before any work is done.
fn is_bearable(kdf: &Kdf) -> bool {
    match kdf {
        Kdf::Pbkdf2(parameters) => parameters.iteration_count <= MAX_PBKDF2_ROUNDS,
        Kdf::Scrypt(parameters) => {
            let memory = parameters
                .cost_parameter
                .saturating_mul(128)
                .saturating_mul(parameters.block_size.into());
            let work = memory.saturating_mul(parameters.parallelization.into());
            memory <= MAX_SCRYPT_MEMORY_BYTES && work <= MAX_SCRYPT_WORK_BYTES
        }
        _ => false,
    }
}

/// Why a key was not encrypted or decrypted.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Not the DER of an encrypted private key.
    #[error("the key file is not an encrypted PKCS#8 key")]
    Der(#[source] der::Error),
    /// Without a passphrase a key would not be encrypted.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The PEM holds something else, such as a key without encryption.
    #[error("the key file is not an `{LABEL}`")]
    NotEncrypted,
    /// Encrypted under PBES1, which is broken (RFC 8018 §6.1).
    #[error("the key file is encrypted under an obsolete scheme")]
    NotPbes2,
    /// Wrong passphrase, or a damaged file.
    #[error("the passphrase does not open the key file")]
    Passphrase,
    /// Not PEM.
    #[error("the key file is not PEM")]
    Pem(#[source] PemError),
    /// No randomness for salt and IV.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// An algorithm or parameters that we do not have.
    #[error("the key file's encryption is not supported")]
    Scheme(#[source] pkcs5::Error),
    /// Reading the file would take more time or memory than any honest file does.
    #[error("the key file demands too much work to be decrypted")]
    WorkFactor,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::key_purpose::KeyPurpose;
    use crate::crypto::random::SeededRandom;
    use crate::crypto::sign::SigningKey;
    use openssl::pkey::PKey;
    use openssl::symm::Cipher;
    use pkcs8::pkcs5::pbes2::Pbkdf2Params;

    static RANDOM: SeededRandom = SeededRandom::new([1; 32]);

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    fn new_key() -> Secret<Vec<u8>> {
        SigningKey::generate(KeyPurpose::Credential).unwrap().1
    }

    #[test]
    fn the_passphrase_opens_what_it_closed() {
        let key = new_key();
        let file = encrypt(&key, &secret("开门"), &RANDOM).unwrap();
        assert!(file.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        assert_eq!(
            decrypt(&file, &secret("开门")).unwrap().expose(),
            key.expose()
        );
        for other in ["开们", ""] {
            assert!(matches!(
                decrypt(&file, &secret(other)),
                Err(KeyFileError::Passphrase)
            ));
        }
    }

    #[test]
    fn openssl_reads_what_we_write() {
        let (_, sm2_key) = SigningKey::generate_sm2(KeyPurpose::Credential, &RANDOM).unwrap();
        for key in [new_key(), sm2_key] {
            assert_openssl_reads(&key);
        }
    }

    fn assert_openssl_reads(key: &Secret<Vec<u8>>) {
        let file = encrypt(key, &secret("open"), &RANDOM).unwrap();
        let read = PKey::private_key_from_pem_passphrase(file.as_bytes(), b"open").unwrap();
        let expected = PKey::private_key_from_der(key.expose()).unwrap();
        assert!(read.public_eq(&expected));
    }

    #[test]
    fn we_read_what_openssl_writes() {
        let key = PKey::private_key_from_der(new_key().expose()).unwrap();
        let file = key
            .private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"open")
            .unwrap();
        let pkcs8 = decrypt(&String::from_utf8(file).unwrap(), &secret("open")).unwrap();
        let read = SigningKey::from_pkcs8(KeyPurpose::Credential, pkcs8.expose()).unwrap();
        assert_eq!(
            read.public_key().spki_der(),
            key.public_key_to_der().unwrap()
        );
    }

    #[test]
    fn damaged_files_are_refused() {
        let file = encrypt(&new_key(), &secret("open"), &RANDOM).unwrap();
        let der = pem::decode(file.as_bytes(), 1).unwrap().remove(0).der;
        let opened = |label: &str, der: &[u8]| decrypt(&pem::encode(label, der), &secret("open"));
        assert!(matches!(
            opened(LABEL, &der[..der.len() - 1]),
            Err(KeyFileError::Der(_))
        ));
        assert!(matches!(
            opened(LABEL, &[der.as_slice(), &[0]].concat()),
            Err(KeyFileError::Der(_))
        ));
        assert!(matches!(
            opened("PRIVATE KEY", &der),
            Err(KeyFileError::NotEncrypted)
        ));
        let mut flipped = der;
        *flipped.last_mut().unwrap() ^= 1;
        assert!(matches!(
            opened(LABEL, &flipped),
            Err(KeyFileError::Passphrase)
        ));
        assert!(matches!(
            decrypt("", &secret("open")),
            Err(KeyFileError::Pem(PemError::NoBlock))
        ));
    }

    #[test]
    fn a_key_is_never_written_in_the_clear() {
        assert!(matches!(
            encrypt(&new_key(), &secret(""), &RANDOM),
            Err(KeyFileError::EmptyPassphrase)
        ));
    }

    #[test]
    fn absurd_work_is_refused_before_it_is_done() {
        let scrypt = |cost_parameter, block_size, parallelization| {
            Kdf::Scrypt(ScryptParams {
                salt: [0; 16].as_slice().try_into().unwrap(),
                cost_parameter,
                block_size,
                parallelization,
                key_length: None,
            })
        };
        let pbkdf2 = |rounds| Kdf::Pbkdf2(Pbkdf2Params::hmac_sha256(rounds, &[0; 16]).unwrap());
        assert!(is_bearable(&scrypt(SCRYPT_COST, 8, 5)));
        assert!(is_bearable(&scrypt(1 << 17, 8, 1)));
        assert!(is_bearable(&pbkdf2(MAX_PBKDF2_ROUNDS)));
        for kdf in [
            scrypt(1 << 30, 8, 1),
            scrypt(u64::MAX, u16::MAX, u16::MAX),
            scrypt(1 << 14, 8, u16::MAX),
            pbkdf2(MAX_PBKDF2_ROUNDS + 1),
        ] {
            let parameters = Parameters {
                kdf: kdf.clone(),
                encryption: EncryptionScheme::Aes256Cbc { iv: [0; 16] },
            };
            let info = EncryptedPrivateKeyInfoRef {
                encryption_algorithm: parameters.into(),
                encrypted_data: OctetStringRef::new(&[0; 32]).unwrap(),
            };
            let file = pem::encode(LABEL, &info.to_der().unwrap());
            assert!(
                matches!(
                    decrypt(&file, &secret("open")),
                    Err(KeyFileError::WorkFactor)
                ),
                "{kdf:?}"
            );
        }
    }
}
