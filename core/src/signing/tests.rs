//! What is taken as signed, and everything that is not.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::wire::{Jwk, JwkSet};

/// RFC 8037, appendix A: the secret key, the public key and the example of a signature.
const RFC_SECRET: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const RFC_PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const RFC_JWS: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
    hgyY0il_MGCjP0JzlnLWG1PPO\
    t7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

const HEADER: &str = r#"{"alg":"EdDSA","kid":"1","typ":"wayfare-quote"}"#;

fn key(id: u32) -> SigningKey {
    SigningKey::from_seed(KeyId(id), &[u8::try_from(id).unwrap(); 32])
}

fn ring(keys: &[&SigningKey]) -> KeyRing {
    keys.iter().map(|key| key.public()).collect()
}

/// A text with any header, signed by key 1.
fn signed(header: &str, payload: &str) -> Jws {
    let sign = |bytes: &[u8]| key(1).sign_bytes(bytes);
    Jws::make(header.as_bytes(), payload.as_bytes(), sign).unwrap()
}

fn verify(jws: &Jws) -> Result<Value, SignatureError> {
    ring(&[&key(1)]).verify(Purpose::Quote, jws)
}

/// The text with another third part.
fn with_signature(jws: &Jws, signature: &str) -> Jws {
    let (signed, _) = jws.as_str().rsplit_once('.').unwrap();
    format!("{signed}.{signature}").parse().unwrap()
}

fn rfc_key() -> SigningKey {
    let seed = BASE64_URL_SAFE_NO_PAD.decode(RFC_SECRET).unwrap();
    SigningKey::from_seed(KeyId(1), &seed.try_into().unwrap())
}

fn ed25519(kid: &str, x: &str) -> Jwk {
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x});
    serde_json::from_value(jwk).unwrap()
}

#[test]
fn what_is_signed_reads_back() {
    let content = json!({"total_minor": 2090, "name": "Zoë"});
    let jws = key(1).sign(Purpose::Quote, &content).unwrap();
    assert_eq!(verify(&jws).unwrap(), content);
    let text = serde_json::to_string(&jws).unwrap();
    assert_eq!(serde_json::from_str::<Jws>(&text).unwrap(), jws);
}

#[test]
fn a_signed_text_is_made_as_the_rfc_says() {
    let jws = key(12).sign(Purpose::Receipt, &json!({"v": 1})).unwrap();
    let parts = jws.parts().unwrap();
    assert_eq!(
        parts.header,
        br#"{"alg":"EdDSA","kid":"12","typ":"wayfare-receipt"}"#
    );
    assert_eq!(parts.payload, br#"{"v":1}"#);
    assert_eq!(jws.as_str().rsplit_once('.').unwrap().1.len(), 86);
}

#[test]
fn the_example_of_rfc_8037_is_signed_and_verified() {
    let secret = rfc_key();
    let jws: Jws = RFC_JWS.parse().unwrap();
    let parts = jws.parts().unwrap();
    assert_eq!(parts.payload, b"Example of Ed25519 signing");
    assert_eq!(secret.sign_bytes(parts.signed), parts.signature);
    let public = PublicKey::try_from(&ed25519("1", RFC_PUBLIC)).unwrap();
    assert_eq!(public, secret.public());
    public.check(parts.signed, &parts.signature).unwrap();
    // Without a `typ` it is neither a quote nor a receipt.
    assert!(matches!(
        KeyRing::from_iter([public]).verify::<Value>(Purpose::Quote, &jws),
        Err(SignatureError::OtherPurpose { found, .. }) if found.is_empty()
    ));
}

#[test]
fn another_key_of_the_same_id_does_not_verify() {
    let jws = key(1).sign(Purpose::Quote, &1).unwrap();
    let other = SigningKey::from_seed(KeyId(1), &[9; 32]);
    assert!(matches!(
        ring(&[&other]).verify::<u32>(Purpose::Quote, &jws),
        Err(SignatureError::Wrong)
    ));
}

#[test]
fn after_a_rotation_both_keys_verify_their_own_and_no_third_one_does() {
    let both = ring(&[&key(1), &key(2)]);
    for id in [1, 2] {
        let jws = key(id).sign(Purpose::Receipt, &id).unwrap();
        assert_eq!(both.verify::<u32>(Purpose::Receipt, &jws).unwrap(), id);
    }
    let jws = key(3).sign(Purpose::Receipt, &3).unwrap();
    assert!(matches!(
        both.verify::<u32>(Purpose::Receipt, &jws),
        Err(SignatureError::UnknownKey(id)) if id == "3"
    ));
}

#[test]
fn a_quote_never_passes_for_a_receipt() {
    let keys = ring(&[&key(1)]);
    for (signed, wanted) in [
        (Purpose::Quote, Purpose::Receipt),
        (Purpose::Receipt, Purpose::Quote),
    ] {
        let jws = key(1).sign(signed, &1).unwrap();
        match keys.verify::<u32>(wanted, &jws) {
            Err(SignatureError::OtherPurpose { found, .. }) => assert_eq!(found, signed.as_str()),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn no_algorithm_but_eddsa_is_accepted_even_with_a_right_signature() {
    for alg in ["none", "None", "HS256", "ES256", "Ed25519", "eddsa", ""] {
        let header = HEADER.replace("EdDSA", alg);
        match verify(&signed(&header, "1")) {
            Err(SignatureError::Algorithm(found)) => assert_eq!(found, alg),
            other => panic!("{alg}: {other:?}"),
        }
    }
    // As libraries write `none`: without a signature.
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    assert!(matches!(
        format!("{none}.MQ.").parse::<Jws>(),
        Err(SignatureError::Shape)
    ));
}

#[test]
fn a_header_with_anything_else_in_it_is_refused() {
    assert!(verify(&signed(HEADER, "1")).is_ok());
    for header in [
        r#"{"alg":"EdDSA","kid":"1","typ":"wayfare-quote","crit":["exp"],"exp":1}"#,
        r#"{"alg":"EdDSA","kid":"1","typ":"wayfare-quote","jwk":{"kty":"OKP"}}"#,
        r#"{"alg":"EdDSA","alg":"EdDSA","kid":"1","typ":"wayfare-quote"}"#,
        r#"{"kid":"1","typ":"wayfare-quote"}"#,
        r#"{"alg":"EdDSA","kid":1,"typ":"wayfare-quote"}"#,
        "{",
    ] {
        let error = verify(&signed(header, "1")).unwrap_err();
        assert!(matches!(error, SignatureError::Header(_)), "{header}");
    }
}

#[test]
fn a_key_id_has_one_spelling() {
    for kid in ["", "01", "+1", " 1", "1 ", "-1", "4294967296", "one"] {
        let header = HEADER.replace(r#""1""#, &format!("{kid:?}"));
        match verify(&signed(&header, "1")) {
            Err(SignatureError::UnknownKey(found)) => assert_eq!(found, kid),
            other => panic!("{kid}: {other:?}"),
        }
    }
}

#[test]
fn a_text_of_another_shape_is_refused_before_it_is_read() {
    let whole = signed(HEADER, "1").to_string();
    let (two_parts, _) = whole.rsplit_once('.').unwrap();
    for text in [
        "",
        "..",
        "a.b.",
        ".b.c",
        two_parts,
        &format!("{whole}.MQ"),
        &format!("{whole}."),
        &format!("{whole}="),
        &format!("{whole}\n"),
        &format!(" {whole}"),
        &whole.replace('.', "+"),
    ] {
        assert!(
            matches!(text.parse::<Jws>(), Err(SignatureError::Shape)),
            "{text}"
        );
    }
}

#[test]
fn a_text_that_is_too_long_is_neither_read_nor_made() {
    let longest = format!("a.b.{}", "c".repeat(JWS_BYTES_MAX - 4));
    assert!(longest.parse::<Jws>().is_ok());
    assert!(matches!(
        format!("{longest}c").parse::<Jws>(),
        Err(SignatureError::TooLong)
    ));
    let content = "x".repeat(JWS_BYTES_MAX);
    assert!(matches!(
        key(1).sign(Purpose::Quote, &content),
        Err(SignatureError::TooLong)
    ));
}

#[test]
fn base64_that_is_not_the_one_spelling_is_refused_by_its_part() {
    let jws = signed(HEADER, "1");
    let [header, payload, signature] = jws
        .as_str()
        .split('.')
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    // `MQ` and `MR` differ in bits that belong to no byte.
    assert_eq!(payload, "MQ");
    for (text, wanted) in [
        (format!("{header}aa.{payload}.{signature}"), "header"),
        (format!("{header}.MR.{signature}"), "payload"),
        (format!("{header}.{payload}.{signature}AAA"), "signature"),
    ] {
        match verify(&text.parse().unwrap()) {
            Err(SignatureError::Base64 { part }) => assert_eq!(part, wanted),
            other => panic!("{wanted}: {other:?}"),
        }
    }
}

#[test]
fn a_signature_of_another_length_is_refused() {
    let jws = signed(HEADER, "1");
    for length in [1, 32, 63, 65, 128] {
        let signature = BASE64_URL_SAFE_NO_PAD.encode(vec![0; length]);
        assert!(matches!(
            verify(&with_signature(&jws, &signature)),
            Err(SignatureError::SignatureLength)
        ));
    }
}

#[test]
fn the_same_signature_in_another_spelling_is_refused() {
    // Order of the group, little-endian: s and s + order are one number to a lenient verifier.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let jws = signed(HEADER, "1");
    let mut signature = jws.parts().unwrap().signature;
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    let respelled = with_signature(&jws, &BASE64_URL_SAFE_NO_PAD.encode(signature));
    assert!(matches!(verify(&respelled), Err(SignatureError::Wrong)));
}

#[test]
fn content_of_another_form_is_refused() {
    for payload in ["{}", "\"1\"", "1 2", "{"] {
        let jws = signed(HEADER, payload);
        assert!(matches!(
            ring(&[&key(1)]).verify::<u32>(Purpose::Quote, &jws),
            Err(SignatureError::Payload(_))
        ));
    }
}

#[test]
fn a_key_that_is_no_point_checks_nothing() {
    let broken = PublicKey {
        id: KeyId(1),
        bytes: [2; 32],
    };
    assert!(matches!(
        KeyRing::from_iter([broken]).verify::<u32>(Purpose::Quote, &signed(HEADER, "1")),
        Err(SignatureError::UnusableKey(KeyId(1)))
    ));
}

#[test]
fn under_a_key_of_small_order_nobody_signs() {
    // With the identity as key and as first half, s = 0 solves the equation for every text.
    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = PublicKey {
        id: KeyId(1),
        bytes: identity,
    };
    let mut signature = [0; 64];
    signature[0] = 1;
    let forged = with_signature(
        &signed(HEADER, "1"),
        &BASE64_URL_SAFE_NO_PAD.encode(signature),
    );
    assert!(matches!(
        KeyRing::from_iter([weak]).verify::<u32>(Purpose::Quote, &forged),
        Err(SignatureError::Wrong)
    ));
}

#[test]
fn a_secret_key_does_not_print_itself() {
    let secret = key(77);
    assert_eq!(format!("{secret:?}"), "SigningKey { id: KeyId(77), .. }");
}

#[test]
fn keys_are_published_as_a_jwk_set_and_read_back() {
    let mut keys = KeyRing::default();
    assert_eq!(keys.insert(rfc_key().public()), None);
    assert_eq!(keys.insert(key(2).public()), None);
    let set = JwkSet::from(&keys);
    let json = serde_json::to_value(&set).unwrap();
    assert_eq!(
        json["keys"][0],
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": RFC_PUBLIC, "alg": "EdDSA", "use": "sig"})
    );
    let read: JwkSet = serde_json::from_value(json).unwrap();
    assert_eq!(KeyRing::try_from(&read), Ok(keys.clone()));
    assert_eq!(keys.find(KeyId(2)), Some(&key(2).public()));
    assert_eq!(keys.find(KeyId(3)), None);
}

#[test]
fn keys_of_other_kinds_are_skipped() {
    let set: JwkSet = serde_json::from_value(json!({"keys": [
        {"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"},
        {"kty": "EC", "crv": "P-256", "kid": "1", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "X25519", "kid": "1", "x": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": RFC_PUBLIC, "use": "enc"},
        {"kty": "OKP", "crv": "Ed25519", "kid": "2", "x": RFC_PUBLIC, "later": true},
    ]}))
    .unwrap();
    let keys = KeyRing::try_from(&set).unwrap();
    assert_eq!(keys.find(KeyId(1)), None);
    assert!(keys.find(KeyId(2)).is_some());
}

#[test]
fn broken_keys_are_errors() {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let mut identity = [0; 32];
    identity[0] = 1;
    let set = |keys: Vec<Jwk>| KeyRing::try_from(&JwkSet { keys });
    for (jwk, wanted) in [
        (ed25519("first", RFC_PUBLIC), KeyError::Id("first".into())),
        (ed25519("1", "AA"), KeyError::Encoding(KeyId(1))),
        (ed25519("1", "!"), KeyError::Encoding(KeyId(1))),
        (
            ed25519("1", &format!("{RFC_PUBLIC}=")),
            KeyError::Encoding(KeyId(1)),
        ),
        (
            ed25519("1", &encode(&[0xff; 32])),
            KeyError::Unusable(KeyId(1)),
        ),
        (
            ed25519("1", &encode(&[2; 32])),
            KeyError::Unusable(KeyId(1)),
        ),
        (
            ed25519("1", &encode(&identity)),
            KeyError::Unusable(KeyId(1)),
        ),
    ] {
        assert_eq!(set(vec![jwk]), Err(wanted));
    }
    let nameless = Jwk {
        kid: None,
        ..ed25519("1", RFC_PUBLIC)
    };
    assert_eq!(set(vec![nameless]), Err(KeyError::Id(String::new())));
    let other = encode(&key(2).public().bytes);
    assert_eq!(
        set(vec![ed25519("1", RFC_PUBLIC), ed25519("1", &other)]),
        Err(KeyError::Duplicate(KeyId(1)))
    );
}
