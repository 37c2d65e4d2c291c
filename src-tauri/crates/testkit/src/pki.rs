//! Certificates as files, made at run time: an authority that no system trusts, and servers that it vouches for, rightly
//! or not. What rcgen does not make is made by `openssl`.

use anyhow::{Context, Result, ensure};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What opens the files that a password protects.
pub const PASSWORD: &str = "open sesame";

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// Writes `NAME.pem` and `NAME.key` for the servers `valid`, `expired`, `notyet`, `wronghost`, `selfsigned`, `otherca`,
/// `chain` (with its intermediate), `nochain` (without), `nosan` and `rsa1024`, all for this computer unless they say
/// otherwise; `ca.pem`, which vouches for them; and the client `client` with the same key as `client.enc` (PKCS#8) and
/// `client.p12`, both opened by [`PASSWORD`].
///
/// # Errors
/// When a file cannot be written, or `openssl` fails.
pub fn write(folder: &Path) -> Result<()> {
    let authority = issuer("Test authority", None)?;
    let stranger = issuer("Unknown authority", None)?;
    let middle = issuer("Test intermediate", Some(&authority))?;
    fs::write(folder.join("ca.pem"), authority.pem())?;
    fs::write(folder.join("ca.key"), authority.key().serialize_pem())?;

    let server = |names: &[&str]| params(names, ExtendedKeyUsagePurpose::ServerAuth);
    let here = || server(&["localhost", "127.0.0.1", "::1"]);
    sign(folder, "valid", here()?, Some(&authority), "")?;
    let mut expired = here()?;
    (expired.not_before, expired.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    sign(folder, "expired", expired, Some(&authority), "")?;
    let mut later = here()?;
    (later.not_before, later.not_after) = (date_time_ymd(2999, 1, 1), date_time_ymd(3000, 1, 1));
    sign(folder, "notyet", later, Some(&authority), "")?;
    sign(folder, "wronghost", server(&["example.org", "other.test"])?, Some(&authority), "")?;
    sign(folder, "selfsigned", here()?, None, "")?;
    sign(folder, "otherca", here()?, Some(&stranger), "")?;
    sign(folder, "chain", here()?, Some(&middle), &middle.pem())?;
    sign(folder, "nochain", here()?, Some(&middle), "")?;
    sign(folder, "nosan", server(&[])?, Some(&authority), "")?;
    sign(
        folder,
        "client",
        params(&["alice.test"], ExtendedKeyUsagePurpose::ClientAuth)?,
        Some(&authority),
        "",
    )?;

    let password = format!("pass:{PASSWORD}");
    let run = |arguments: &str| openssl(folder, arguments, &password);
    run("req -new -newkey rsa:1024 -nodes -subj /CN=localhost -keyout rsa1024.key -out rsa1024.csr")?;
    fs::write(folder.join("rsa1024.ext"), "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")?;
    run(
        "x509 -req -in rsa1024.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile rsa1024.ext -out rsa1024.pem",
    )?;
    run("pkcs8 -topk8 -in client.key -out client.enc -passout PASSWORD")?;
    run("pkcs12 -export -in client.pem -inkey client.key -out client.p12 -passout PASSWORD")
}

fn openssl(folder: &Path, arguments: &str, password: &str) -> Result<()> {
    let arguments = arguments.split(' ').map(|word| if word == "PASSWORD" { password } else { word });
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .context("openssl is not installed")?;
    ensure!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn issuer(name: &str, by: Option<&Issuer>) -> Result<Issuer> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate()?;
    Ok(match by {
        None => CertifiedIssuer::self_signed(params, key)?,
        Some(by) => CertifiedIssuer::signed_by(params, key, by)?,
    })
}

fn params(names: &[&str], purpose: ExtendedKeyUsagePurpose) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name.push(DnType::CommonName, names.first().copied().unwrap_or("localhost"));
    params.extended_key_usages = vec![purpose];
    Ok(params)
}

/// Writes a certificate, followed by `more`, and its key. Without an issuer it vouches for itself.
fn sign(folder: &Path, name: &str, params: CertificateParams, by: Option<&Issuer>, more: &str) -> Result<()> {
    let key = KeyPair::generate()?;
    let certificate = match by {
        Some(by) => params.signed_by(&key, by)?,
        None => params.self_signed(&key)?,
    };
    fs::write(folder.join(format!("{name}.pem")), certificate.pem() + more)?;
    fs::write(folder.join(format!("{name}.key")), key.serialize_pem())?;
    Ok(())
}
