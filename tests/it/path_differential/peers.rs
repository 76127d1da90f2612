//! The same question to both: our search, and OpenSSL's `X509_verify_cert`.

use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::X509;
use openssl::x509::X509StoreContext;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::verify::X509VerifyParam;
use yinxin::clock::Timestamp;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::path::PathError;
use yinxin::pki::path::PathInputs;
use yinxin::pki::path::PathValidator;
use yinxin::pki::trust_anchor::AnchorSet;
use yinxin::pki::trust_anchor::TrustAnchor;

use crate::path_differential::recipe::Made;
use crate::path_differential::recipe::NOW;
use crate::path_differential::recipe::NOW_UNIX;
use crate::path_differential::recipe::Recipe;

/// What we say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ours {
    /// The path, end entity first, and its anchor.
    Accepts(Vec<Certificate>),
    /// The end entity's certificate is not read.
    DoesNotRead,
    Refuses(PathError),
}

/// What OpenSSL says: error and depth as `X509_STORE_CTX_get_error(3)` has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Theirs {
    Accepts,
    DoesNotRead,
    Refuses { code: i32, depth: u32 },
}

/// Our answer. Of several reasons it gives the most specific one.
pub(crate) fn ask_ours(recipe: &Recipe) -> Ours {
    let anchors = recipe.anchors.iter().filter_map(Made::read);
    let anchors: AnchorSet = anchors.map(TrustAnchor::new).collect();
    let intermediates: Vec<Certificate> =
        recipe.intermediates.iter().filter_map(Made::read).collect();
    let Some(end_entity) = recipe.end_entity.read() else {
        return Ours::DoesNotRead;
    };
    let at = Timestamp::parse(NOW).unwrap();
    let inputs = PathInputs {
        require_explicit_policy: recipe.requires_explicit_policy,
        inhibit_policy_mapping: recipe.inhibits_mapping,
        inhibit_any_policy: recipe.inhibits_any_policy,
        ..PathInputs::ANY
    };
    let validator = PathValidator::new(&anchors, &intermediates, at).with_inputs(&inputs);
    match validator.validate(&end_entity) {
        Ok(path) => {
            let anchor = path.anchor().certificate();
            Ours::Accepts([path.certificates(), std::slice::from_ref(anchor)].concat())
        }
        Err(PathError::NoPath(Some(cause))) => Ours::Refuses(*cause),
        Err(error) => Ours::Refuses(error),
    }
}

/// OpenSSL's answer, with flags that make it do the same work: any anchor will do (`PARTIAL_CHAIN`),
/// policies are processed, no purpose is asked for.
pub(crate) fn ask_openssl(recipe: &Recipe) -> Theirs {
    let Ok(end_entity) = X509::from_der(&recipe.end_entity.der) else {
        ErrorStack::get();
        return Theirs::DoesNotRead;
    };
    let answer = verify(recipe, &end_entity).unwrap();
    ErrorStack::get();
    answer
}

fn verify(recipe: &Recipe, end_entity: &X509) -> Result<Theirs, ErrorStack> {
    let mut store = X509StoreBuilder::new()?;
    for anchor in recipe.anchors.iter().filter_map(read) {
        store.add_cert(anchor)?;
    }
    store.set_param(parameters(recipe)?.as_ref())?;
    let mut intermediates = Stack::new()?;
    for intermediate in recipe.intermediates.iter().filter_map(read) {
        intermediates.push(intermediate)?;
    }
    X509StoreContext::new()?.init(&store.build(), end_entity, &intermediates, |context| {
        // An internal error is a refusal too, and says so in the context.
        let accepts = context.verify_cert().unwrap_or(false);
        Ok(match accepts {
            true => Theirs::Accepts,
            false => Theirs::Refuses {
                code: context.error().as_raw(),
                depth: context.error_depth(),
            },
        })
    })
}

fn read(made: &Made) -> Option<X509> {
    X509::from_der(&made.der).ok()
}

fn parameters(recipe: &Recipe) -> Result<X509VerifyParam, ErrorStack> {
    let mut flags = X509VerifyFlags::PARTIAL_CHAIN | X509VerifyFlags::POLICY_CHECK;
    for (is_set, flag) in [
        (
            recipe.requires_explicit_policy,
            X509VerifyFlags::EXPLICIT_POLICY,
        ),
        (recipe.inhibits_mapping, X509VerifyFlags::INHIBIT_MAP),
        (recipe.inhibits_any_policy, X509VerifyFlags::INHIBIT_ANY),
    ] {
        flags.set(flag, is_set);
    }
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_flags(flags)?;
    parameters.set_time(NOW_UNIX);
    parameters.set_auth_level(0);
    Ok(parameters)
}
