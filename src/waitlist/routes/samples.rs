//! Every state the pages of the list can be in.

use crate::booking;
use crate::clock::{Civil, Timestamp};
use crate::ids::{PatientId, ResourceId, ServiceId};
use crate::pages::View;
use crate::waitlist::model::{OfferId, When, WishId};
use crate::waitlist::offers::{Asked, OfferState};
use crate::waitlist::routes::Choice;
use crate::waitlist::routes::card::CardWishesView;
use crate::waitlist::routes::form::NewWishPage;
use crate::waitlist::routes::list::ListPage;
use crate::waitlist::routes::one::{ProposalView, WishPage};
use crate::waitlist::routes::public::{OfferPage, OtherDay, OtherTime};
use crate::waitlist::routes::rule::{RuleForm, RulePage};
use crate::waitlist::routes::shown::{Line, OfferView};
use crate::waitlist::wishes::{Channel, Filter, Note, WishForm, WishLine, WishState};
use crate::waitlist::{Rule, TOPIC};
use crate::web::FieldErrors;

fn made() -> Timestamp {
    Timestamp::from_unix_ms(1_795_402_800_000)
}

fn at() -> Civil {
    "2026-11-23T10:00".parse().expect("a time")
}

fn line(state: WishState, note: Note, channel: Channel) -> Line {
    let any = note == Note::None;
    let wish = WishLine {
        id: WishId::new(made()),
        patient_id: PatientId::new(made()),
        patient: "Мусин Ержан".to_owned(),
        phone: (!any).then(|| "+77012345678".to_owned()),
        service_id: ServiceId::new(made()),
        service: "Лечение".to_owned(),
        doctor_id: None,
        doctor: if any { String::new() } else { "Сейтова А. Н.".to_owned() },
        appointment_id: None,
        sooner_than: (note == Note::Sooner).then(at),
        when: When {
            weekdays: if any { "1234567" } else { "135" }.to_owned(),
            from_minute: if any { 0 } else { 540 },
            until_minute: if any { 1440 } else { 780 },
            first_day: at().day(),
            last_day: at().day().plus_days(9),
        },
        priority: if any { 0 } else { 2 },
        note,
        channel,
        state,
        reason: if state == WishState::Withdrawn { "desk" } else { "" }.to_owned(),
        created_at: made(),
        ended_at: (state != WishState::Waiting).then(made),
        booked_for: (state == WishState::Booked).then(at),
        has: any.then(at),
    };
    Line::of(wish, at())
}

fn offer(state: OfferState, reason: &str) -> OfferView {
    let offer = Asked {
        id: OfferId::new(made()),
        wish_id: WishId::new(made()),
        patient_id: PatientId::new(made()),
        patient: "Мусин Ержан".to_owned(),
        phone: Some("+77012345678".to_owned()),
        service: "Лечение".to_owned(),
        doctor: "Сейтова А. Н.".to_owned(),
        doctor_id: ResourceId::new(made()),
        starts: at(),
        minutes: 30,
        cause: "cancelled".to_owned(),
        state,
        reason: reason.to_owned(),
        offered_at: made(),
        expires_at: made().plus_ms(1_800_000),
        answered_at: None,
        by_name: if reason.is_empty() { "Айгүл" } else { "" }.to_owned(),
        delivery: None,
    };
    let sent = if state == OfferState::Offered { "delivered" } else { "" };
    OfferView { offer, until: at(), left: 12, sent }
}

fn offers() -> Vec<OfferView> {
    use OfferState::{Accepted, Declined, Expired, NotSent, Offered, Taken, Withdrawn};
    let states = [Offered, Accepted, Declined, Expired, Taken, Withdrawn];
    let reasons =
        ["blocked", "has_appointment", "not_wanted", "no_phone", "offered_elsewhere", "busy_then"];
    let real = states.into_iter().map(|state| offer(state, ""));
    real.chain(reasons.map(|reason| offer(NotSent, reason))).collect()
}

fn choice() -> Vec<Choice> {
    vec![Choice { value: "1".to_owned(), label: "Сейтова А. Н.".to_owned() }]
}

impl View for ListPage {
    const TEMPLATE: &'static str = "waitlist/list.html";

    fn samples() -> Vec<Self> {
        let empty = |filtered| Self {
            lines: Vec::new(),
            offers: Vec::new(),
            calls: Vec::new(),
            filter: Filter::default(),
            filtered,
            doctors: Vec::new(),
            services: Vec::new(),
            automatic: !filtered,
            can_keep: filtered,
            can_set: filtered,
        };
        let full = Self {
            lines: vec![
                line(WishState::Waiting, Note::Sooner, Channel::Sms),
                line(WishState::Waiting, Note::None, Channel::Call),
                line(WishState::Booked, Note::Pain, Channel::Sms),
                line(WishState::Withdrawn, Note::Child, Channel::Sms),
                line(WishState::Expired, Note::Travels, Channel::Sms),
            ],
            offers: vec![offer(OfferState::Offered, "")],
            calls: vec![offer(OfferState::NotSent, "no_phone")],
            doctors: choice(),
            services: choice(),
            ..empty(true)
        };
        vec![full, empty(true), empty(false)]
    }
}

impl View for NewWishPage {
    const TEMPLATE: &'static str = "waitlist/new.html";

    fn samples() -> Vec<Self> {
        let page = |patient: &str, wrong: &[&'static str]| Self {
            form: WishForm::default().proposed(at().day()),
            errors: wrong.iter().map(|field| (*field, "waitlist-error-time".to_owned())).collect(),
            patient: patient.to_owned(),
            query: if patient.is_empty() { "Мусин" } else { "" }.to_owned(),
            found: Vec::new(),
            services: choice(),
            doctors: choice(),
            visits: if wrong.is_empty() { Vec::new() } else { choice() },
            notes: Note::ALL.map(Note::name).into(),
            waits: wrong.is_empty(),
        };
        vec![page("", &[]), page("Мусин Ержан", &[]), page("Мусин Ержан", &["from", "until"])]
    }
}

impl View for WishPage {
    const TEMPLATE: &'static str = "waitlist/one.html";

    fn samples() -> Vec<Self> {
        let page = |line: Line, waits, refusal: &str| Self {
            line,
            waits,
            advised: None,
            proposals: Vec::new(),
            offers: Vec::new(),
            refusal: refusal.to_owned(),
            topic: TOPIC,
            can_keep: waits,
            can_book: waits,
        };
        let free = |suits| ProposalView {
            starts: at(),
            minutes: 30,
            doctor_id: ResourceId::new(made()),
            doctor: "Сейтова А. Н.".to_owned(),
            suits,
        };
        let full = Self {
            advised: Some(booking::Advised::sample()),
            proposals: vec![free(true), free(false)],
            offers: offers(),
            ..page(line(WishState::Waiting, Note::Sooner, Channel::Sms), true, "taken")
        };
        let plain = page(line(WishState::Waiting, Note::None, Channel::Call), true, "");
        vec![full, plain, page(line(WishState::Booked, Note::Pain, Channel::Sms), false, "")]
    }
}

impl View for CardWishesView {
    const TEMPLATE: &'static str = "waitlist/of_patient.html";

    fn samples() -> Vec<Self> {
        let patient_id = PatientId::new(made());
        let lines = vec![
            line(WishState::Waiting, Note::Sooner, Channel::Sms),
            line(WishState::Booked, Note::None, Channel::Sms),
        ];
        vec![
            Self { patient_id, lines, offers: offers(), can_keep: true },
            Self { patient_id, lines: Vec::new(), offers: Vec::new(), can_keep: false },
        ]
    }
}

impl View for RulePage {
    const TEMPLATE: &'static str = "waitlist/rule.html";

    fn samples() -> Vec<Self> {
        let rule = Rule {
            automatic: true,
            at_once: 1,
            answer_minutes: 30,
            notice_minutes: 120,
            quiet_from: 1260,
            quiet_until: 540,
        };
        let wrong: FieldErrors =
            [("at_once", "waitlist-error-at-once".to_owned())].into_iter().collect();
        vec![
            Self { form: RuleForm::of(rule), errors: FieldErrors::new(), done: true },
            Self { form: RuleForm::default(), errors: wrong, done: false },
        ]
    }
}

impl View for OfferPage {
    const TEMPLATE: &'static str = "public/offer.html";

    fn samples() -> Vec<Self> {
        let time = || OtherTime {
            starts: at(),
            value: at().to_string(),
            doctor: "Сейтова А. Н.".to_owned(),
        };
        let page = |state: &'static str| {
            let waits = matches!(state, "taken" | "expired" | "declined");
            let some = waits && state != "declined";
            let day = || OtherDay { day: at().day(), times: vec![time()] };
            Self {
                token: "A".repeat(22),
                state,
                starts: at(),
                doctor: if state == "settled" { String::new() } else { "A".to_owned() },
                until: at(),
                phone: if state == "open" { String::new() } else { "+77273550000".to_owned() },
                days: if some { vec![day()] } else { Vec::new() },
                suit: state != "expired",
                waits,
            }
        };
        ["open", "accepted", "taken", "expired", "declined", "settled"].map(page).into()
    }
}
