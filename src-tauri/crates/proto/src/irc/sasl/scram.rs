//! SCRAM-SHA-256 without channel binding: RFC 5802, RFC 7677.

use super::{MAX_ITERATIONS, MIN_ITERATIONS, SaslFault};
use crate::Secret;
use data_encoding::BASE64;
use ring::{digest, hmac, pbkdf2};
use std::fmt;
use std::num::NonZeroU32;

/// The header of GS2 for a client that binds no channel, and its Base64.
const HEADER: &str = "n,,";
const BINDING: &str = "biws";

/// One exchange.
pub(super) struct Scram {
    password: Secret,
    nonce: String,
    /// The first message without its header.
    bare: String,
    /// What the server must sign, and with what; there once it is answered.
    proof: Option<(hmac::Key, String)>,
}

/// What a server's last message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It knows the password.
    Proven,
    /// It does not let us in.
    Refused,
    /// It did not prove anything.
    Unproven,
}

impl Scram {
    /// `None` when `SASLprep` (RFC 4013) does not allow the name or the password, or leaves nothing of it.
    pub(super) fn new(account: &str, password: &str, nonce: &str) -> Option<Self> {
        let account = stringprep::saslprep(account).ok().filter(|account| !account.is_empty())?;
        let password = stringprep::saslprep(password).ok().filter(|password| !password.is_empty())?;
        let name = account.replace('=', "=3D").replace(',', "=2C");
        let bare = format!("n={name},r={nonce}");
        Some(Self { password: Secret(password.into_owned()), nonce: nonce.to_owned(), bare, proof: None })
    }

    /// The client's first message.
    pub(super) fn first(&self) -> String {
        format!("{HEADER}{}", self.bare)
    }

    pub(super) fn is_answered(&self) -> bool {
        self.proof.is_some()
    }

    /// The client's final message, in answer to the server's first.
    pub(super) fn answer(&mut self, server_first: &str) -> Result<String, SaslFault> {
        let mut attributes = server_first.split(',');
        let mut next = |name: &str| attributes.next().and_then(|attribute| attribute.strip_prefix(name));
        let nonce =
            next("r=").filter(|nonce| nonce.len() > self.nonce.len() && nonce.starts_with(&self.nonce));
        let nonce = nonce.ok_or(SaslFault::Broken)?;
        let salt = next("s=").and_then(|salt| BASE64.decode(salt.as_bytes()).ok());
        let salt = salt.filter(|salt| !salt.is_empty()).ok_or(SaslFault::Broken)?;
        let iterations: u32 = next("i=").and_then(|count| count.parse().ok()).ok_or(SaslFault::Broken)?;
        let count = NonZeroU32::new(iterations)
            .filter(|_| (MIN_ITERATIONS..=MAX_ITERATIONS).contains(&iterations))
            .ok_or(SaslFault::Iterations(iterations))?;

        let mut salted = [0; digest::SHA256_OUTPUT_LEN];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, count, &salt, self.password.0.as_bytes(), &mut salted);
        let salted = hmac::Key::new(hmac::HMAC_SHA256, &salted);
        let client_key = hmac::sign(&salted, b"Client Key");
        let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
        let stored_key = hmac::Key::new(hmac::HMAC_SHA256, stored_key.as_ref());

        let without_proof = format!("c={BINDING},r={nonce}");
        let signed = format!("{},{server_first},{without_proof}", self.bare);
        let signature = hmac::sign(&stored_key, signed.as_bytes());
        let proof: Vec<u8> =
            client_key.as_ref().iter().zip(signature.as_ref()).map(|(key, sign)| key ^ sign).collect();
        let server_key = hmac::sign(&salted, b"Server Key");
        self.proof = Some((hmac::Key::new(hmac::HMAC_SHA256, server_key.as_ref()), signed));
        Ok(format!("{without_proof},p={}", BASE64.encode(&proof)))
    }

    /// What the server's final message says.
    pub(super) fn verify(&self, server_final: &str) -> Verdict {
        let attribute = server_final.split(',').next().unwrap_or_default();
        if attribute.starts_with("e=") {
            return Verdict::Refused;
        }
        let signature = attribute.strip_prefix("v=").and_then(|text| BASE64.decode(text.as_bytes()).ok());
        let proven = signature.zip(self.proof.as_ref()).is_some_and(|(signature, (key, signed))| {
            hmac::verify(key, signed.as_bytes(), &signature).is_ok()
        });
        if proven { Verdict::Proven } else { Verdict::Unproven }
    }
}

/// Shows neither the password nor what could be made of it.
impl fmt::Debug for Scram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scram").field("answered", &self.is_answered()).finish_non_exhaustive()
    }
}
