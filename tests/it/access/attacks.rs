//! Forged tokens.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::Utc;
use iku::access::auth::keys::Key;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend};
use crate::support::world::World;

const OPEN: &str = "/v1/me";

struct Forge {
    world: World,
    key: Key,
    claims: Value,
}

impl Forge {
    /// Starts from the claims of a valid token.
    async fn new() -> Self {
        Self::of(World::on(Backend::Sqlite).public_url("https://iku.example.go.id").await).await
    }

    async fn of(world: World) -> Self {
        let session = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
        let part = text(&session, "access_token").split('.').nth(1).unwrap().to_owned();
        let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        let key = world.service.token_service.keys()[0].clone();
        Self { world, key, claims }
    }

    fn header(&self) -> Header {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.key.kid.clone());
        header
    }

    fn with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims.clone();
        claims[name] = value;
        claims
    }

    fn without(&self, name: &str) -> Value {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    }

    fn signed(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.key.signs).unwrap()
    }

    async fn refused(&self, what: &str, token: &str) {
        let reply = self.world.bearer(token).get(OPEN).await;
        assert_eq!(
            (reply.status, &reply.json["code"]),
            (401, &json!("invalid_token")),
            "{what}"
        );
        assert_eq!(
            reply.header("www-authenticate"),
            "Bearer realm=\"iku\", error=\"invalid_token\""
        );
    }
}

fn raw(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
    format!(
        "{}.{}.{}",
        part(header),
        part(claims),
        URL_SAFE_NO_PAD.encode(signature)
    )
}

#[actix_web::test]
async fn rejects_unsigned_tokens_and_symmetric_signatures() {
    let forge = Forge::new().await;
    // A token forged with all that is right is accepted, so the others fail for their faults.
    forge
        .world
        .bearer(&forge.signed(&forge.header(), &forge.claims))
        .get(OPEN)
        .await
        .status(200);
    for none in ["none", "None", "NONE"] {
        let header = json!({"alg": none, "typ": "at+jwt", "kid": forge.key.kid});
        forge.refused(none, &raw(&header, &forge.claims, b"")).await;
    }
    let public = URL_SAFE_NO_PAD.decode(&forge.key.x).unwrap();
    for secret in [public.as_slice(), forge.key.x.as_bytes(), b""] {
        let mut header = forge.header();
        header.alg = Algorithm::HS256;
        let token = jsonwebtoken::encode(&header, &forge.claims, &EncodingKey::from_secret(secret)).unwrap();
        forge.refused("HS256 with the public key", &token).await;
    }
}

/// Keys and certificates in the token, or at an address in the token, are ignored.
#[actix_web::test]
async fn rejects_signatures_by_other_keys() {
    let forge = Forge::new().await;
    let (own, own_public) = own_key();
    let mut header = forge.header();
    header.jku = Some("https://example.com/jwks.json".to_owned());
    header.jwk = serde_json::from_value(json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": forge.key.kid,
        "x": URL_SAFE_NO_PAD.encode(&own_public),
    }))
    .ok();
    assert!(header.jwk.is_some());
    let token = jsonwebtoken::encode(&header, &forge.claims, &own).unwrap();
    forge.refused("its own key", &token).await;
    forge
        .world
        .bearer(&forge.signed(&header, &forge.claims))
        .get(OPEN)
        .await
        .status(200);
    let mut header = forge.header();
    header.x5u = Some("https://example.com/cert.pem".to_owned());
    header.x5c = Some(vec![STANDARD.encode(&own_public)]);
    let token = jsonwebtoken::encode(&header, &forge.claims, &own).unwrap();
    forge.refused("its own certificate", &token).await;
    let token = jsonwebtoken::encode(&forge.header(), &forge.claims, &own).unwrap();
    forge
        .refused("another environment's key of the same name", &token)
        .await;
    let mut header = forge.header();
    header.kid = Some("lain".to_owned());
    forge
        .refused("unknown kid", &forge.signed(&header, &forge.claims))
        .await;
    header.kid = None;
    forge.refused("no kid", &forge.signed(&header, &forge.claims)).await;
}

#[actix_web::test]
async fn rejects_signatures_of_other_algorithms_and_lengths() {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    };
    let forge = Forge::new().await;
    for (alg, kind) in [
        ("ES256", &ECDSA_P256_SHA256_FIXED_SIGNING),
        ("ES256", &ECDSA_P256_SHA256_ASN1_SIGNING),
        ("ES256", &ECDSA_P384_SHA384_FIXED_SIGNING),
        ("EdDSA", &ECDSA_P256_SHA256_FIXED_SIGNING),
        ("EdDSA", &ECDSA_P256_SHA256_ASN1_SIGNING),
    ] {
        let header = json!({"alg": alg, "typ": "at+jwt", "kid": forge.key.kid});
        let unsigned = raw(&header, &forge.claims, b"");
        let pair = EcdsaKeyPair::generate(kind).unwrap();
        let message = unsigned.trim_end_matches('.');
        let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        let token = raw(&header, &forge.claims, signature.as_ref());
        forge.refused(&format!("{alg} by {kind:?}"), &token).await;
    }
    let ours = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": forge.key.kid});
    for signature in [&[][..], &[0; 64], &[0xff; 64], &[1; 63], &[1; 65]] {
        forge
            .refused("no signature of ours", &raw(&ours, &forge.claims, signature))
            .await;
    }
}

/// Parsers differ in which of two equal names they take.
#[actix_web::test]
async fn rejects_claims_that_appear_twice() {
    let forge = Forge::new().await;
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": forge.key.kid}).to_string();
    let once = forge.claims.to_string();
    for (what, claims) in [
        ("role", once.replacen('{', r#"{"role":"auditor","#, 1)),
        ("exp", once.replacen('{', r#"{"exp":99999999999,"#, 1)),
        ("aud", once.replacen('{', r#"{"aud":"lain","#, 1)),
    ] {
        let message = format!("{}.{}", part(&header), part(&claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &forge.key.signs, Algorithm::EdDSA).unwrap();
        forge.refused(what, &format!("{message}.{signature}")).await;
    }
    let message = format!("{}.{}", part(&header), part(&once));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &forge.key.signs, Algorithm::EdDSA).unwrap();
    let token = format!("{message}.{signature}");
    forge.world.bearer(&token).get(OPEN).await.status(200);
}

#[actix_web::test]
async fn rejects_huge_tokens_and_more_than_one_token() {
    let forge = Forge::new().await;
    let huge = forge.signed(&forge.header(), &forge.with("username", json!("x".repeat(5000))));
    forge.refused("a huge token", &huge).await;
    forge.refused("a huge nothing", &"a".repeat(60_000)).await;
    let good = forge.signed(&forge.header(), &forge.claims);
    for second in [format!("Bearer {good}"), "Basic Og==".to_owned(), "Bearer x".to_owned()] {
        let twice = forge.world.bearer(&good).with("authorization", &second);
        let refused = twice.get(OPEN).await.problem(400, "invalid_header");
        assert_eq!(refused.pointers(), ["Authorization"]);
    }
    // Two tokens in one header are not a token.
    let both = forge
        .world
        .anonymous()
        .with("authorization", &format!("Bearer {good}, Bearer {good}"));
    both.get(OPEN).await.problem(401, "invalid_token");
}

/// Makes a key pair for the attacker.
fn own_key() -> (EncodingKey, Vec<u8>) {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    let pair = Ed25519KeyPair::generate().unwrap();
    let pkcs8 = pair.to_pkcs8v1().unwrap();
    (
        EncodingKey::from_ed_der(pkcs8.as_ref()),
        pair.public_key().as_ref().to_vec(),
    )
}

#[actix_web::test]
async fn rejects_unknown_crit_and_other_token_types() {
    let forge = Forge::new().await;
    let mut header = forge.header();
    header.crit = Some(vec!["b64".to_owned()]);
    forge
        .refused("unknown crit", &forge.signed(&header, &forge.claims))
        .await;
    for typ in [Some("JWT"), None, Some("id+jwt")] {
        let mut header = forge.header();
        header.typ = typ.map(str::to_owned);
        forge
            .refused("another type", &forge.signed(&header, &forge.claims))
            .await;
    }
    let mut header = forge.header();
    header.typ = Some("application/at+jwt".to_owned());
    let token = forge.signed(&header, &forge.claims);
    forge.world.bearer(&token).get(OPEN).await.status(200);
}

#[actix_web::test]
async fn rejects_wrong_missing_and_expired_claims() {
    let forge = Forge::new().await;
    let now = Utc::now().timestamp();
    for (name, value) in [
        ("aud", json!("lain")),
        ("aud", json!(null)),
        ("aud", json!([])),
        ("aud", json!("IKU")),
        ("iss", json!("https://example.com")),
        ("exp", json!(now - 60)),
        ("exp", json!("besok")),
        ("exp", json!(now as f64 * 1e30)),
        ("exp", json!(now + 901)),
        ("exp", json!(i64::MAX)),
        ("iat", json!(i64::MIN)),
        ("nbf", json!(now + 600)),
        ("iat", json!(now + 600)),
        ("iat", json!("kemarin")),
        ("role", json!("raja")),
        ("sub", json!("admin")),
    ] {
        let token = forge.signed(&forge.header(), &forge.with(name, value.clone()));
        forge.refused(&format!("{name} {value}"), &token).await;
    }
    for name in [
        "aud",
        "iss",
        "exp",
        "sub",
        "iat",
        "jti",
        "client_id",
        "role",
        "scope",
        "generation",
        "sid",
    ] {
        let token = forge.signed(&forge.header(), &forge.without(name));
        forge.refused(&format!("without {name}"), &token).await;
    }
}

/// Without a public address every address is a valid issuer, and nothing else is.
#[actix_web::test]
async fn rejects_issuers_that_are_no_address() {
    let world = World::on(Backend::Sqlite).await;
    let forge = Forge::of(world).await;
    for issuer in ["https://example.com", "http://10.0.0.7:8080"] {
        let token = forge.signed(&forge.header(), &forge.with("iss", json!(issuer)));
        forge.world.bearer(&token).get(OPEN).await.status(200);
    }
    for issuer in [
        json!("iku"),
        json!(""),
        json!("ftp://x"),
        json!(null),
        json!(7),
        json!([]),
    ] {
        let token = forge.signed(&forge.header(), &forge.with("iss", issuer.clone()));
        forge.refused(&format!("iss {issuer}"), &token).await;
    }
}

#[actix_web::test]
async fn rejects_tampered_tokens_and_other_schemes() {
    let forge = Forge::new().await;
    let token = forge.signed(&forge.header(), &forge.claims);
    let parts: Vec<&str> = token.split('.').collect();
    let other = forge.with("sub", json!(Uuid::new_v4()));
    let other = URL_SAFE_NO_PAD.encode(other.to_string());
    forge
        .refused("other claims", &format!("{}.{other}.{}", parts[0], parts[2]))
        .await;
    let mut signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    signature[0] ^= 1;
    let signature = URL_SAFE_NO_PAD.encode(signature);
    forge
        .refused("another signature", &format!("{}.{}.{signature}", parts[0], parts[1]))
        .await;
    for broken in ["", "x", "..", "a.b.c", &token[..token.len() - 4], &format!("{token}.x")] {
        forge.refused(broken, broken).await;
    }
    let anonymous = forge.world.anonymous();
    for scheme in ["Basic Og==", "Bearer", "Token x"] {
        let reply = anonymous.with("authorization", scheme).get(OPEN).await;
        reply.problem(401, "unauthenticated");
    }
    anonymous
        .get(&format!("{OPEN}?access_token={token}"))
        .await
        .problem(401, "unauthenticated");
}

/// When a role loses a scope, the tokens that still name the scope lose it, too.
#[actix_web::test]
async fn ignores_signed_scopes_that_the_role_does_not_have() {
    let forge = Forge::new().await;
    let surveyor = forge.with("role", json!("surveyor"));
    let token = forge.signed(&forge.header(), &surveyor);
    forge
        .world
        .bearer(&token)
        .get("/v1/users")
        .await
        .problem(403, "insufficient_scope");
}
