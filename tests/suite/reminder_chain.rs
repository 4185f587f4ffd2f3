//! The chain of reminders: what goes out when, to whom it does not, and why.

use axum::http::StatusCode;

use tirkeu::booking::{self, Appointment, CancelReason, Moving, NewAppointment};
use tirkeu::contact::name::Name;
use tirkeu::ids::PatientId;
use tirkeu::patients::{self, NewPatient};
use tirkeu::reminders::chain::{self, Rule};
use tirkeu::vault::permission::{EditTexts, RegisterPatient, Role};

use crate::booking::time;
use crate::reminders::Desk;

impl Desk {
    /// The clock comes to this time, and the minute's work is done.
    pub async fn comes(&self, at: &str) {
        self.day.advance_to(at);
        self.remind().await;
    }

    async fn remind(&self) {
        chain::remind_due(&self.day.clinic.clinic).await.unwrap();
        self.send().await;
    }

    /// `days outcome reason` of every step that was decided, in order.
    pub async fn touches(&self) -> Vec<String> {
        let all = "SELECT coalesce(before_minutes, 'booking') || ' ' || outcome
                || coalesce(' ' || t.reason, '')
            FROM reminder_touch AS t JOIN reminder_step AS s ON s.id = t.step_id
            ORDER BY t.appointment_id, t.round, before_minutes IS NOT NULL, before_minutes DESC";
        self.day.clinic.rows(all).await
    }

    pub async fn member(&self, given: &str) -> PatientId {
        let register = self.day.clinic.grant::<RegisterPatient>(Role::Reception).await;
        let new = NewPatient {
            name: Name::new("Мусин", given, ""),
            phones: vec!["+77012345678".parse().unwrap()],
            ..NewPatient::default()
        };
        patients::register(self.day.clinic.vault(), &register, &new).await.unwrap()
    }

    pub async fn book(&self, patient_id: PatientId, starts: &str) -> Appointment {
        let new = NewAppointment { patient_id, ..self.day.at(starts) };
        let made = self.day.try_book(&new).await.unwrap();
        self.write().await;
        self.send().await;
        made
    }

    pub fn reminders(&self) -> Vec<String> {
        let taken = self.server.taken().into_iter().map(|one| one.text);
        taken.filter(|text| text.contains("напоминаем") || text.contains("ждём")).collect()
    }
}

#[tokio::test]
async fn a_visit_is_reminded_of_step_by_step_until_the_patient_confirms() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    desk.comes("2026-11-24T14:29").await;
    assert_eq!(desk.reminders().len(), 0, "not a minute early");
    desk.comes("2026-11-24T14:30").await;
    desk.remind().await;
    assert_eq!(desk.reminders().len(), 1, "and once");
    let text = &desk.reminders()[0];
    assert!(text.contains("напоминаем о приёме, четверг, 26 ноября 2026 г., 14:30"), "{text}");

    desk.post(&format!("{}/confirm", desk.link()), "").await;
    desk.comes("2026-11-25T14:31").await;
    desk.comes("2026-11-26T12:31").await;
    assert_eq!(desk.reminders().len(), 1, "who has confirmed is left alone");
    let all = ["booking written", "2880 written", "1440 not confirmed", "120 not confirmed"];
    assert_eq!(desk.touches().await, all);

    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let panel = reception.get(&format!("/appointments/{}", made.id)).await;
    let path = format!("/appointments/{}/reminders", made.id);
    assert!(panel.body.contains(&path), "two clicks from the schedule: {}", panel.body);
    let page = reception.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for said in ["За 2 дня", "За 1 день", "За 2 часа", "Пациент уже подтвердил"]
    {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let card = reception.get(&format!("/patients/{}/reminders", desk.day.patient)).await;
    assert_eq!(card.status, StatusCode::OK);
    assert!(desk.day.clinic.audited().await.contains(&"reminder.read".to_owned()));
    let cashier = desk.day.clinic.sign_in(Role::Cashier).await;
    assert_eq!(cashier.get(&path).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_answers_between_the_decision_and_the_gateway_is_not_reminded() {
    let desk = Desk::open().await;
    let (_, link) = desk.booked("2026-11-26T14:30").await;
    desk.day.advance_to("2026-11-24T14:31");
    chain::remind_due(&desk.day.clinic.clinic).await.unwrap();
    desk.post(&format!("{link}/confirm"), "").await;
    desk.send().await;
    assert_eq!(desk.reminders(), Vec::<String>::new());
    assert_eq!(desk.messages().await[1], "visit_reminder withheld confirmed");
}

#[tokio::test]
async fn a_cancelled_visit_and_a_patient_who_is_here_are_not_reminded() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-25T14:30").await;
    let clinic = &desk.day.clinic.clinic;
    booking::cancel(clinic, &desk.day.book, made.id, CancelReason::Clinic).await.unwrap();
    desk.write().await;
    desk.send().await;
    desk.comes("2026-11-24T14:31").await;
    desk.comes("2026-11-25T14:31").await;
    let never =
        ["booking written", "2880 not cancelled", "1440 not cancelled", "120 not cancelled"];
    assert_eq!(desk.touches().await, never);
    assert_eq!(desk.reminders(), Vec::<String>::new());
}

#[tokio::test]
async fn a_step_whose_time_had_passed_at_booking_is_left_out_with_its_reason() {
    let desk = Desk::open().await;
    desk.booked("2026-11-24T14:30").await;
    desk.remind().await;
    assert_eq!(desk.touches().await, ["booking written", "2880 not passed"]);
    // Six hours later the day before has come.
    desk.comes("14:30").await;
    let three = ["booking written", "2880 not passed", "1440 written"];
    assert_eq!(desk.touches().await, three);
}

#[tokio::test]
async fn a_move_begins_the_chain_anew() {
    let desk = Desk::open().await;
    let (made, link) = desk.booked("2026-11-26T14:30").await;
    desk.comes("2026-11-24T14:30").await;
    desk.post(&format!("{link}/confirm"), "").await;
    let clinic = &desk.day.clinic.clinic;
    let to = Moving { starts: Some(time("2026-12-01T10:00")), ..Moving::default() };
    booking::move_to(clinic, &desk.day.book, made.id, made.version + 1, &to).await.unwrap();
    desk.write().await;
    desk.send().await;
    // The desk moved it: nobody has said yes to the new time.
    desk.comes("2026-11-29T10:00").await;
    desk.comes("2026-11-30T10:00").await;
    assert_eq!(desk.reminders().len(), 3);
    assert!(desk.reminders()[2].contains("1 декабря 2026 г., 10:00"), "{:?}", desk.reminders());
    let all =
        ["booking written", "2880 written", "booking written", "2880 written", "1440 written"];
    assert_eq!(desk.touches().await, all);
}

#[tokio::test]
async fn a_family_of_three_on_one_telephone_gets_one_message_and_answers_for_each() {
    let desk = Desk::open().await;
    let (alia, dana) = (desk.member("Алия").await, desk.member("Данияр").await);
    desk.book(desk.day.patient, "2026-11-26T10:00").await;
    let second = desk.book(alia, "2026-11-26T10:30").await;
    let third = desk.book(dana, "2026-11-26T11:00").await;
    desk.comes("2026-11-24T10:00").await;
    desk.comes("2026-11-24T10:30").await;
    desk.comes("2026-11-24T11:00").await;
    assert_eq!(desk.reminders().len(), 1, "{:?}", desk.reminders());
    let text = &desk.reminders()[0];
    assert!(text.contains("Ержан 10:00, Алия 10:30, Данияр 11:00"), "{text}");

    let page = desk.get(&desk.link()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("Алия"), "links are forwarded: {}", page.body);
    let body = page.body.replace("&#x2f;", "/");
    let own = body.split("href=\"/m/").skip(1).filter_map(|rest| rest.get(..22));
    let own: Vec<String> = own.map(|token| format!("/m/{token}")).collect();
    assert_eq!(own.len(), 3, "{}", page.body);
    desk.post(&format!("{}/confirm", own[1]), "").await;
    assert_eq!(desk.status(&second).await, "confirmed");
    assert_eq!(desk.status(&third).await, "booked");

    // The next day the one who confirmed is not named any more.
    desk.comes("2026-11-25T10:00").await;
    assert_eq!(desk.reminders().len(), 2, "{:?}", desk.reminders());
    let text = &desk.reminders()[1];
    assert!(text.contains("Ержан 10:00, Данияр 11:00"), "{text}");
}

#[tokio::test]
async fn a_family_of_whom_one_cancels_before_it_leaves_is_told_without_them() {
    let desk = Desk::open().await;
    let alia = desk.member("Алия").await;
    desk.book(desk.day.patient, "2026-11-26T10:00").await;
    let second = desk.book(alia, "2026-11-26T10:30").await;
    desk.day.advance_to("2026-11-24T10:00");
    let clinic = &desk.day.clinic.clinic;
    chain::remind_due(clinic).await.unwrap();
    booking::cancel(clinic, &desk.day.book, second.id, CancelReason::Patient).await.unwrap();
    desk.send().await;
    assert_eq!(desk.reminders(), Vec::<String>::new());
    desk.remind().await;
    assert_eq!(desk.reminders().len(), 1);
    assert!(!desk.reminders()[0].contains("Алия"), "{:?}", desk.reminders());
}

#[tokio::test]
async fn while_the_gateway_is_away_reminders_expire_and_are_not_sent_late() {
    let desk = Desk::open().await;
    desk.booked("2026-11-26T14:30").await;
    desk.day.advance_to("2026-11-24T14:30");
    let clinic = &desk.day.clinic.clinic;
    chain::remind_due(clinic).await.unwrap();
    // Three hours are the bound; the server itself sleeps over the next step.
    desk.day.advance_to("2026-11-25T17:31");
    chain::remind_due(clinic).await.unwrap();
    desk.send().await;
    assert_eq!(desk.reminders(), Vec::<String>::new());
    assert_eq!(desk.messages().await[1], "visit_reminder expired too_late");
    let all = ["booking written", "2880 written", "1440 not stale"];
    assert_eq!(desk.touches().await, all);
}

#[tokio::test]
async fn nobody_is_reminded_in_the_quiet_hours_or_on_a_holiday() {
    let desk = Desk::open().await;
    // Independence Day, the 16th of December, is a day off.
    desk.booked("2026-12-17T14:30").await;
    desk.comes("2026-12-15T14:30").await;
    assert_eq!(desk.reminders().len(), 1, "two days before, and the day before is a holiday");
    desk.comes("2026-12-16T14:30").await;
    assert_eq!(desk.reminders().len(), 1);
    // Early in the morning two hours before would be in the night.
    let (early, _) = desk.booked("2026-12-22T09:00").await;
    desk.comes("2026-12-21T20:30").await;
    let why = format!(
        "SELECT t.due || ' ' || t.outcome FROM reminder_touch AS t
            JOIN reminder_step AS s ON s.id = t.step_id
            WHERE appointment_id = '{}' AND before_minutes = 120",
        early.id
    );
    assert_eq!(desk.day.clinic.rows(&why).await, ["2026-12-21T20:30 written"]);
}

#[tokio::test]
async fn a_clinic_edits_its_steps_and_a_service_has_its_own() {
    let desk = Desk::open().await;
    let owner = desk.day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/messages/reminders").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for said in ["При записи", "За 2 дня", "За 1 день", "За 2 часа"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(page.body.contains("2026 жылғы"), "the preview in Kazakh: {}", page.body);

    let twice = owner.post("/messages/reminders/steps", "amount=2&unit=days").await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.body.contains("уже есть"), "{}", twice.body);
    let odd = owner.post("/messages/reminders/steps", "amount=5&unit=minutes").await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(odd.body.contains("value=\"5\""), "what was typed stays: {}", odd.body);

    // The service's own chain: one step more, in its own words.
    let service = desk.day.filling;
    let made = owner.post("/messages/reminders/own", &format!("service={service}")).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let new = format!("service={service}&amount=3&unit=days");
    let added = owner.post("/messages/reminders/steps", &new).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER);
    let step = added.header("location").to_owned();
    let bad = "amount=3&unit=days&source_ru=%D0%BD%D0%B5%D1%82+%7B%7B+diagnosis+%7D%7D";
    let refused = owner.post(&step, bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("diagnosis"), "{}", refused.body);
    let preview = owner
        .post(
            &format!("{step}/preview/kk"),
            "source_kk=%7B%7B+date+%7D%7D+%7B%7B+time+%7D%7D+%7B%7B+link+%7D%7D",
        )
        .await;
    assert!(preview.body.contains("2026 жылғы 23 қыркүйек"), "{}", preview.body);
    let own = "amount=3&unit=days&source_ru=%D0%94%D0%B2%D0%BE%D1%80+%7B%7B+date+%7D%7D+%7B%7B+time+%7D%7D+%7B%7B+link+%7D%7D+%D0%BD%D0%B0%D0%BF%D0%BE%D0%BC%D0%B8%D0%BD%D0%B0%D0%B5%D0%BC";
    assert_eq!(owner.post(&step, own).await.status, StatusCode::SEE_OTHER);
    desk.booked("2026-11-27T14:30").await;
    desk.comes("2026-11-24T14:30").await;
    assert_eq!(desk.reminders().len(), 1);
    assert!(desk.reminders()[0].starts_with("Двор 27 ноября"), "{:?}", desk.reminders());
    let owner = desk.day.clinic.sign_in(Role::Owner).await; // two months went by

    // Taken out, it does nothing; what it did stays to be seen.
    assert_eq!(owner.post(&format!("{step}/remove"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(owner.get(&step).await.status, StatusCode::NOT_FOUND);
    assert!(desk.touches().await.contains(&"4320 written".to_owned()));
    let common = owner.post("/messages/reminders/common", &format!("service={service}")).await;
    assert_eq!(common.status, StatusCode::SEE_OTHER);
    let doctor = desk.day.clinic.sign_in(Role::Doctor).await;
    assert_eq!(doctor.get("/messages/reminders").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_rule_stops_the_chain_and_an_sms_has_its_price() {
    let desk = Desk::open().await;
    let owner = desk.day.clinic.sign_in(Role::Owner).await;
    let bad = "running=on&quiet_from=9%3A00&quiet_until=8%3A00&late_minutes=5&part=x";
    let refused = owner.post("/messages/reminders/rule", bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("два часа") && refused.body.contains("1440"), "{}", refused.body);
    let off = "quiet_from=21%3A00&quiet_until=9%3A00&late_minutes=180&part=12%2C50";
    assert_eq!(owner.post("/messages/reminders/rule", off).await.status, StatusCode::SEE_OTHER);
    let page = owner.get("/messages/reminders").await;
    assert!(page.body.contains("остановлены") && page.body.contains("12,50"), "{}", page.body);
    let grant = desk.day.clinic.grant::<EditTexts>(Role::Owner).await;
    let rule: Rule = chain::rule(&desk.day.clinic.clinic, &grant).await.unwrap();
    assert_eq!((rule.running, rule.part_tiyn), (false, Some(1250)));
    desk.booked("2026-11-26T14:30").await;
    desk.comes("2026-11-24T14:30").await;
    assert_eq!(desk.touches().await, ["booking written", "2880 not off"]);
}

#[tokio::test]
async fn an_outage_after_a_clock_that_ran_ahead_was_set_right_hides_no_step() {
    let desk = Desk::open().await;
    desk.comes("2026-12-10T10:00").await;
    desk.comes("2026-11-23T09:00").await;
    desk.booked("2026-11-24T14:30").await;
    // Off for four days: the visit is over, and its steps have their outcomes.
    desk.comes("2026-11-27T10:00").await;
    let all = ["booking written", "2880 not passed", "1440 not stale", "120 not stale"];
    assert_eq!(desk.touches().await, all);
}

impl Desk {
    async fn blocks(&self, patient: PatientId) {
        let block = format!(
            "INSERT INTO patient_block (id, patient_id, reason, basis, blocked_at)
            VALUES ('00000000-0000-7000-8000-00000000b10c', '{patient}', 'asked', '94-V art. 8', 1)"
        );
        self.day.clinic.write(&block).await.unwrap();
    }

    pub async fn refuses(&self, patient: PatientId, channel: &str) {
        let refused = format!(
            "INSERT INTO writing_choice (patient_id, aim, channel, allowed, at, source, reason)
            VALUES ('{patient}', 'service', '{channel}', 0, 1, 'link', '')"
        );
        self.day.clinic.write(&refused).await.unwrap();
    }
}

#[tokio::test]
async fn whose_data_is_blocked_keeps_no_reminder_from_others_of_their_telephone() {
    let desk = Desk::open().await;
    let alia = desk.member("Алия").await;
    desk.book(desk.day.patient, "2026-11-26T10:00").await;
    desk.book(alia, "2026-11-26T10:30").await;
    desk.day.advance_to("2026-11-24T10:00");
    // One message for both is written, and only then is the first one blocked.
    chain::remind_due(&desk.day.clinic.clinic).await.unwrap();
    desk.blocks(desk.day.patient).await;
    desk.send().await;
    assert_eq!(desk.reminders(), Vec::<String>::new());
    desk.comes("2026-11-24T10:30").await;
    assert_eq!(desk.reminders().len(), 1, "{:?}", desk.messages().await);
    assert!(!desk.reminders()[0].contains("Ержан"), "{:?}", desk.reminders());
    // The next day the blocked one's own turn comes first.
    desk.comes("2026-11-25T10:00").await;
    desk.comes("2026-11-25T10:30").await;
    assert_eq!(desk.reminders().len(), 2, "{:?}", desk.messages().await);
    assert!(!desk.reminders()[1].contains("Ержан"), "{:?}", desk.reminders());
}

#[tokio::test]
async fn who_refused_a_channel_is_named_in_no_message_of_others_by_it() {
    let desk = Desk::open().await;
    let alia = desk.member("Алия").await;
    desk.book(desk.day.patient, "2026-11-26T10:00").await;
    desk.book(alia, "2026-11-26T10:30").await;
    desk.refuses(alia, "sms").await;
    desk.comes("2026-11-24T10:00").await;
    desk.comes("2026-11-24T10:30").await;
    assert_eq!(desk.reminders().len(), 1, "{:?}", desk.reminders());
    assert!(!desk.reminders()[0].contains("Алия"), "{:?}", desk.reminders());
}

#[tokio::test]
async fn the_log_of_transfers_has_everybody_whom_a_message_names_and_their_choice_is_one() {
    let desk = Desk::open().await;
    let alia = desk.member("Алия").await;
    desk.book(desk.day.patient, "2026-11-26T10:00").await;
    desk.book(alia, "2026-11-26T10:30").await;
    desk.comes("2026-11-24T10:00").await;
    let of = "SELECT count(DISTINCT patient_id) || ' ' || count(*) FROM transfer
        WHERE purpose = 'family_reminder'";
    assert_eq!(desk.day.clinic.rows(of).await, ["2 2"]);
    // What the link says of messages it says for both.
    desk.post(&format!("{}/writing", desk.link()), "").await;
    let refused = "SELECT DISTINCT patient_id FROM writing_stands
        WHERE aim = 'service' AND channel = 'sms' AND allowed = 0";
    assert_eq!(desk.day.clinic.rows(refused).await.len(), 2);
}

#[tokio::test]
async fn a_number_that_was_corrected_before_the_message_left_is_the_one_that_gets_it() {
    let desk = Desk::open().await;
    desk.day.booked("2026-11-26T14:30").await;
    desk.write().await;
    let correct = "UPDATE patient_phone SET phone = '+77019998877'";
    desk.day.clinic.write(correct).await.unwrap();
    desk.send().await;
    desk.send().await;
    let taken = desk.server.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].phone, "77019998877");
    let states = "SELECT state || coalesce(' ' || reason, '') FROM message_state ORDER BY rowid";
    let all = ["queued", "queued readdressed", "sending", "accepted"];
    assert_eq!(desk.day.clinic.rows(states).await, all);
    // Without a number it goes to nobody.
    desk.day.booked("2026-11-27T14:30").await;
    desk.write().await;
    desk.day.clinic.write("DELETE FROM patient_phone").await.unwrap();
    desk.send().await;
    assert_eq!(desk.messages().await[1], "booking_made withheld number_gone");
}
