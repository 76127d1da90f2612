//! The file encryption key of the empty user password, which is verified on the way (ISO 32000-2 §7.6.4).

use crate::crypto::aes_cbc;
use crate::crypto::aes_cbc::AesKey;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::digest::sha256;
use crate::crypto::weak::md5;
use crate::crypto::weak::rc4;
use crate::signature::pdf::encryption::EncryptionSettings;
use crate::signature::pdf::encryption::error::EncryptionError;

/// What pads a password to 32 bytes (§7.6.4.3.2, algorithm 2 (a)): of the empty one, all.
const PADDING: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08,
    0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];

/// Bytes of a key of 40 bits.
const SHORTEST: usize = 5;

/// Bytes of a key of 128 bits.
const LONGEST: usize = 16;

/// A file encryption key.
pub(super) enum FileKey {
    /// 5 to 16 bytes, from which every object's key is derived (algorithm 1).
    PerObject(Vec<u8>),
    /// The key of every object (algorithm 1.A).
    Whole([u8; 32]),
}

impl FileKey {
    /// Table 20 says which lengths a version has, table 21 which revision belongs to it.
    pub(super) fn of_empty_password(
        settings: &EncryptionSettings,
    ) -> Result<Self, EncryptionError> {
        match (settings.version, settings.revision) {
            // Algorithm 2 (i): 5 bytes in revision 2, whatever the version.
            (1, 2 | 3) | (2, 2) => per_object(settings, SHORTEST),
            (2, 3) => per_object(settings, length_bytes(settings.length_bits)?),
            (4, 4) => per_object(settings, LONGEST),
            (5, 5) => whole(settings, |salt| sha256(salt).0),
            (5, 6) => whole(settings, hardened_hash),
            (version, revision) => Err(EncryptionError::Unsupported { version, revision }),
        }
    }
}

fn length_bytes(bits: Option<i64>) -> Result<usize, EncryptionError> {
    let bits = bits.unwrap_or(40);
    let bytes = usize::try_from(bits).ok().filter(|bits| bits % 8 == 0);
    let bytes = bytes.map(|bits| bits / 8);
    bytes
        .filter(|bytes| (SHORTEST..=LONGEST).contains(bytes))
        .ok_or(EncryptionError::KeyLength { bits })
}

/// The first `N` bytes of an entry; some writers let zeros follow.
fn entry<'a, const N: usize>(
    entry: &'static str,
    bytes: &'a [u8],
) -> Result<&'a [u8; N], EncryptionError> {
    bytes.first_chunk().ok_or(EncryptionError::Entry {
        entry,
        bytes: bytes.len(),
        needed: N,
    })
}

/// The key up to revision 4, which algorithm 6 verifies: it makes the `U` that is there (§7.6.4.4.5).
fn per_object(settings: &EncryptionSettings, length: usize) -> Result<FileKey, EncryptionError> {
    let owner = entry("O", &settings.owner)?;
    let user = entry::<32>("U", &settings.user)?;
    let key = key_of_padding(settings, owner, length);
    let verified = if settings.revision == 2 {
        // Algorithm 4 (§7.6.4.4.3).
        rc4(&key, &PADDING) == user
    } else {
        // What follows the first 16 bytes is arbitrary.
        user.starts_with(&user_check(&key, &settings.first_id))
    };
    if verified {
        Ok(FileKey::PerObject(key))
    } else {
        Err(EncryptionError::PasswordNeeded)
    }
}

/// Algorithm 2 (§7.6.4.3.2), for a password that is nothing but padding.
fn key_of_padding(settings: &EncryptionSettings, owner: &[u8; 32], length: usize) -> Vec<u8> {
    let mut input = PADDING.to_vec();
    input.extend(owner);
    input.extend(settings.permissions.to_le_bytes().into_iter().take(4));
    input.extend(&settings.first_id);
    if settings.revision >= 4 && !settings.encrypt_metadata {
        input.extend([0xff; 4]);
    }
    let shortened = |input: &[u8]| md5(input).into_iter().take(length).collect::<Vec<_>>();
    let mut key = shortened(&input);
    if settings.revision >= 3 {
        for _ in 0..50 {
            key = shortened(&key);
        }
    }
    key
}

/// Algorithm 5 (§7.6.4.4.4) (b) to (e): the first 16 bytes of `U` from revision 3 on.
fn user_check(key: &[u8], first_id: &[u8]) -> Vec<u8> {
    let mut input = PADDING.to_vec();
    input.extend(first_id);
    (0..=19_u8).fold(md5(&input).to_vec(), |encrypted, round| {
        let key: Vec<_> = key.iter().map(|byte| byte ^ round).collect();
        rc4(&key, &encrypted)
    })
}

/// Algorithm 2.A (§7.6.4.3.3) (e), after algorithm 11 has verified the password (§7.6.4.4.10): `U` is a hash and its
/// salt, then the salt of the key that encrypts `UE`, which is the file's. In revision 5, Adobe's extension before
/// the standard, `hash` is SHA-256 alone.
fn whole(
    settings: &EncryptionSettings,
    hash: impl Fn(&[u8]) -> [u8; 32],
) -> Result<FileKey, EncryptionError> {
    let user = entry::<48>("U", &settings.user)?;
    let (expected, salts) = user.split_at(32);
    let (validation_salt, key_salt) = salts.split_at(8);
    if hash(validation_salt) != expected {
        return Err(EncryptionError::PasswordNeeded);
    }
    let encrypted = settings.user_key.as_deref().unwrap_or_default();
    let encrypted = entry::<32>("UE", encrypted)?;
    let key = aes_cbc::decrypt_blocks(&AesKey::Aes256(hash(key_salt)), &[0; 16], encrypted)?;
    Ok(FileKey::Whole(*entry("UE", &key)?))
}

/// Algorithm 2.B (§7.6.4.3.4) for the empty user password, so that what is hashed is the salt alone.
///
/// A last byte of 255 is small enough after 287 rounds: more there are not.
#[expect(
    clippy::expect_used,
    reason = "a digest of SHA-2 has 32 bytes at least, and 64 of them fill whole blocks"
)]
fn hardened_hash(salt: &[u8]) -> [u8; 32] {
    let mut hash = sha256(salt).0.to_vec();
    for round in 1..=287_u16 {
        let (key, rest) = hash.split_first_chunk().expect("a key");
        let iv = rest.first_chunk().expect("a vector");
        let encrypted = aes_cbc::encrypt_blocks(&AesKey::Aes128(*key), iv, &hash.repeat(64));
        let encrypted = encrypted.expect("whole blocks");
        // 256 is 1 modulo 3, so that a number is what the sum of its bytes is.
        let first_block = encrypted.iter().take(16);
        let algorithm = match first_block.map(|byte| u32::from(*byte)).sum::<u32>() % 3 {
            0 => DigestAlgorithm::Sha256,
            1 => DigestAlgorithm::Sha384,
            _ => DigestAlgorithm::Sha512,
        };
        hash = digest(algorithm, &encrypted).as_bytes().to_vec();
        let last = encrypted.last().copied().map_or(0, u16::from);
        if round >= 64 && last.saturating_add(32) <= round {
            break;
        }
    }
    *hash.first_chunk().expect("32 bytes")
}
