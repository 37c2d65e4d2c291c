//! The files that an account names: authorities to trust, and our own certificate with its key. They are read at each
//! try, so that one that was replaced counts from the next.

use crate::narrow::words;
use domain::{Reason, SecretKind, SecretTrouble, Trust};
use p12_keystore::error::Error as P12Error;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use pkcs8::EncryptedPrivateKeyInfoRef;
use proto::Secret;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::fs::File;
use std::future::Future;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// The largest file that is read; all authorities of a system together are smaller.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// How long reading a file may take; a share on a network may never answer.
const READING: Duration = Duration::from_secs(10);

/// What an account adds to the system's trust, and who we are.
#[derive(Default)]
pub(super) struct Credentials {
    /// Whom to trust too.
    pub(super) authorities: Option<Arc<RootCertStore>>,
    /// Our certificate.
    pub(super) identity: Option<Identity>,
}

/// A certificate with what leads to it, and its key.
pub(super) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
    /// The file that the key came from.
    pub(super) file: String,
}

/// What a file is opened with.
enum Password {
    Given(Secret),
    NotGiven,
}

/// Reads what an account's settings name. `ask` is asked for the password only when a file wants one.
pub(super) async fn read<F>(trust: &Trust, ask: impl FnOnce() -> F) -> Result<Credentials, Reason>
where
    F: Future<Output = Result<Secret, SecretTrouble>>,
{
    let authorities = match trust.authorities.as_str() {
        "" => None,
        path => Some(Arc::new(read_authorities(path, &load(path).await?)?)),
    };
    let identity = match trust.certificate.as_str() {
        "" => None,
        path => Some(read_identity(path, &trust.key, ask).await?),
    };
    Ok(Credentials { authorities, identity })
}

fn fault(path: &str, text: impl ToString) -> Reason {
    Reason::File { path: path.to_owned(), text: words(&text) }
}

async fn load(path: &str) -> Result<Vec<u8>, Reason> {
    let name = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        let file = File::open(&name)?;
        if !file.metadata()?.is_file() {
            return Err(std::io::Error::other("it is not a file"));
        }
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let bytes = match timeout(READING, reading).await {
        Ok(Ok(read)) => read.map_err(|error| fault(path, error))?,
        Ok(Err(_)) | Err(_) => return Err(fault(path, "reading it takes too long")),
    };
    if bytes.len() as u64 > MAX_FILE { Err(fault(path, "it is larger than 4 MiB")) } else { Ok(bytes) }
}

fn read_authorities(path: &str, file: &[u8]) -> Result<RootCertStore, Reason> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(file) {
        let certificate = certificate.map_err(|error| fault(path, error))?;
        roots.add(certificate).map_err(|error| fault(path, error))?;
    }
    if roots.is_empty() { Err(fault(path, "it holds no certificate in PEM form")) } else { Ok(roots) }
}

async fn read_identity<F>(path: &str, key: &str, ask: impl FnOnce() -> F) -> Result<Identity, Reason>
where
    F: Future<Output = Result<Secret, SecretTrouble>>,
{
    let file = load(path).await?;
    // DER begins with a SEQUENCE, PEM with text.
    if file.first() == Some(&0x30) {
        let password = password(ask).await?;
        let path = path.to_owned();
        return off_the_loop(move || read_pkcs12(&path, &file, &password)).await;
    }
    let (key_path, key_file) = if key.is_empty() { (path, file.clone()) } else { (key, load(key).await?) };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&file)
        .collect::<Result<_, _>>()
        .map_err(|error| fault(path, error))?;
    if chain.is_empty() {
        return Err(fault(path, "it holds no certificate in PEM form, and is not PKCS#12"));
    }
    let text = String::from_utf8_lossy(&key_file).into_owned();
    let key_path = key_path.to_owned();
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(fault(
            &key_path,
            "its key is encrypted in an old way: openssl pkcs8 -topk8 makes a new one",
        ));
    }
    let key = match block(&text, "ENCRYPTED PRIVATE KEY") {
        Some(block) => {
            let password = password(ask).await?;
            let path = key_path.clone();
            off_the_loop(move || read_encrypted_key(&path, &block, &password)).await?
        }
        None => PrivateKeyDer::from_pem_slice(&key_file)
            .map_err(|_| fault(&key_path, "it holds no private key in PEM form"))?,
    };
    Ok(Identity { chain, key, file: key_path })
}

/// Deriving a key from a password takes long on purpose.
async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Reason> + Send + 'static,
) -> Result<T, Reason> {
    let panicked = |_| Err(Reason::Internal { text: "a file with a key could not be read".to_owned() });
    tokio::task::spawn_blocking(work).await.unwrap_or_else(panicked)
}

async fn password<F>(ask: impl FnOnce() -> F) -> Result<Password, Reason>
where
    F: Future<Output = Result<Secret, SecretTrouble>>,
{
    match ask().await {
        Ok(secret) => Ok(Password::Given(secret)),
        Err(SecretTrouble::Missing) => Ok(Password::NotGiven),
        Err(trouble) => Err(Reason::Secret { secret: SecretKind::ClientKey, trouble }),
    }
}

impl Password {
    fn text(&self) -> &str {
        match self {
            Self::Given(secret) => &secret.0,
            Self::NotGiven => "",
        }
    }

    /// It does not open the file.
    fn is_wrong(&self, path: &str) -> Reason {
        match self {
            Self::Given(_) => fault(path, "the password does not open it"),
            Self::NotGiven => {
                Reason::Secret { secret: SecretKind::ClientKey, trouble: SecretTrouble::Missing }
            }
        }
    }
}

fn read_pkcs12(path: &str, file: &[u8], password: &Password) -> Result<Identity, Reason> {
    let store = KeyStore::from_pkcs12(file, password.text(), Pkcs12ImportPolicy::Relaxed);
    let store = match store {
        Ok(store) => store,
        Err(P12Error::MacError(_) | P12Error::UnpadError | P12Error::Pkcs5Error(_)) => {
            return Err(password.is_wrong(path));
        }
        Err(error) => return Err(fault(path, error)),
    };
    let (_, found) = store.private_key_chain().ok_or_else(|| fault(path, "it holds no private key"))?;
    let chain: Vec<_> =
        found.certs().iter().map(|certificate| CertificateDer::from(certificate.as_der().to_vec())).collect();
    if chain.is_empty() {
        return Err(fault(path, "it holds no certificate for its key"));
    }
    let key = PrivatePkcs8KeyDer::from(found.key().as_der().to_vec()).into();
    Ok(Identity { chain, key, file: path.to_owned() })
}

fn read_encrypted_key(
    path: &str,
    block: &[u8],
    password: &Password,
) -> Result<PrivateKeyDer<'static>, Reason> {
    let sealed = EncryptedPrivateKeyInfoRef::try_from(block).map_err(|error| fault(path, error))?;
    let opened = sealed.decrypt(password.text()).map_err(|_| password.is_wrong(path))?;
    Ok(PrivatePkcs8KeyDer::from(opened.as_bytes().to_vec()).into())
}

/// The bytes of the first PEM block of that label (RFC 7468).
fn block(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let body: String = body.split_whitespace().collect();
    data_encoding::BASE64.decode(body.as_bytes()).ok()
}
