//! The waiting list: who is asked for what became free, who is not, and that of
//! those who take one time exactly one has it.

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use tokio::task::JoinSet;

use tirkeu::booking::{self, Appointment, CancelReason, Moving, NewAppointment};
use tirkeu::clock::Day;
use tirkeu::contact::name::Name;
use tirkeu::ids::PatientId;
use tirkeu::messaging::run_due;
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind};
use tirkeu::patients::blocking::{self, BlockReason, NewBlock};
use tirkeu::patients::{self, NewPatient};
use tirkeu::schedule::{self, ExceptionDraft, ExceptionReason, OneDay, Span};
use tirkeu::vault::permission::{BlockPatients, RegisterPatient, Role, SetUpClinic};
use tirkeu::waitlist::{self, Rule};

use crate::booking::{Day1, time};
use crate::booking_again::{completed, repeated};
use crate::peers::smsc::{LOGIN, PASSWORD, SmscServer};
use crate::support::{Answer, Browser, send};

const MINUTE: i64 = 60_000;

/// The clinic of [`Day1`] with a gateway, on Monday at half past nine.
pub struct Hall {
    pub day: Day1,
    pub server: SmscServer,
}

impl Hall {
    pub async fn open() -> Self {
        let hall = Self { day: Day1::open().await, server: SmscServer::start().await };
        let change = GatewayChange {
            kind: GatewayKind::Smsc,
            endpoint: hall.server.address.clone(),
            username: LOGIN.to_owned(),
            password: PASSWORD.to_owned(),
            sender: String::new(),
            report_url: String::new(),
            ca: String::new(),
        };
        let owner = hall.day.clinic.grant(Role::Owner).await;
        setup::set_gateway(hall.day.clinic.vault(), &owner, &change).await.unwrap();
        hall.day.advance_to("09:30");
        // The hours that were entered are heard of while nobody waits.
        hall.work().await;
        hall
    }

    pub async fn reception(&self) -> Browser<'_> {
        self.day.clinic.sign_in(Role::Reception).await
    }

    /// Does the queued work, and sends what is to be sent.
    pub async fn work(&self) {
        let clinic = &self.day.clinic.clinic;
        while 0 < tirkeu::app::jobs().run_due(&clinic.vault, clinic).await.unwrap() {}
        run_due(clinic, &tirkeu::app::message_hooks()).await.unwrap();
    }

    pub async fn later(&self, minutes: i64) {
        self.day.clinic.clinic.clock().advance_ms(minutes * MINUTE);
        self.work().await;
    }

    /// A patient whose number ends so; no number for none.
    pub async fn patient(&self, surname: &str, phone: &str) -> PatientId {
        let register = self.day.clinic.grant::<RegisterPatient>(Role::Reception).await;
        let phones = if phone.is_empty() { vec![] } else { vec![phone.parse().unwrap()] };
        let name = Name::new(surname, "Айгүл", "");
        let new = NewPatient { name, phones, ..NewPatient::default() };
        patients::register(self.day.clinic.vault(), &register, &new).await.unwrap()
    }

    /// Puts somebody on the list at the desk; `more` are fields of the form.
    pub async fn waits(&self, patient: PatientId, more: &str) -> String {
        // Who waited longest is asked first: no two at one instant.
        self.day.clinic.clinic.clock().advance_ms(1000);
        let form = format!(
            "patient={patient}&service={}&first_day=23.11.2026&last_day=23.12.2026&{more}",
            self.day.filling
        );
        let answer = self.reception().await.post("/waitlist", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.header("location").trim_start_matches("/waitlist/").to_owned()
    }

    pub async fn rule(&self, change: impl FnOnce(&mut Rule)) {
        let grant = self.day.clinic.grant::<SetUpClinic>(Role::Owner).await;
        let clinic = &self.day.clinic.clinic;
        let mut rule = waitlist::rule(clinic, &grant).await.unwrap();
        change(&mut rule);
        waitlist::set_rule(clinic, &grant, rule).await.unwrap();
    }

    pub async fn cancel(&self, made: &Appointment) {
        let clinic = &self.day.clinic.clinic;
        booking::cancel(clinic, &self.day.book, made.id, CancelReason::Ill).await.unwrap();
        self.work().await;
    }

    /// The paths of the links sent to a number, oldest first; of offers alone.
    pub fn offers_to(&self, phone: &str) -> Vec<String> {
        let taken = self.server.taken();
        let own = taken.iter().filter(|sms| sms.phone.as_str() == phone.trim_start_matches('+'));
        own.filter_map(|sms| {
            let (_, link) = sms.text.split_once("https://clinic.example")?;
            Some(link.split_whitespace().next()?.to_owned())
        })
        .filter(|link| link.starts_with("/w/"))
        .collect()
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).unwrap();
        send(&self.day.clinic.public, request).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        post(self.day.clinic.public.clone(), path.to_owned(), form.to_owned()).await
    }

    /// `state reason` of all offers, in the order in which they were made.
    async fn states(&self) -> Vec<String> {
        let all = "SELECT trim(state || ' ' || reason) FROM waitlist_offer ORDER BY offered_at, id";
        self.day.clinic.rows(all).await
    }

    /// Who has a live appointment at that time.
    async fn who_at(&self, starts: &str) -> Vec<String> {
        let live = format!(
            "SELECT patient_id FROM appointment WHERE starts = '{}'
             AND status IN ('booked', 'confirmed') ORDER BY patient_id",
            time(starts)
        );
        self.day.clinic.rows(&live).await
    }
}

async fn post(router: Router, path: String, form: String) -> Answer {
    let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(&router, request.body(Body::from(form)).unwrap()).await
}

const ANNA: &str = "+77010000001";
const BELA: &str = "+77010000002";
const DINA: &str = "+77010000003";

#[tokio::test]
async fn what_a_cancellation_frees_is_offered_at_once_and_taken_with_one_tap() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let anna = hall.patient("Ахметова", ANNA).await;
    let wish = hall.waits(anna, "").await;

    hall.cancel(&made).await;

    let sms = hall.server.taken().into_iter().find(|sms| sms.text.contains("/w/")).unwrap();
    assert_eq!(sms.phone, ANNA.trim_start_matches('+'));
    assert!(sms.text.contains("15:00") && sms.text.contains("до 10:00"), "{}", sms.text);
    let link = hall.offers_to(ANNA).remove(0);
    let page = hall.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    for secret in ["Ахметова", "Айгүл", "кариес"] {
        assert!(!page.body.contains(secret) && !sms.text.contains(secret), "{secret}");
    }
    assert_eq!(hall.who_at("15:00").await, Vec::<String>::new(), "looking changes nothing");

    let taken = hall.post(&format!("{link}/accept"), "").await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    assert_eq!(hall.who_at("15:00").await, [anna.to_string()]);
    assert!(hall.get(&link).await.body.contains("Вы записаны"));
    let twice = hall.post(&format!("{link}/accept"), "").await;
    assert_eq!((twice.status, hall.who_at("15:00").await.len()), (StatusCode::SEE_OTHER, 1));
    let state = format!("SELECT state FROM waitlist_wish WHERE id = '{wish}'");
    assert_eq!(hall.day.clinic.rows(&state).await, ["booked"]);
    let audited = hall.day.clinic.audited().await;
    for act in ["waitlist.offered", "waitlist.offer_accepted", "waitlist.fulfilled"] {
        assert!(audited.contains(&act.to_owned()), "{act}");
    }
    let history = format!(
        "SELECT reason || ' ' || actor FROM appointment_status AS s JOIN appointment AS a
         ON a.id = s.appointment_id WHERE a.patient_id = '{anna}'"
    );
    assert_eq!(hall.day.clinic.rows(&history).await, ["waitlist visitor"]);
}

#[tokio::test]
async fn time_that_a_patient_frees_by_their_own_link_is_offered_too() {
    let hall = Hall::open().await;
    hall.day.booked("15:00").await;
    hall.work().await;
    let own = hall.server.taken()[0].text.clone();
    let own = own.split_once("https://clinic.example").unwrap().1.to_owned();
    let anna = hall.patient("Ахметова", ANNA).await;
    hall.waits(anna, "").await;

    hall.post(&format!("{}/cancel", own.split_whitespace().next().unwrap()), "").await;
    hall.work().await;
    assert_eq!(hall.offers_to(ANNA).len(), 1);
}

#[tokio::test]
async fn time_that_a_move_frees_is_offered_too() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let anna = hall.patient("Ахметова", ANNA).await;
    hall.waits(anna, "").await;
    let to = Moving { starts: Some(time("16:30")), ..Moving::default() };
    hall.day.move_to(&made, to).await.unwrap();
    hall.work().await;
    assert!(
        hall.server
            .taken()
            .iter()
            .any(|sms| sms.text.contains("15:00, ") || sms.text.contains("15:00."))
    );
    assert_eq!(hall.offers_to(ANNA).len(), 1);
}

#[tokio::test]
async fn a_shift_that_is_added_is_offered_and_one_person_gets_one_time() {
    let hall = Hall::open().await;
    let (anna, bela) = (hall.patient("Ахметова", ANNA).await, hall.patient("Белова", BELA).await);
    let saturdays = format!("d6=on&doctor={}", hall.day.anna);
    hall.waits(anna, &saturdays).await;
    hall.waits(bela, &saturdays).await;
    hall.work().await;
    assert_eq!(hall.states().await, Vec::<String>::new(), "nobody works on Saturday");

    let setup = hall.day.clinic.grant::<SetUpClinic>(Role::Owner).await;
    let saturday: Day = "2026-11-28".parse().unwrap();
    let draft = ExceptionDraft {
        resource_id: hall.day.anna,
        from: saturday,
        until: saturday,
        what: OneDay::Extra(Span { starts: 600, ends: 660 }, Some(hall.day.chair)),
        reason: ExceptionReason::Demand,
    };
    schedule::add_exceptions(hall.day.clinic.vault(), &setup, &draft).await.unwrap();
    hall.work().await;

    assert_eq!(hall.states().await, ["offered", "offered"], "two half hours, two people");
    let times = "SELECT starts FROM waitlist_offer ORDER BY starts";
    assert_eq!(hall.day.clinic.rows(times).await, ["2026-11-28T10:00", "2026-11-28T10:30"]);
}

#[tokio::test]
async fn in_turn_the_next_is_asked_when_the_first_says_no_or_says_nothing() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    for (name, phone) in [("Ахметова", ANNA), ("Белова", BELA), ("Ли", DINA)] {
        let patient = hall.patient(name, phone).await;
        hall.waits(patient, "").await;
    }
    hall.cancel(&made).await;
    assert_eq!(hall.states().await, ["offered"]);
    let first = hall.offers_to(ANNA).remove(0);

    hall.later(29).await;
    assert_eq!(hall.states().await, ["offered"], "half an hour is theirs");
    hall.later(2).await;
    assert_eq!(hall.states().await, ["expired", "offered"]);
    assert!(hall.get(&first).await.body.contains("Время на ответ вышло"));
    let late = hall.post(&format!("{first}/accept"), "").await;
    assert_eq!(late.status, StatusCode::CONFLICT);

    let second = hall.offers_to(BELA).remove(0);
    hall.post(&format!("{second}/decline"), "").await;
    hall.later(1).await;
    assert_eq!(hall.states().await, ["expired", "declined", "offered"]);
    assert_eq!(hall.offers_to(DINA).len(), 1);
    hall.later(31).await;
    assert_eq!(hall.states().await, ["expired", "declined", "expired"]);
    let ends = "SELECT state || ' ' || reason FROM waitlist_opening";
    assert_eq!(hall.day.clinic.rows(ends).await, ["closed asked"]);
}

#[tokio::test]
async fn the_urgent_are_asked_before_those_who_waited_longer_and_only_at_their_hours() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let early = hall.patient("Ахметова", ANNA).await;
    let urgent = hall.patient("Белова", BELA).await;
    let mornings = hall.patient("Ли", DINA).await;
    hall.waits(mornings, "priority=2&from=9:00&until=12:00").await;
    hall.waits(early, "").await;
    hall.waits(urgent, "priority=2").await;
    hall.cancel(&made).await;
    assert_eq!((hall.offers_to(BELA).len(), hall.offers_to(ANNA).len()), (1, 0));
    assert_eq!(hall.offers_to(DINA).len(), 0);
}

#[tokio::test]
async fn of_several_who_were_asked_at_once_the_others_see_that_it_is_taken_and_what_is_free() {
    let hall = Hall::open().await;
    hall.rule(|rule| rule.at_once = 2).await;
    let made = hall.day.booked("15:00").await;
    let (anna, bela) = (hall.patient("Ахметова", ANNA).await, hall.patient("Белова", BELA).await);
    hall.waits(anna, &format!("doctor={}", hall.day.anna)).await;
    hall.waits(bela, &format!("doctor={}", hall.day.anna)).await;
    hall.cancel(&made).await;
    assert_eq!(hall.states().await, ["offered", "offered"]);
    let (first, second) = (hall.offers_to(ANNA).remove(0), hall.offers_to(BELA).remove(0));

    hall.post(&format!("{first}/accept"), "").await;
    let lost = hall.get(&second).await;
    assert!(lost.body.contains("Это время уже заняли"), "{}", lost.body);
    let other = format!("2026-11-23T15:30_{}", hall.day.anna);
    assert!(lost.body.contains(&other), "the next times are on the same page: {}", lost.body);
    let late = hall.post(&format!("{second}/accept"), "").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("Это время уже заняли") && late.body.contains(&other));

    let chosen = hall.post(&format!("{second}/book"), &format!("starts={other}")).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER, "{}", chosen.body);
    assert_eq!(hall.who_at("15:30").await, [bela.to_string()]);
    assert!(hall.get(&second).await.body.contains("Вы записаны"));
    let again = hall.post(&format!("{second}/book"), &format!("starts={other}")).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "nobody waits any more");
    assert_eq!(hall.day.overlaps().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_all_who_take_one_time_at_once_exactly_one_has_it_the_desk_included() {
    let hall = Hall::open().await;
    hall.rule(|rule| rule.at_once = 10).await;
    for round in 0..4 {
        let starts = format!("2026-11-2{}T15:00", 4 + round % 3);
        let starts = if round < 3 { starts } else { "2026-11-27T11:00".to_owned() };
        let made = hall.day.booked(&starts).await;
        let mut phones = Vec::new();
        for index in 0..8 {
            let phone = format!("+770200{round:02}{index:03}");
            let patient = hall.patient("Ахметова", &phone).await;
            hall.waits(patient, &format!("doctor={}", hall.day.anna)).await;
            phones.push(phone);
        }
        let rival = hall.patient("Соперник", "").await;
        hall.cancel(&made).await;

        let mut storm: JoinSet<bool> = JoinSet::new();
        for phone in &phones {
            let link = hall.offers_to(phone).pop().unwrap();
            // Each taps twice.
            for _ in 0..2 {
                let (public, path) = (hall.day.clinic.public.clone(), format!("{link}/accept"));
                storm.spawn(async move {
                    let answer = post(public, path, String::new()).await;
                    let expected = [StatusCode::SEE_OTHER, StatusCode::CONFLICT];
                    assert!(expected.contains(&answer.status), "{} {}", answer.status, answer.body);
                    answer.status == StatusCode::SEE_OTHER
                });
            }
        }
        let new = NewAppointment { patient_id: rival, ..hall.day.at(&starts) };
        let (clinic, book) = (hall.day.clinic.clinic.clone(), hall.day.book.clone());
        storm.spawn(async move { booking::book(&clinic, &book, &new).await.is_ok() });
        let won = storm.join_all().await.into_iter().filter(|won| *won).count();

        assert_eq!(hall.who_at(&starts).await.len(), 1, "one has it");
        assert!((1..=2).contains(&won), "{won}: a second tap of the winner changes nothing");
        assert_eq!(hall.day.overlaps().await, Vec::<String>::new());
        hall.work().await;
        let open = "SELECT id FROM waitlist_offer WHERE state = 'offered'";
        let open = hall.day.clinic.rows(open).await;
        hall.day.clinic.write("UPDATE waitlist_wish SET state = 'withdrawn', ended_at = 0 WHERE state = 'waiting'").await.unwrap();
        assert!(
            open.is_empty() || won == 0 || hall.who_at(&starts).await == [rival.to_string()],
            "{open:?}"
        );
    }
}

#[tokio::test]
async fn in_quiet_hours_nothing_is_sent_and_in_the_morning_it_is() {
    let hall = Hall::open().await;
    let made = hall.day.booked("2026-11-24T15:00").await;
    let anna = hall.patient("Ахметова", ANNA).await;
    hall.waits(anna, &format!("doctor={}", hall.day.anna)).await;
    hall.day.advance_to("22:00");
    hall.cancel(&made).await;
    assert_eq!(hall.states().await, Vec::<String>::new());
    let held = "SELECT state || ' ' || reason FROM waitlist_opening";
    assert_eq!(hall.day.clinic.rows(held).await, ["held quiet"]);

    hall.day.advance_to("2026-11-24T08:59");
    hall.work().await;
    assert_eq!(hall.states().await, Vec::<String>::new());
    hall.later(1).await;
    assert_eq!((hall.states().await, hall.offers_to(ANNA).len()), (vec!["offered".to_owned()], 1));
}

#[tokio::test]
async fn whoever_is_blocked_booked_busy_or_asked_for_silence_is_never_asked_and_the_card_says_why()
{
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let blocked = hall.patient("Блокова", "+77010000011").await;
    let booked = hall.patient("Записова", "+77010000012").await;
    let silent = hall.patient("Тихая", "+77010000013").await;
    let mute = hall.patient("Безномерова", "").await;
    let busy = hall.patient("Занятая", "+77010000015").await;
    for patient in [blocked, booked, mute, busy] {
        hall.waits(patient, "").await;
    }
    hall.waits(silent, "call=on").await;
    let block = hall.day.clinic.grant::<BlockPatients>(Role::Compliance).await;
    let vault = hall.day.clinic.vault();
    let new = NewBlock {
        patient_id: blocked,
        request_id: None,
        reason: BlockReason::Asked,
        basis: "94-V".to_owned(),
        until: None,
    };
    blocking::block(vault, &block, &new).await.unwrap();
    let later = NewAppointment { patient_id: booked, ..hall.day.at("2026-12-01T10:00") };
    hall.day.try_book(&later).await.unwrap();
    let talk =
        NewAppointment { patient_id: busy, service_id: hall.day.talk, ..hall.day.at("16:00") };
    let talk = hall
        .day
        .try_book(&NewAppointment { starts: time("14:30"), minutes: Some(30), ..talk })
        .await;
    talk.unwrap();
    hall.day.clinic.write("UPDATE appointment SET starts = '2026-11-23T15:10' WHERE service_id IS NOT NULL AND starts = '2026-11-23T14:30'").await.unwrap();

    hall.cancel(&made).await;

    let mut states = hall.states().await;
    states.sort();
    let expected = [
        "not_sent blocked",
        "not_sent busy_then",
        "not_sent has_appointment",
        "not_sent no_phone",
        "not_sent not_wanted",
    ];
    assert_eq!(states, expected);
    assert!(hall.server.taken().iter().all(|sms| !sms.text.contains("/w/")));
    let reception = hall.reception().await;
    let card = reception.get(&format!("/patients/{booked}/waitlist")).await.body;
    assert!(card.contains("Уже записан на эту услугу"), "{card}");
    let list = reception.get("/waitlist").await.body;
    assert!(list.contains("Позвоните: написать нельзя") && list.contains("Тихая"), "{list}");
    assert!(reception.get("/").await.body.contains(">2<"), "the rail counts those to call");
}

#[tokio::test]
async fn whoever_has_a_time_and_wants_a_sooner_one_is_moved_and_keeps_one() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let anna = hall.patient("Ахметова", ANNA).await;
    let own = NewAppointment { patient_id: anna, ..hall.day.at("2026-11-25T10:00") };
    let own = hall.day.try_book(&own).await.unwrap();
    hall.waits(anna, &format!("appointment={}&note=sooner", own.id)).await;
    hall.cancel(&made).await;

    let link = hall.offers_to(ANNA).remove(0);
    hall.post(&format!("{link}/accept"), "").await;
    assert_eq!(hall.who_at("15:00").await, [anna.to_string()]);
    assert_eq!(hall.who_at("2026-11-25T10:00").await, Vec::<String>::new());
    let same = format!("SELECT starts FROM appointment WHERE id = '{}'", own.id);
    assert_eq!(hall.day.clinic.rows(&same).await, ["2026-11-23T15:00"]);
}

#[tokio::test]
async fn an_offer_whose_time_is_taken_before_it_leaves_is_not_sent() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let anna = hall.patient("Ахметова", ANNA).await;
    hall.waits(anna, "").await;
    let clinic = &hall.day.clinic.clinic;
    booking::cancel(clinic, &hall.day.book, made.id, CancelReason::Ill).await.unwrap();
    while 0 < tirkeu::app::jobs().run_due(&clinic.vault, clinic).await.unwrap() {}
    hall.day.booked("15:00").await;
    run_due(clinic, &tirkeu::app::message_hooks()).await.unwrap();

    assert_eq!(hall.offers_to(ANNA), Vec::<String>::new());
    let message = "SELECT state || ' ' || reason FROM message WHERE purpose = 'waitlist_offer'";
    assert_eq!(hall.day.clinic.rows(message).await, ["withheld taken"]);
}

#[tokio::test]
async fn a_time_that_is_too_near_is_offered_to_nobody() {
    let hall = Hall::open().await;
    let made = hall.day.booked("11:00").await;
    let anna = hall.patient("Ахметова", ANNA).await;
    hall.waits(anna, "").await;
    hall.cancel(&made).await;
    assert_eq!(hall.states().await, Vec::<String>::new());
    let ends = "SELECT state || ' ' || reason FROM waitlist_opening";
    assert_eq!(hall.day.clinic.rows(ends).await, ["closed nobody"]);
}

#[tokio::test]
async fn no_token_of_an_offer_is_stored_and_junk_opens_nothing() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let anna = hall.patient("Ахметова", ANNA).await;
    hall.waits(anna, "").await;
    hall.cancel(&made).await;
    let link = hall.offers_to(ANNA).remove(0);
    let token = link.trim_start_matches("/w/");
    assert_eq!(token.len(), 22, "128 bits");
    let texts =
        "SELECT text || coalesce(secret, '') FROM message UNION SELECT body FROM audit_event";
    assert!(!hall.day.clinic.rows(texts).await.iter().any(|text| text.contains(token)));
    for bad in ["/w/short", &format!("/w/{}", "A".repeat(22)), &format!("{link}x")] {
        assert_eq!(hall.get(bad).await.status, StatusCode::NOT_FOUND, "{bad}");
        assert_eq!(hall.post(&format!("{bad}/accept"), "").await.status, StatusCode::NOT_FOUND);
    }
    hall.day.advance_to("2026-11-24T15:01");
    assert_eq!(hall.get(&link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn the_desk_offers_one_time_by_hand_and_it_goes_to_nobody_else() {
    let hall = Hall::open().await;
    let (anna, bela) = (hall.patient("Ахметова", ANNA).await, hall.patient("Белова", BELA).await);
    let wish = hall.waits(anna, "").await;
    let other = hall.waits(bela, "").await;
    let reception = hall.reception().await;
    let page = reception.get(&format!("/waitlist/{wish}")).await;
    assert!(page.body.contains("value=\"2026-11-23T10:15\""), "{}", page.body);
    let form = format!("starts=2026-11-23T16:00&doctor={}", hall.day.anna);
    let path = format!("/waitlist/{wish}/offer");
    assert_eq!(reception.post(&path, &form).await.status, StatusCode::SEE_OTHER);
    hall.work().await;
    assert_eq!(hall.offers_to(ANNA).len(), 1);
    let shown = reception.get("/waitlist").await.body;
    assert!(shown.contains("Предложено сейчас") && shown.contains("30 мин"), "{shown}");
    let twice = reception.post(&path, &form).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.body.contains("Ждём ответа на другое предложение"), "{}", twice.body);
    let other = reception.post(&format!("/waitlist/{other}/offer"), &form).await;
    assert!(other.body.contains("предлагают другому пациенту"), "{}", other.body);
    hall.later(31).await;
    assert_eq!((hall.states().await, hall.offers_to(BELA).len()), (vec!["expired".to_owned()], 0));

    hall.day.advance_to("21:30");
    let reception = hall.reception().await;
    let quiet =
        reception.post(&path, &format!("starts=2026-11-24T16:00&doctor={}", hall.day.anna)).await;
    assert_eq!(quiet.status, StatusCode::CONFLICT);
    assert!(quiet.body.contains("тихие часы"), "{}", quiet.body);
}

#[tokio::test]
async fn the_desk_books_for_somebody_on_the_list_who_then_waits_no_more() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let (anna, bela) = (hall.patient("Ахметова", ANNA).await, hall.patient("Белова", BELA).await);
    hall.waits(anna, "").await;
    let wish = hall.waits(bela, "").await;
    hall.cancel(&made).await;
    let link = hall.offers_to(ANNA).remove(0);
    let reception = hall.reception().await;
    let form = format!("starts=2026-11-23T15:00&doctor={}", hall.day.anna);
    let booked = reception.post(&format!("/waitlist/{wish}/book"), &form).await;
    assert!(booked.header("location").starts_with("/schedule?day=2026-11-23&open="));
    assert_eq!(hall.who_at("15:00").await, [bela.to_string()]);
    assert!(hall.get(&link).await.body.contains("Это время уже заняли"));
    let again = reception.post(&format!("/waitlist/{wish}/book"), &form).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "it waits no more");
}

#[tokio::test]
async fn a_patient_leaves_the_list_by_the_link_and_is_asked_no_more() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let anna = hall.patient("Ахметова", ANNA).await;
    hall.waits(anna, "").await;
    hall.cancel(&made).await;
    let link = hall.offers_to(ANNA).remove(0);
    hall.post(&format!("{link}/decline"), "").await;
    assert!(hall.get(&link).await.body.contains("Больше не жду"));
    hall.post(&format!("{link}/stop"), "").await;
    assert!(hall.get(&link).await.body.contains("Вы больше не в листе ожидания"));
    let made = hall.day.booked("16:00").await;
    hall.cancel(&made).await;
    assert_eq!(hall.offers_to(ANNA).len(), 1);
    let ends = "SELECT state || ' ' || reason FROM waitlist_wish";
    assert_eq!(hall.day.clinic.rows(ends).await, ["withdrawn patient"]);
}

#[tokio::test]
async fn a_wish_ends_after_its_last_day() {
    let hall = Hall::open().await;
    let anna = hall.patient("Ахметова", ANNA).await;
    hall.waits(anna, "").await;
    let ends = "SELECT state || ' ' || reason FROM waitlist_wish";
    hall.day.advance_to("2026-12-23T23:59");
    hall.work().await;
    assert_eq!(hall.day.clinic.rows(ends).await, ["waiting "]);
    hall.later(1).await;
    assert_eq!(hall.day.clinic.rows(ends).await, ["expired last_day"]);
}

#[tokio::test]
async fn what_is_typed_wrongly_is_said_and_kept_and_nobody_waits_twice_for_the_same() {
    let hall = Hall::open().await;
    let anna = hall.patient("Ахметова", ANNA).await;
    let reception = hall.reception().await;
    let form = format!(
        "patient={anna}&service={}&from=утром&first_day=23.11.2026&last_day=01.12.2026",
        hall.day.filling
    );
    let wrong = reception.post("/waitlist", &form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("Время пишется так") && wrong.body.contains("утром"),
        "{}",
        wrong.body
    );
    hall.waits(anna, "").await;
    let twice = reception.post("/waitlist", &form.replace("from=утром&", "")).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.body.contains("Уже ждёт"), "{}", twice.body);

    let owner = hall.day.clinic.sign_in(Role::Owner).await;
    let rule =
        "automatic=on&at_once=50&answer_minutes=30&notice_minutes=60&quiet_from=21&quiet_until=9";
    let wrong = owner.post("/waitlist/rule", rule).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("От 1 до 10") && wrong.body.contains("value=\"50\""));
    let fine = owner.post("/waitlist/rule", &rule.replace("50", "5")).await;
    assert_eq!(fine.status, StatusCode::SEE_OTHER);
    let stored = "SELECT at_once || ' ' || quiet_from FROM waitlist_rule";
    assert_eq!(hall.day.clinic.rows(stored).await, ["5 1260"]);
}

#[tokio::test]
async fn the_booking_panel_leads_to_the_list_with_what_was_chosen() {
    let hall = Hall::open().await;
    let reception = hall.reception().await;
    let (patient, service) = (hall.day.patient, hall.day.filling);
    let panel = reception
        .get(&format!(
            "/appointments/new?patient={patient}&service={service}&doctor={}",
            hall.day.anna
        ))
        .await;
    let link = format!(
        "/waitlist/new?patient={patient}&amp;service={service}&amp;doctor={}",
        hall.day.anna
    );
    assert!(panel.body.contains(&link), "{}", panel.body);
    let form = reception.get(&link.replace("&amp;", "&")).await;
    assert!(form.body.contains("Мусин") && form.status == StatusCode::OK, "{}", form.body);
}

#[tokio::test]
async fn one_key_in_the_booking_panel_puts_the_patient_on_the_list_with_what_was_chosen() {
    let hall = Hall::open().await;
    let reception = hall.reception().await;
    let (patient, service, anna) = (hall.day.patient, hall.day.filling, hall.day.anna);
    let chosen = format!("patient={patient}&service={service}&doctor={anna}&day=2026-11-28");
    let panel = reception.get(&format!("/appointments/new?{chosen}")).await.body;
    assert!(panel.contains("form=\"wl-f\" data-key=\"w\""), "{panel}");
    let (_, form) = panel.split_once("id=\"wl-f\" method=\"post\" action=\"/waitlist\"").unwrap();
    let form = form.split_once("</form>").unwrap().0;
    let fields: Vec<String> = form
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|field| {
            let (name, rest) = field.split_once("\" value=\"").unwrap();
            format!("{name}={}", rest.split_once('"').unwrap().0)
        })
        .collect();

    let added = reception.post("/waitlist", &fields.join("&")).await;

    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let kept = "SELECT patient_id || service_id || doctor_id || first_day || last_day
                FROM waitlist_wish";
    let expected = format!("{patient}{service}{anna}2026-11-282026-12-28");
    assert_eq!(hall.day.clinic.rows(kept).await, [expected]);
    let again = reception.post("/waitlist", &fields.join("&")).await;
    assert!(again.body.contains("Уже ждёт"), "{}", again.body);
}

/// Bolat's own chair is being repaired all Monday.
async fn without_bolats_chair(hall: &Hall) {
    let setup = hall.day.clinic.grant::<SetUpClinic>(Role::Owner).await;
    let monday: Day = "2026-11-23".parse().unwrap();
    let draft = ExceptionDraft {
        resource_id: hall.day.other_chair,
        from: monday,
        until: monday,
        what: OneDay::Off,
        reason: ExceptionReason::Repair,
    };
    schedule::add_exceptions(hall.day.clinic.vault(), &setup, &draft).await.unwrap();
    hall.work().await;
}

#[tokio::test]
async fn a_chair_that_another_doctor_frees_is_offered_to_whom_nothing_but_a_chair_was_lacking() {
    let hall = Hall::open().await;
    without_bolats_chair(&hall).await;
    let made = hall.day.booked("15:00").await;
    let bela = hall.patient("Белова", BELA).await;
    let at_three = format!("doctor={}&from=15:00&until=15:30", hall.day.bolat);
    hall.waits(bela, &at_three).await;

    hall.cancel(&made).await;

    assert_eq!(hall.states().await, ["offered"]);
    let what = "SELECT doctor_id || ' ' || starts FROM waitlist_offer";
    let expected = format!("{} 2026-11-23T15:00", hall.day.bolat);
    assert_eq!(hall.day.clinic.rows(what).await, [expected]);
}

#[tokio::test]
async fn a_chair_that_nobody_lacked_makes_no_offer_of_other_doctors_free_time() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let bela = hall.patient("Белова", BELA).await;
    let at_three = format!("doctor={}&from=15:00&until=15:30", hall.day.bolat);
    hall.waits(bela, &at_three).await;
    hall.cancel(&made).await;
    assert_eq!(hall.states().await, Vec::<String>::new(), "Bolat had his own chair all along");
}

#[tokio::test]
async fn an_appointment_without_a_doctor_frees_its_chair_all_the_same() {
    let hall = Hall::open().await;
    without_bolats_chair(&hall).await;
    let made = hall.day.booked("15:00").await;
    let clinic = &hall.day.clinic;
    let nobodys = format!("UPDATE appointment SET doctor_id = NULL WHERE id = '{}'", made.id);
    clinic.write(&nobodys).await.unwrap();
    let bela = hall.patient("Белова", BELA).await;
    hall.waits(bela, &format!("doctor={}&from=15:00&until=15:30", hall.day.bolat)).await;
    hall.cancel(&made).await;
    assert_eq!(hall.states().await, ["offered"]);
}

#[tokio::test]
async fn a_chair_that_is_repaired_is_offered_at_once() {
    let hall = Hall::open().await;
    without_bolats_chair(&hall).await;
    hall.day.booked("15:00").await;
    let bela = hall.patient("Белова", BELA).await;
    hall.waits(bela, &format!("doctor={}&from=15:00&until=15:30", hall.day.bolat)).await;
    hall.work().await;
    assert_eq!(hall.states().await, Vec::<String>::new());
    let setup = hall.day.clinic.grant::<SetUpClinic>(Role::Owner).await;
    let repair = "SELECT id FROM shift_exception";
    let repair = hall.day.clinic.rows(repair).await[0].parse().unwrap();
    schedule::withdraw_exceptions(hall.day.clinic.vault(), &setup, &[repair]).await.unwrap();

    hall.work().await;

    assert_eq!(hall.states().await, ["offered"]);
}

#[tokio::test]
async fn by_hand_only_nothing_is_offered_by_itself() {
    let hall = Hall::open().await;
    hall.rule(|rule| rule.automatic = false).await;
    let made = hall.day.booked("15:00").await;
    let anna = hall.patient("Ахметова", ANNA).await;
    hall.waits(anna, "").await;
    hall.cancel(&made).await;
    assert_eq!(hall.states().await, Vec::<String>::new());
    assert!(hall.reception().await.get("/waitlist").await.body.contains("само не предлагается"));
}

#[tokio::test]
async fn whoever_was_here_lately_is_put_on_the_repeated_visit_unless_an_offer_is_out() {
    let hall = Hall::open().await;
    let repeated = repeated(&hall.day).await;
    completed(&hall.day, "2026-11-10").await;
    let wish = hall.waits(hall.day.patient, "").await;
    let path = format!("/waitlist/{wish}");
    let reception = hall.reception().await;
    let page = reception.get(&path).await.body;
    assert!(page.contains("подходит повторный приём") && page.contains("Повторный осмотр · 15"));
    let change = format!("service={repeated}");
    let own = "SELECT service_id FROM waitlist_wish";

    let offer = format!("starts=2026-11-23T16:00&doctor={}", hall.day.anna);
    let offered = reception.post(&format!("{path}/offer"), &offer).await;
    assert_eq!(offered.status, StatusCode::SEE_OTHER, "{}", offered.body);
    let early = reception.post(&format!("{path}/service"), &change).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(early.body.contains("дождитесь ответа"), "{}", early.body);
    assert_eq!(hall.day.clinic.rows(own).await, [hall.day.filling.to_string()]);

    hall.later(31).await;
    let reception = hall.reception().await;
    let changed = reception.post(&format!("{path}/service"), &change).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    assert_eq!(hall.day.clinic.rows(own).await, [repeated.to_string()]);
    assert!(!reception.get(&path).await.body.contains("id=\"advised\""));
}
