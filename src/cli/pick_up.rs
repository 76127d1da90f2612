//! `yinxin credential pick-up`: fetches a company's credentials from a server, as a company scripts it.

use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::cli::arguments::PickUp;
use crate::cli::client::Client;
use crate::cli::client::JSON;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::sign;
use crate::cli::terminal::Terminal;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::crypto::document_key::RsaPadding;
use crate::encoding::base64;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::holder::challenge;
use crate::secret::Secret;
use crate::store::file;
use crate::store::key_files;

/// Runs `credential pick-up`. Files that are there are replaced, each as a whole.
///
/// # Errors
/// [`Exit::Unavailable`] when the server cannot be reached or lets nobody in, [`Exit::NoInput`] for a code, key or
/// certificate that cannot be read.
pub(in crate::cli) fn run(
    arguments: &PickUp,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let client = Client::without_key(&arguments.server);
    let shown = match &arguments.code_file {
        Some(path) => {
            let code = key_files::read_line(path).or_exit(Exit::NoInput)?;
            json!({ "pickUpCode": code.expose() })
        }
        None => answered(arguments, &client)?,
    };
    let session = client.post("/v1/holder/sessions", JSON, shown.to_string().as_bytes())?;
    let session = read(&session)?;
    let client = client.showing(Secret::new(text(&session, "token")?));
    let fetched = fetch_all(&client, &arguments.out, terminal);
    // Whatever came of it; the session would end by itself as well.
    if let Err(error) = client.delete("/v1/holder/session") {
        terminal.note(format_args!("not signed out: {error}"));
    }
    fetched?;
    Ok(Exit::Success)
}

fn fetch_all(client: &Client, out: &Path, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    let listed = read(&client.get("/v1/holder/credentials", JSON)?)?;
    let credentials = listed.get("credentials").and_then(Value::as_array);
    std::fs::create_dir_all(out).map_err(|error| CliError::new(Exit::Internal, error))?;
    for credential in credentials.into_iter().flatten() {
        fetch(client, credential, out, terminal)?;
    }
    Ok(())
}

/// Signs a challenge of the server.
fn answered(arguments: &PickUp, client: &Client) -> Result<Value, CliError> {
    let (Some(uscc), Some(key), Some(certificate)) =
        (&arguments.uscc, &arguments.key, &arguments.certificate)
    else {
        return Err(CliError::new(
            Exit::Usage,
            "give --code-file, or --uscc with --key and --certificate",
        ));
    };
    let passphrase = arguments.passphrase_file.as_deref();
    let signer = sign::read_signer((key, certificate), passphrase, RsaPadding::Pkcs1)?;
    let challenge = client.post(&format!("/v1/companies/{uscc}/challenge"), JSON, b"")?;
    let challenge = text(&read(&challenge)?, "challenge")?;
    require_meant(&challenge, uscc)?;
    let signature = sign::sign_apart(&signer, challenge.as_bytes(), SystemClock.now())?;
    Ok(json!({
        "uscc": uscc,
        "challenge": challenge,
        "signature": base64::encode(&signature),
    }))
}

/// A server that wants something else signed, a contract perhaps, gets nothing.
fn require_meant(text: &str, uscc: &Uscc) -> Result<(), CliError> {
    if challenge::is_meant(text, uscc) {
        return Ok(());
    }
    Err(CliError::new(
        Exit::Unavailable,
        "what the server wants signed is no challenge for signing in; nothing was signed",
    ))
}

fn fetch(
    client: &Client,
    credential: &Value,
    folder: &Path,
    terminal: &mut Terminal<'_>,
) -> Result<(), CliError> {
    let id = CredentialId::parse(&text(credential, "id")?).or_exit(Exit::Unavailable)?;
    let compact = client.get(&format!("/v1/credentials/{id}/file"), "*/*")?;
    let path = folder.join(format!("{}.sd-jwt", name(&text(credential, "type")?, &id)));
    file::replace(&path, compact.as_bytes()).or_exit(Exit::Internal)?;
    let state = text(credential, "state")?;
    terminal.line(format_args!("{}: {state}, {id}", path.display()))
}

/// The short name of a type, as it stands in its address; the credential's number where there is none.
fn name(vct: &str, id: &CredentialId) -> String {
    let after = vct.split_once("/vct/").map(|(_, after)| after);
    let named = after.and_then(|after| after.split('/').next());
    let plain = |name: &&str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    named.filter(plain).unwrap_or(id.as_str()).to_owned()
}

fn read(body: &str) -> Result<Value, CliError> {
    serde_json::from_str(body).or_exit(Exit::Unavailable)
}

fn text(object: &Value, member: &str) -> Result<String, CliError> {
    let found = object.get(member).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| {
        CliError::new(
            Exit::Unavailable,
            format_args!("the server's answer has no `{member}`"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_after_its_type() {
        let id = CredentialId::from_random([1; 16]);
        let vct = "https://city.example/vct/business-registration/v1";
        assert_eq!(name(vct, &id), "business-registration");
        for strange in [
            "",
            "urn:x",
            "https://a/vct/",
            "https://a/vct/..%2f/v1",
            "/vct/..",
        ] {
            assert_eq!(name(strange, &id), id.as_str(), "{strange}");
        }
    }
}
