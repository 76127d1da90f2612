//! Letting companies in, on both engines: at the same time, and across restarts.

use openssl::cms::CMSOptions;
use yinxin::crypto::hmac::HmacKey;
use yinxin::evidence::audit::AuditAction;
use yinxin::registry::holder::pick_up_code::PickUpCode;
use yinxin::service::admit_holder::AdmitHolderError;
use yinxin::service::admit_holder::AnsweredChallenge;
use yinxin::service::issue::GivenCode;
use yinxin::store::holders::NewCode;

use crate::http::holder_signature::cms;
use crate::http::holder_signature::recognise_alpha;
use crate::running_city::City;
use crate::running_city::Holder;
use crate::running_city::REGISTRATION;
use crate::running_city::in_a_city;
use crate::running_city::pki;
use crate::running_city::request;

in_a_city!(
    of_many_who_answer_one_challenge_at_a_time_one_is_let_in,
    of_codes_made_at_a_time_one_is_good,
    a_session_is_known_to_every_process,
    nobody_is_let_in_whom_the_audit_trail_does_not_know,
    a_code_without_its_credential_is_not_kept,
);

/// A credential's code.
async fn code(city: &City) -> (GivenCode, yinxin::identifier::opaque_id::CredentialId) {
    let uscc = city.company(1).await;
    let request = request(&uscc, REGISTRATION);
    let issued = city.app.issue(&city.market, &request, None).await.unwrap();
    let id = issued.credential.reservation.id;
    (issued.pick_up_code.unwrap(), id)
}

async fn of_many_who_answer_one_challenge_at_a_time_one_is_let_in(city: City) {
    recognise_alpha(&city).await;
    let uscc = city.company(1).await;
    let challenge = city.app.challenge_holder(&uscc).await.unwrap();
    let holder = Holder::of_company(&pki().alpha, &uscc);
    let mut answers = Vec::new();
    for _ in 0..8 {
        let app = city.restarted();
        let answered = AnsweredChallenge {
            uscc: uscc.clone(),
            text: challenge.text.clone(),
            signature: cms(&holder, challenge.text.as_bytes(), CMSOptions::DETACHED),
        };
        answers.push(tokio::spawn(async move {
            app.admit_by_signature(answered).await
        }));
    }
    let mut admitted = 0;
    for answer in answers {
        match answer.await.unwrap() {
            Ok(_) => admitted += 1,
            Err(AdmitHolderError::ChallengeInvalid) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(admitted, 1);
}

async fn of_codes_made_at_a_time_one_is_good(city: City) {
    let (first, id) = code(&city).await;
    let mut making = Vec::new();
    for _ in 0..6 {
        let (app, market, id) = (city.restarted(), city.market.clone(), id.clone());
        making.push(tokio::spawn(async move {
            app.replace_pick_up_code(&market, &id).await.unwrap()
        }));
    }
    let mut codes = vec![first];
    for made in making {
        codes.push(made.await.unwrap());
    }
    let mut good = 0;
    for given in &codes {
        good += usize::from(city.app.admit_by_code(&given.code).await.is_ok());
    }
    assert_eq!(good, 1);
}

async fn a_session_is_known_to_every_process(city: City) {
    let (given, id) = code(&city).await;
    let admitted = city.restarted().admit_by_code(&given.code).await.unwrap();
    let known = city.app.authenticate_holder(admitted.token.expose()).await;
    let known = known.unwrap();
    assert_eq!(known, admitted.holder);
    // A new code ends it, also one that was opened by another process.
    city.app
        .replace_pick_up_code(&city.market, &id)
        .await
        .unwrap();
    let ended = city.restarted();
    let ended = ended.authenticate_holder(admitted.token.expose()).await;
    assert!(ended.is_err());
}

async fn nobody_is_let_in_whom_the_audit_trail_does_not_know(city: City) {
    let (given, _) = code(&city).await;
    let typed = given.code.written();
    let typed = PickUpCode::parse(typed.expose()).unwrap();
    let admitted = city.app.admit_by_code(&typed).await.unwrap();
    let events = city.store.audit().list(0, 1000).await.unwrap();
    let last = &events.last().unwrap().event;
    assert_eq!(last.action, AuditAction::HolderAdmitted);
    assert_eq!(last.actor, admitted.holder.actor());
    assert_eq!(last.outcome, "pick-up code");
    assert_eq!(last.subject.as_ref(), Some(admitted.holder.uscc()));
    // Without a database there is no trail, and no way in.
    city.app.close().await;
    let refused = city.app.admit_by_code(&typed).await;
    assert!(matches!(refused, Err(AdmitHolderError::Store(_))));
}

async fn a_code_without_its_credential_is_not_kept(city: City) {
    let (_, id) = code(&city).await;
    let pepper = HmacKey::new(b"other");
    let code = PickUpCode::generate(&yinxin::crypto::random::SystemRandom::new()).unwrap();
    let tag = code.tag(&pepper);
    assert_eq!(city.store.holders().find_code(&tag).await.unwrap(), None);
    // A code without its credential cannot be stored.
    let now = city.app.now();
    let new = NewCode {
        tag,
        created_at: now,
        expires_at: now,
    };
    let missing = yinxin::identifier::opaque_id::CredentialId::from_random([9; 16]);
    let uscc = crate::store::uscc(1);
    let event = crate::store::event(now, AuditAction::PickUpCodeReplaced, missing.as_str());
    let of = (&missing, &uscc, REGISTRATION);
    assert!(
        city.store
            .holders()
            .replace_codes(of, &new, &event)
            .await
            .is_err()
    );
    assert_eq!(city.store.holders().find_code(&tag).await.unwrap(), None);
    assert!(city.app.credential(&id).await.unwrap().is_some());
}
