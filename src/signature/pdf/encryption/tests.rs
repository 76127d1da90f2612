//! What is decrypted, and what is refused.
//!
//! The dictionaries, strings and streams are those of PDF files of one page that QPDF 12 wrote, one for each version
//! and revision and with `o` as the owner's password; where it writes none, pypdf 7 computed them.

use super::*;
use crate::encoding::hex;
use proptest::prelude::*;

const WORDS: &[u8] = b"Signed by the council of elders";
const BODY: &[u8] = b"q 1 0 0 1 0 0 cm Q\n";

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

/// Of revisions 2 and 3.
fn rc4_settings(version: i64, revision: i64, owner: &str, user: &str) -> EncryptionSettings {
    EncryptionSettings {
        version,
        revision,
        length_bits: None,
        permissions: -1028,
        owner: bytes(owner),
        user: bytes(user),
        user_key: None,
        encrypt_metadata: true,
        // As a reader finds them who asks for `StmF` and `StrF` in any version.
        stream_method: CryptMethod::Identity,
        string_method: CryptMethod::Identity,
        first_id: bytes("3fe9d09528c0b17331922b84c7284b17"),
    }
}

/// RC4 with 40 bits.
fn revision_2() -> EncryptionSettings {
    let settings = rc4_settings(
        1,
        2,
        "d8a81f2f756b03f0e776376607dc67c098531ac3e51f6e5cf0fc1473b1ce0975",
        "b6f051fa584e53430ddf2f5074e83e2be8c018ed5421fe0cca1abac143277a73",
    );
    EncryptionSettings {
        length_bits: Some(40),
        permissions: -12,
        ..settings
    }
}

/// RC4 with 128 bits.
fn revision_3() -> EncryptionSettings {
    let settings = rc4_settings(
        2,
        3,
        "77b8fb098022d3ab34237ea5643c08710ea5123fc5f88bf993a68cca5f12b40f",
        "41360c545c248dd2263921191874b8f60021446990b9e4114071a4d9104984c1",
    );
    EncryptionSettings {
        length_bits: Some(128),
        permissions: -1044,
        ..settings
    }
}

/// AES with 128 bits.
fn revision_4() -> EncryptionSettings {
    let settings = rc4_settings(
        4,
        4,
        "77b8fb098022d3ab34237ea5643c08710ea5123fc5f88bf993a68cca5f12b40f",
        "bc1417b0a0c2542498047ca0e8ccd5c80021446990b9e4114071a4d9104984c1",
    );
    EncryptionSettings {
        length_bits: Some(128),
        // Written like this by some.
        user_key: Some(Vec::new()),
        stream_method: CryptMethod::AesV2,
        string_method: CryptMethod::AesV2,
        ..settings
    }
}

fn revision_4_without_metadata() -> EncryptionSettings {
    EncryptionSettings {
        user: bytes("2bb25a162295ac7027eda194061e0cc50021446990b9e4114071a4d9104984c1"),
        encrypt_metadata: false,
        ..revision_4()
    }
}

fn revision_4_with_rc4() -> EncryptionSettings {
    EncryptionSettings {
        user: bytes("83acf24277e04f46f264bc6cd51f244d0021446990b9e4114071a4d9104984c1"),
        encrypt_metadata: false,
        stream_method: CryptMethod::Rc4,
        string_method: CryptMethod::Rc4,
        first_id: bytes("e667daf3a01426bba8589d0437a80d23"),
        ..revision_4()
    }
}

fn aes_256_settings(revision: i64, owner: &str, user: &str, key: &str) -> EncryptionSettings {
    EncryptionSettings {
        length_bits: Some(256),
        user_key: Some(bytes(key)),
        stream_method: CryptMethod::AesV3,
        string_method: CryptMethod::AesV3,
        ..rc4_settings(5, revision, owner, user)
    }
}

/// AES with 256 bits, and a password that is hashed once.
fn revision_5() -> EncryptionSettings {
    aes_256_settings(
        5,
        "8d29a13b4dd65574028a6af5594555d40aba7a48aaca57514ed143fdb534ad3e\
         faaa80a148620d4651073dbebbc5e9f6",
        "a5b4adb606ceba7c1750c8a24d4ebe6c3b7b9ef4d02a6a60182ed37750a5d3e0\
         edc1f4f4500a8291404bc8c01e832ee5",
        "51272498bfcfbf8258bf78e3ca1755a3f4d83a402e93389c6a511a5d8589ccc1",
    )
}

/// AES with 256 bits.
fn revision_6() -> EncryptionSettings {
    aes_256_settings(
        6,
        "f57f28d64b4033b62449e538cbb68b104dabd5924790f8e62aeb0226cc0b2246\
         ec2f2091d61779a2f5b9bd6403140e30",
        "2f54b20f03f7a1bc0ca7a0d71606e66b1d6c4058cd97ffd890da9eb17e2bfd11\
         730db3d069ae735ebd0a09393927d7a4",
        "d181869aadb83603c8381370c232b0f72c56aa078c90d01ec423fb8a5ae2206b",
    )
}

fn revision_6_without_metadata() -> EncryptionSettings {
    let settings = aes_256_settings(
        6,
        "9e10138dfe814b3ac5645664df97d6ecff9cce50fe32399ecc3c523adf87dabd\
         446a999a6438ecc5ba20a216a39cd354",
        "901009494e6024dc23c09017537f9413fd268eaf7c58f64b82cb4dc529e3ee0c\
         69a65d58edc07efc6df233d78113e56e",
        "2c6027b6cb62e130a5a3f89cd0ddc18466f33b0396b27c29a83bf7714b5fa5cd",
    );
    EncryptionSettings {
        encrypt_metadata: false,
        ..settings
    }
}

fn open(settings: &EncryptionSettings) -> Decryption {
    Decryption::with_empty_password(settings).unwrap()
}

fn refusal(settings: &EncryptionSettings) -> EncryptionError {
    Decryption::with_empty_password(settings).unwrap_err()
}

#[test]
fn strings_and_streams_of_every_revision_are_read() {
    // Object 4 is a dictionary with the words, object 2 the stream.
    for (settings, words, body) in [
        (
            revision_2(),
            "5a8e2784231a46a663f89edf9cedabda893cbb1574812280eaeb907aa30133",
            "642a41bd646dd103fc5382cdc07a39c552b9ae",
        ),
        (
            revision_3(),
            "cada9e2f3c52e376a25a12a9930ad143097c90bb6ea55f5a19ef0f554fcbef",
            "5493fb9ed7e413e5d761150af66bfbf4a9c114",
        ),
        (
            revision_4(),
            "8b41f5e71ea20e38c40c5609131182f5476b31d657a67e239c8c1f9506d414ff\
             1bd17a4beea724ca91c6ec361d1ead95",
            "a7d2f371b5baf70d351483ce7f791c93a1e43dbd641dafb6c7c01d9e4f6291a2\
             42ee31648e3243e938778cce2c166aa4",
        ),
        (
            revision_4_without_metadata(),
            "9f1deadec2a51b217619f4c869858a68333d3601df9bc3e6f2610dc04dea9a97\
             118cffc4a822d5cc62fb0a60f6bc81bc",
            "4cc6ee4ea47e63045dfd1825ffbda33498a76c24e4fe15594498321341901267\
             92f187dcdea93906b19c4dc2dea97e37",
        ),
        (
            revision_4_with_rc4(),
            "6a7598ea10f8ba3124735a65a35b80fd0578815980e609151174e94e5726d1",
            "a519ae6ed5e0796ca1da891740d8fb1f42223d",
        ),
        (
            revision_5(),
            "a27da14b166dfe803c5aec9c5fb7f1d1f8a8bd7a7241aeaa6d38d4a9b7452f61\
             c875f3d26232597476516df798101ad8",
            "054e640f5024f03b307ffd374566c21dead9563cc5eade40cab6bfe8ef872a10\
             5b424f3d3d48c192daf2cf6373782d39",
        ),
        (
            revision_6(),
            "b5b5e3cd2d24a190dfb2f3a2591129912e165b8a8ed72093986a39ef5c572104\
             2d9b39771324e1e3ff9a94c9bf0c53c4",
            "e5b61983e29bc70772da7b9f8a647aac386468c89534686b82f5154402181aed\
             173db7501d44c4f55e9de6e95d42d810",
        ),
        (
            revision_6_without_metadata(),
            "6b5fc25b928814f4c97360b9ade57845d399c40d358f16729f332fdc61b0b216\
             faefddab39f7ad3f1b0d3d1c7b09f268",
            "64fed9fdedc208250547691d3a786bb7f00dfd4dfa6c47538e47d6bf7a63874c\
             30b1678ca82f57df841ef29e397c9654",
        ),
    ] {
        let (version, revision) = (settings.version, settings.revision);
        let decryption = open(&settings);
        let read = decryption.decrypt_string((4, 0), &bytes(words)).unwrap();
        assert_eq!(read, WORDS, "{version}, {revision}");
        let read = decryption.decrypt_stream((2, 0), &bytes(body)).unwrap();
        assert_eq!(read, BODY, "{version}, {revision}");
    }
}

#[test]
fn an_object_has_the_key_of_its_number_and_generation() {
    for (settings, words) in [
        (
            revision_2(),
            "08875715f23ff16ce665770727bc4f65776e2fd061ced80fbf02582c3a7bed",
        ),
        (
            revision_3(),
            "4ea264aa69f53d17a08c8aa6bcc84d47a4cfd5d4bc008e62b108b3843f940d",
        ),
        (
            revision_4(),
            "c8fb02756d387dfe6d61f1966ae4fb4a834ebec040d1dfe03805e314190bc9c6\
             c7b8cbaab45ffa81da8319f23afca5bc",
        ),
        (
            revision_6(),
            "2e868377120a61d715452e81a67334ad1fb59ceca73d089a12f183406d7f9449\
             3d41da9c3eded8e1654bbefb0d2442fb",
        ),
    ] {
        let (decryption, words) = (open(&settings), bytes(words));
        let read = |id| decryption.decrypt_string(id, &words);
        assert_eq!(read((70_000, 3)).unwrap(), WORDS);
        let is_of_all = settings.version == 5;
        for other in [(70_001, 3), (70_000, 4), (70_000 - 65_536, 3)] {
            assert_eq!(read(other).is_ok_and(|read| read == WORDS), is_of_all);
        }
    }
}

#[test]
fn the_key_is_as_long_as_version_and_revision_say() {
    let of_64_bits = rc4_settings(
        2,
        3,
        "85c5c430282246c1518e6c6d5f283438ee9500b0bd2061ab971b17ee55a76e24",
        "f9399b107826c57d3c5349adfec4b02428bf4e5e4e758a4164004e56fffa0108",
    );
    let of_64_bits = EncryptionSettings {
        length_bits: Some(64),
        ..of_64_bits
    };
    let of_version_1 = rc4_settings(
        1,
        3,
        "26219ea4b0e87e67358b80d5db12018d88929c9a50da9cc70dc2a7f30190cddf",
        "241ca5c42ed017f210943d175df3ce3328bf4e5e4e758a4164004e56fffa0108",
    );
    let of_revision_2 = EncryptionSettings {
        permissions: -4,
        ..rc4_settings(
            2,
            2,
            "d8a81f2f756b03f0e776376607dc67c098531ac3e51f6e5cf0fc1473b1ce0975",
            "a33de9a81dc0b8576f7048fc79584db2171e0081162a624f7d4a4a52e5515ad8",
        )
    };
    let with_length = |length_bits: i64, settings: &EncryptionSettings| EncryptionSettings {
        length_bits: Some(length_bits),
        ..settings.clone()
    };
    let of_40_bits = "d03c51927eabc7dc8c482c4365413eb434f6a9cf29fea91eeeab818f70400e";
    let of_40_bits_2 = "c56f43c1b170174438934912e894780d5b8bf87fbe194027c12774e57859de";
    let default_length = EncryptionSettings {
        version: 2,
        ..of_version_1.clone()
    };
    for (settings, words) in [
        (
            of_64_bits.clone(),
            "193ad225c273d56a6a3e88fe1e911bad41972dc48b4f73c963fe0e8e55ad5b",
        ),
        (with_length(128, &of_version_1), of_40_bits),
        (of_version_1, of_40_bits),
        (default_length, of_40_bits),
        (with_length(128, &of_revision_2), of_40_bits_2),
        (of_revision_2, of_40_bits_2),
    ] {
        let read = open(&settings).decrypt_string((70_000, 3), &bytes(words));
        assert_eq!(read.unwrap(), WORDS);
    }
    for bits in [i64::MIN, -64, 0, 8, 32, 41, 63, 136, 256, i64::MAX] {
        let refused = refusal(&with_length(bits, &of_64_bits));
        assert_eq!(refused, EncryptionError::KeyLength { bits });
    }
    let other = refusal(&with_length(72, &of_64_bits));
    assert_eq!(other, EncryptionError::PasswordNeeded);
}

#[test]
fn permissions_are_32_bits_however_they_are_written() {
    let unsigned = EncryptionSettings {
        permissions: (1 << 32) - 1044,
        ..revision_3()
    };
    open(&unsigned);
    let changed = EncryptionSettings {
        permissions: -1028,
        ..revision_3()
    };
    assert_eq!(refusal(&changed), EncryptionError::PasswordNeeded);
}

#[test]
fn who_must_know_a_password_is_told() {
    // The same documents, where the user's password is `u`.
    let id = || bytes("e667daf3a01426bba8589d0437a80d23");
    let older = EncryptionSettings {
        owner: bytes("853fee3f6550fc3bc212797eaed99cc9be53347583a738e25fdfb1242bf93366"),
        user: bytes("a6b45d187a991f1da7e5da5be8e411e314932ee0a2facb0a840b47df156091ad"),
        first_id: id(),
        ..revision_2()
    };
    let rc4 = EncryptionSettings {
        permissions: -1028,
        owner: bytes("2a2f0a1990192c60114730bdcd39f37828a53c89a340dd473c85299dc5258e1c"),
        user: bytes("ee59464ede474781f3eafcf6aa8cefbf0021446990b9e4114071a4d9104984c1"),
        first_id: id(),
        ..revision_3()
    };
    let aes = EncryptionSettings {
        owner: rc4.owner.clone(),
        user: rc4.user.clone(),
        first_id: id(),
        ..revision_4()
    };
    let extension = aes_256_settings(
        5,
        "18b34aac12370324898307a1d7c83969d0d19c4db10aa0d38d3783b17bbfbf8e\
         ec6b3e651034a177458f91ca5baead76",
        "c2b5d912e30a74fdf9298ed33b61b824cba1cc2c5180a25e76d445fbf5ff544b\
         0134728cb5a5bef292c966d0724051f2",
        "c16e9500017e971aaa799488ba4756b2c39d839fcb2f09af4bda248a398ab1e2",
    );
    let newest = aes_256_settings(
        6,
        "0dcb1330167210b5e8b07236323a2f913e0d8775161bde2418f8b6503faf4fc6\
         dbd2fd054fdb68a9273c6e3fbec8a4ea",
        "12551c4ac5eef2da46ff91abf42dccec540ccaf925e7da5ad708f5fd4a0a931b\
         06ba37676a8c8e80ba41f4b59e3cc2f2",
        "3b85832b58042ee31f53230fd8ccc76acb2f6d5cdc3a38d77a43b0e6de3d745b",
    );
    for settings in [older, rc4, aes, extension, newest] {
        let refused = refusal(&settings);
        assert_eq!(refused, EncryptionError::PasswordNeeded, "{settings:?}");
    }
}

#[test]
fn a_changed_dictionary_makes_another_key() {
    type Change = fn(&mut EncryptionSettings);
    let changes: [Change; 4] = [
        |settings| settings.encrypt_metadata = false,
        |settings| settings.first_id.clear(),
        |settings| settings.owner.swap(0, 1),
        |settings| settings.user.swap(0, 1),
    ];
    for change in changes {
        let mut settings = revision_4();
        change(&mut settings);
        assert_eq!(refusal(&settings), EncryptionError::PasswordNeeded);
    }
    // Before revision 4, metadata are encrypted like all the rest.
    open(&EncryptionSettings {
        encrypt_metadata: false,
        ..revision_3()
    });
}

#[test]
fn entries_have_their_lengths() {
    let entry = |entry, bytes, needed| EncryptionError::Entry {
        entry,
        bytes,
        needed,
    };
    let mut settings = revision_3();
    settings.owner.truncate(31);
    assert_eq!(refusal(&settings), entry("O", 31, 32));
    let mut settings = revision_2();
    settings.user.truncate(31);
    assert_eq!(refusal(&settings), entry("U", 31, 32));
    let mut settings = revision_6();
    settings.user.truncate(47);
    assert_eq!(refusal(&settings), entry("U", 47, 48));
    let mut settings = revision_6();
    settings.user_key = None;
    assert_eq!(refusal(&settings), entry("UE", 0, 32));
    settings.user_key = Some(vec![0; 31]);
    assert_eq!(refusal(&settings), entry("UE", 31, 32));
    let mut settings = revision_5();
    settings.user.resize(127, 0);
    open(&settings);
}

#[test]
fn versions_and_revisions_belong_together() {
    for (version, revision) in [
        (0, 2),
        (1, 1),
        (1, 4),
        (2, 4),
        (3, 3),
        (4, 3),
        (4, 5),
        (5, 4),
        (5, 7),
        (6, 7),
        (-1, -1),
    ] {
        let settings = EncryptionSettings {
            version,
            revision,
            ..revision_6()
        };
        let refused = EncryptionError::Unsupported { version, revision };
        assert_eq!(refusal(&settings), refused);
    }
}

#[test]
fn methods_belong_to_versions() {
    for (settings, method) in [
        (revision_4(), CryptMethod::AesV3),
        (revision_6(), CryptMethod::AesV2),
        (revision_6(), CryptMethod::Rc4),
    ] {
        let version = settings.version;
        let refused = EncryptionError::Method { method, version };
        let of_strings = EncryptionSettings {
            string_method: method,
            ..settings.clone()
        };
        assert_eq!(refusal(&of_strings), refused);
        let of_streams = EncryptionSettings {
            stream_method: method,
            ..settings
        };
        assert_eq!(refusal(&of_streams), refused);
    }
}

#[test]
fn what_is_not_encrypted_is_given_as_it_is() {
    let strings_alone = EncryptionSettings {
        stream_method: CryptMethod::Identity,
        ..revision_6()
    };
    let decryption = open(&strings_alone);
    assert_eq!(decryption.decrypt_stream((2, 0), BODY).unwrap(), BODY);
    assert!(decryption.decrypt_string((2, 0), BODY).is_err());
    // Attached files may be encrypted for those who know a password, and the document for none.
    let files_alone = EncryptionSettings {
        user: vec![0; 48],
        string_method: CryptMethod::Identity,
        ..strings_alone
    };
    let decryption = open(&files_alone);
    assert_eq!(decryption.decrypt_stream((2, 0), BODY).unwrap(), BODY);
    assert_eq!(decryption.decrypt_string((2, 0), BODY).unwrap(), BODY);
}

#[test]
fn empty_strings_are_read_with_and_without_a_vector() {
    let encrypted = "d1d0ff6308f8d6bce8ee816eebda73f5c04d17295d0f16b395e0914d08be79cd";
    let decryption = open(&revision_4());
    let read = decryption.decrypt_string((3, 0), &bytes(encrypted));
    assert_eq!(read.unwrap(), b"");
    for settings in [revision_2(), revision_4(), revision_6()] {
        assert_eq!(open(&settings).decrypt_string((3, 0), b"").unwrap(), b"");
    }
}

#[test]
fn what_aes_did_not_make_is_refused() {
    let words = "b5b5e3cd2d24a190dfb2f3a2591129912e165b8a8ed72093986a39ef5c572104\
                 2d9b39771324e1e3ff9a94c9bf0c53c4";
    let decryption = open(&revision_6());
    let read = |bytes: &[u8]| decryption.decrypt_string((4, 0), bytes).unwrap_err();
    let words = bytes(words);
    for (length, counted) in [(1, 1), (15, 15), (16, 0), (17, 1), (47, 31)] {
        let refused = AesCbcError::Length { bytes: counted };
        assert_eq!(read(&words[..length]), EncryptionError::Aes(refused));
    }
    let trailing = [words.as_slice(), b"\n"].concat();
    let refused = AesCbcError::Length { bytes: 33 };
    assert_eq!(read(&trailing), EncryptionError::Aes(refused));
    let padding = EncryptionError::Aes(AesCbcError::Padding);
    assert_eq!(read(&words[..32]), padding, "a block is missing");
    let mut changed = words;
    changed[31] ^= 0x80;
    assert_eq!(read(&changed), padding);
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        number in any::<u32>(),
        generation in any::<u16>(),
    ) {
        for settings in [revision_2(), revision_4(), revision_6()] {
            let decryption = open(&settings);
            let read = decryption.decrypt_string((number, generation), &bytes);
            prop_assert!(read.is_err() || read.unwrap().len() <= bytes.len());
            let read = decryption.decrypt_stream((number, generation), &bytes);
            prop_assert!(read.is_err() || read.unwrap().len() <= bytes.len());
        }
    }
}
