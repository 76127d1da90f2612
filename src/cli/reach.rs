//! Either the data folder itself or the server that holds it.

use crate::cli::arguments::Reached;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::Opened;
use crate::cli::open::Opening;
use crate::cli::open::open;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::call::Caller;
use crate::service::manage::scopes_of;

/// How a command reaches the data.
pub(in crate::cli) enum Reach {
    /// The data folder is ours.
    Direct {
        /// The application.
        opened: Box<Opened>,
        /// In whose name.
        caller: Caller,
    },
    /// A server has it.
    Server(Client),
}

/// Reaches the data; without a server as `--as`, or else as the only department there is.
///
/// # Errors
/// [`Exit::Usage`] when it does not follow in whose name to act.
pub(in crate::cli) async fn reach(reached: &Reached) -> Result<Reach, CliError> {
    if let (Some(server), Some(key_file)) = (&reached.server, &reached.key_file) {
        return Ok(Reach::Server(Client::new(server, key_file)?));
    }
    let opened = open(&reached.configured.config, Opening::for_writing()).await?;
    let caller = acting_as(&opened, reached.acting_as.as_deref()).await?;
    Ok(Reach::Direct {
        opened: Box::new(opened),
        caller,
    })
}

async fn acting_as(opened: &Opened, id: Option<&str>) -> Result<Caller, CliError> {
    let id = id.ok_or_else(|| {
        CliError::new(Exit::Usage, "in whose name is this done?")
            .hint("add --as CALLER; `yinxin caller list` shows them")
    })?;
    let id = RelyingPartyId::parse(id).or_exit(Exit::Usage)?;
    let callers = opened.app.callers().await.or_exit(Exit::Internal)?;
    let (party, _) = callers
        .into_iter()
        .find(|(party, _)| party.id == id)
        .ok_or_else(|| CliError::new(Exit::Usage, format_args!("there is no caller `{id}`")))?;
    Ok(Caller {
        scopes: scopes_of(party.kind),
        party,
        terms: CallerTerms::default(),
    })
}
