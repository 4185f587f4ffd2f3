//! Passkeys: what W3C Web Authentication (Level 3) asks of whoever relies on
//! them, by `webauthn_rp`. Nothing here touches the database.
//!
//! A key is made and used only with its owner verified by the authenticator
//! (a PIN, a finger, a face): possession and knowledge in one gesture, so two
//! factors. What the server asks is random, good once, for five minutes, and
//! stays in its memory; the host name and the origin are those of the settings.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::{
    AuthenticationVerificationOptions, DiscoverableCredentialRequestOptions,
};
use webauthn_rp::request::register::{
    CredProtect, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle,
};
use webauthn_rp::request::{AsciiDomain, ExtensionInfo, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::auth::error::AuthCeremonyErr;
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId, SentChallenge};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication, DiscoverableAuthenticationServerState,
    PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
};

use crate::clock::Timestamp;

/// A public key as it is read from the database.
type Public = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// How long an answer is waited for, in milliseconds.
pub const ASKED_FOR_MS: i64 = 5 * 60 * 1000;

/// How many questions of one address wait at a time; one more replaces the
/// oldest of them, so that nobody's asking uses up anybody else's.
const MOST_OF_ONE: usize = 16;

/// How many wait in all; a hundred people at once are far from it.
const MOST: usize = 4_096;

/// Bytes by which an authenticator knows whose key it is.
const HANDLE: usize = 16;

/// Where passkeys of this server work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The relying party's id: the host name of the staff listener.
    pub host: String,
    /// `https://crm.clinic.kz:8443`: no page from elsewhere is believed.
    origin: String,
}

/// A key that has just been made.
pub struct NewKey {
    pub id: Vec<u8>,
    pub public: Vec<u8>,
    pub state: Vec<u8>,
    /// By which ways it is reached, a set of bits.
    pub transports: u8,
}

/// A key as stored.
pub struct KnownKey {
    pub public: Vec<u8>,
    pub state: Vec<u8>,
}

/// What came from a browser in answer to a question; not believed yet.
pub struct Answer {
    response: DiscoverableAuthentication<HANDLE>,
    /// The id of the key.
    pub key: Vec<u8>,
    /// Whose key it is, as the authenticator says.
    pub owner: uuid::Uuid,
}

/// Why an answer is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    #[error("passkeys do not work with this address")]
    NoHome,
    #[error("this is no answer of a browser")]
    Unreadable,
    /// Never asked, asked too long ago, or answered before.
    #[error("nobody waits for this answer")]
    NotAsked,
    #[error("the answer is not right")]
    Wrong,
    /// Somebody may have copied the key.
    #[error("the key's counter went back")]
    CounterWentBack,
}

/// Questions that wait for their answers.
#[derive(Clone, Default)]
pub struct Ceremonies(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    asked: HashMap<SentChallenge, Asked>,
    /// How many were ever asked: of two asked in one millisecond, one is older.
    count: u64,
}

struct Asked {
    question: Question,
    /// Whose answer it has to be; None: anybody's who has a key.
    of: Option<uuid::Uuid>,
    from: Option<IpAddr>,
    until: Timestamp,
    number: u64,
}

enum Question {
    Make(Box<RegistrationServerState<HANDLE>>),
    Use(Box<DiscoverableAuthenticationServerState>),
}

impl Home {
    /// # Errors
    /// The host, when passkeys cannot work with it: they are bound to a domain
    /// (5.1.3), and browsers take neither an address nor a single word for one,
    /// but for `localhost`, this machine's own name for itself.
    pub fn of(staff_url: &str) -> Result<Self, String> {
        let host = staff_url.parse::<http::Uri>().ok().and_then(|uri| Some(uri.host()?.to_owned()));
        let host = host.ok_or_else(|| staff_url.to_owned())?;
        let is_address = host.parse::<IpAddr>().is_ok() || host.starts_with('[');
        let last = host.rsplit_once('.').map(|(_, last)| last);
        let is_domain = last.is_some_and(|last| !last.eq_ignore_ascii_case("local")) && !is_address;
        if !is_domain && host != "localhost" {
            return Err(host);
        }
        let origin = staff_url.strip_suffix(":443").unwrap_or(staff_url).to_owned();
        Ok(Self { host: host.to_ascii_lowercase(), origin })
    }

    fn id(&self) -> Result<RpId, PasskeyError> {
        let domain = AsciiDomain::try_from(self.host.clone()).map_err(|_| PasskeyError::NoHome)?;
        Ok(RpId::Domain(domain))
    }
}

impl Ceremonies {
    /// Asks for a new key of somebody, who has `known` ones: what to give to
    /// `navigator.credentials.create`, as JSON.
    pub fn ask_to_make(
        &self,
        home: &Home,
        owner: uuid::Uuid,
        (login, name): (&str, &str),
        known: Vec<(Vec<u8>, u8)>,
        (from, now): (Option<IpAddr>, Timestamp),
    ) -> Result<String, PasskeyError> {
        let rp = home.id()?;
        let handle = handle(owner);
        let user = PublicKeyCredentialUserEntity {
            name: login.try_into().map_err(|_| PasskeyError::Unreadable)?,
            id: &handle,
            display_name: name.try_into().ok(),
        };
        let known = known.into_iter().filter_map(|(id, transports)| {
            let transports = AuthTransports::decode(transports).ok()?;
            Some(PublicKeyCredentialDescriptor { id: CredentialId::decode(id).ok()?, transports })
        });
        let mut options = PublicKeyCredentialCreationOptions::passkey(&rp, user, known.collect());
        // Wished for, not insisted on: many platforms' own keys do not know it, and
        // whether their owner was verified is looked at each time anyhow.
        options.extensions.cred_protect =
            CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
        let (question, asked) = options.start_ceremony().map_err(|_| PasskeyError::NoHome)?;
        let json = serde_json::to_string(&asked).expect("strings and numbers");
        let challenge: SentChallenge = *question.borrow();
        let question = Question::Make(Box::new(question));
        let until = now.plus_ms(ASKED_FOR_MS);
        self.wait(challenge, Asked { question, of: Some(owner), from, until, number: 0 }, now);
        Ok(json)
    }

    /// The key that was made, when somebody was asked for it.
    pub fn made(
        &self,
        home: &Home,
        owner: uuid::Uuid,
        answer: &str,
        now: Timestamp,
    ) -> Result<NewKey, PasskeyError> {
        let unreadable = |_| PasskeyError::Unreadable;
        let answer = Registration::from_json_relaxed(answer.as_bytes()).map_err(unreadable)?;
        let challenge = answer.challenge_relaxed().map_err(unreadable)?;
        let Some(Question::Make(question)) = self.take(challenge, Some(owner), now) else {
            return Err(PasskeyError::NotAsked);
        };
        let origins = [home.origin.as_str()];
        let options = RegistrationVerificationOptions::<'_, '_, &str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = question.verify(&home.id()?, &answer, &options);
        let made = made.map_err(|_| PasskeyError::Wrong)?;
        Ok(NewKey {
            id: made.id().as_ref().to_vec(),
            public: made.static_state().encode().expect("infallible"),
            state: made.dynamic_state().encode().expect("infallible").to_vec(),
            transports: made.transports().encode().expect("infallible"),
        })
    }

    /// Asks somebody for the use of their key, or whoever comes: what to give
    /// to `navigator.credentials.get`, as JSON.
    pub fn ask_to_use(
        &self,
        home: &Home,
        of: Option<uuid::Uuid>,
        (from, now): (Option<IpAddr>, Timestamp),
    ) -> Result<String, PasskeyError> {
        let rp = home.id()?;
        let options = DiscoverableCredentialRequestOptions::passkey(&rp);
        let (question, asked) = options.start_ceremony().map_err(|_| PasskeyError::NoHome)?;
        let json = serde_json::to_string(&asked).expect("strings and numbers");
        let challenge: SentChallenge = *question.borrow();
        let question = Question::Use(Box::new(question));
        let until = now.plus_ms(ASKED_FOR_MS);
        self.wait(challenge, Asked { question, of, from, until, number: 0 }, now);
        Ok(json)
    }

    /// Looks whether an answer is right; `of` as when it was asked for. Gives
    /// the key's new state.
    ///
    /// # Errors
    /// Whatever the error, the question is spent.
    pub fn used(
        &self,
        home: &Home,
        of: Option<uuid::Uuid>,
        answer: &Answer,
        known: &KnownKey,
        now: Timestamp,
    ) -> Result<Vec<u8>, PasskeyError> {
        let challenge =
            answer.response.challenge_relaxed().map_err(|_| PasskeyError::Unreadable)?;
        let Some(Question::Use(question)) = self.take(challenge, of, now) else {
            return Err(PasskeyError::NotAsked);
        };
        let unsound = PasskeyError::Wrong;
        let public = StaticState::<Public>::decode(&known.public).map_err(|_| unsound)?;
        let state = known.state.as_slice().try_into().map_err(|_| unsound)?;
        let state = DynamicState::decode(state).map_err(|_| unsound)?;
        let (id, owner) = (answer.response.raw_id(), handle(answer.owner));
        let mut key =
            AuthenticatedCredential::new(id, &owner, public, state).map_err(|_| unsound)?;
        let origins = [home.origin.as_str()];
        let options = AuthenticationVerificationOptions::<'_, '_, &str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        match question.verify(&home.id()?, &answer.response, &mut key, &options) {
            Ok(_) => Ok(key.dynamic_state().encode().expect("infallible").to_vec()),
            Err(AuthCeremonyErr::SignatureCounter) => Err(PasskeyError::CounterWentBack),
            Err(_) => Err(unsound),
        }
    }

    fn wait(&self, challenge: SentChallenge, asked: Asked, now: Timestamp) {
        let mut waiting = self.0.lock().expect("no panic while it is held");
        let Waiting { asked: all, count } = &mut *waiting;
        all.retain(|_, one| now < one.until);
        let own = || all.iter().filter(|(_, one)| one.from == asked.from);
        let crowded = MOST_OF_ONE <= own().count();
        let oldest = own().min_by_key(|(_, one)| one.number).map(|(challenge, _)| *challenge);
        if let Some(oldest) = oldest.filter(|_| crowded) {
            all.remove(&oldest);
        }
        if all.len() < MOST {
            *count += 1;
            all.insert(challenge, Asked { number: *count, ..asked });
        }
    }

    /// Taken out, whatever becomes of it: a question is good once.
    fn take(
        &self,
        challenge: SentChallenge,
        of: Option<uuid::Uuid>,
        now: Timestamp,
    ) -> Option<Question> {
        let asked = self.0.lock().expect("no panic while it is held").asked.remove(&challenge)?;
        (asked.of == of && now < asked.until).then_some(asked.question)
    }
}

impl Answer {
    pub fn read(answer: &str) -> Result<Self, PasskeyError> {
        let response = DiscoverableAuthentication::from_json_relaxed(answer.as_bytes());
        let response = response.map_err(|_| PasskeyError::Unreadable)?;
        let owner = response.response().user_handle().encode().expect("infallible");
        let key = response.raw_id().as_ref().to_vec();
        Ok(Self { key, owner: uuid::Uuid::from_bytes(owner), response })
    }
}

fn handle(owner: uuid::Uuid) -> UserHandle<HANDLE> {
    UserHandle::decode(owner.into_bytes()).expect("infallible")
}
