//! Appointments on the web: the day, the panel, the board, and who may what.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use tirkeu::booking::{self, NewAppointment};
use tirkeu::vault::permission::Role;
use tirkeu::web::SESSION_COOKIE;

use crate::booking::{Day1, time};
use crate::support::{Answer, Browser};

/// A form sent by htmx.
async fn send(browser: &Browser<'_>, path: &str, form: &str) -> Answer {
    let request = Request::post(path)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("hx-request", "true")
        .body(Body::from(form.to_owned()));
    browser.send(request.unwrap()).await
}

async fn fragment(browser: &Browser<'_>, path: &str) -> Answer {
    let request = Request::get(path).header("hx-request", "true").body(Body::empty());
    browser.send(request.unwrap()).await
}

fn form(day: &Day1, starts: &str) -> String {
    format!(
        "patient={}&service={}&doctor={}&starts=2026-11-23T{starts}&note=46&notify=on",
        day.patient, day.filling, day.anna
    )
}

#[tokio::test]
async fn the_day_shows_who_is_booked_what_is_free_and_when_nobody_works() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let desk = day.clinic.sign_in(Role::Reception).await;

    let page = desk.get("/schedule?day=2026-11-23").await;

    assert_eq!(page.status, StatusCode::OK);
    for part in ["Сейтова А. Н.", "Ержан Мусин", "Лечение кариеса", "Обед", "r13 d6"]
    {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(page.body.contains(&format!("href=\"/appointments/{}\"", made.id)));
    let gap = format!("/appointments/new?starts=2026-11-23T10:30&amp;doctor={}", day.anna);
    assert!(page.body.contains(&gap), "the gap after it can be clicked");
    let chairs = desk.get("/schedule?day=2026-11-23&by=chairs").await;
    assert!(chairs.body.contains("Кресло 1") && chairs.body.contains("Ержан Мусин"));
    let sunday = desk.get("/schedule?day=2026-11-22").await;
    assert!(sunday.body.contains("Смен на этот день нет"));
    let friday = desk.get("/schedule?day=2026-11-20").await;
    assert!(friday.body.contains("только чтение") && !friday.body.contains("class=\"free"));
}

#[tokio::test]
async fn a_full_day_is_a_small_page() {
    let day = Day1::open().await;
    let mut doctors = vec![day.anna, day.bolat];
    for number in 3..=6 {
        doctors.push(day.another_doctor(&format!("Врач {number}")).await);
    }
    for doctor in &doctors {
        for half_hour in (18..29).filter(|at| !(26..28).contains(at)).chain([30]) {
            let starts = format!("{:02}:{:02}", half_hour / 2, half_hour % 2 * 30);
            let new = NewAppointment { doctor_id: Some(*doctor), ..day.at(&starts) };
            day.try_book(&new).await.unwrap();
        }
    }
    let desk = day.clinic.sign_in(Role::Reception).await;

    let page = desk.get("/schedule?day=2026-11-23").await;

    // PERFORMANCE.md: what is compared with the rivals' 171 kB.
    let entries = page.body.matches("class=\"ev ").count();
    assert_eq!(entries, 60);
    // The day itself; the menu beside it has had an entry more since, for replies.
    assert!(page.body.len() <= 40_400, "{} bytes", page.body.len());
}

/// The numbers behind `r` and `d` of every element of the grid whose class
/// begins like this, with the whole class.
fn drawn<'a>(page: &'a str, class: &str) -> Vec<(u32, u32, &'a str)> {
    let parts = page.split("class=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let number = |class: &str, letter: char| {
        let words = class.split_whitespace();
        let mut numbers = words.filter_map(|word| word.strip_prefix(letter)?.parse().ok());
        numbers.next().unwrap()
    };
    let own = parts.filter(|found| found.split_whitespace().next() == Some(class));
    own.map(|found| (number(found, 'r'), number(found, 'd'), found)).collect()
}

/// Fails when something in the grid is lower than a target (24 px, WCAG 2.2,
/// 2.5.8) or covers another thing. A row is `slot` pixels, of which an element
/// leaves two free.
fn assert_can_be_hit(page: &str, slot: u32) {
    let [entries, free] = ["ev", "free"].map(|class| drawn(page, class));
    for (_, rows, class) in entries.iter().chain(&free) {
        assert!(24 <= rows * slot - 2, "{class} is {} px high", rows * slot - 2);
    }
    let lane = |class: &str| {
        class.split_whitespace().find(|word| word.starts_with("lane")).map(str::to_owned)
    };
    let all: Vec<_> = entries.iter().chain(&free).collect();
    for (at, (row, rows, class)) in all.iter().enumerate() {
        let over = all[at + 1..].iter().find(|(other, length, name)| {
            *other < row + rows && *row < other + length && lane(name) == lane(class)
        });
        assert_eq!(over, None, "{class} covers it");
    }
}

#[tokio::test]
async fn visits_of_five_ten_and_fifteen_minutes_are_drawn_as_high_as_a_target() {
    let day = Day1::open().await;
    // One after another, and one with only ten minutes free behind it.
    for (starts, minutes) in [
        ("09:00", 5),
        ("09:05", 10),
        ("09:15", 15),
        ("09:30", 5),
        ("09:35", 5),
        ("09:40", 5),
        ("10:00", 20),
        ("10:30", 25),
        ("11:05", 5),
        ("17:55", 5),
    ] {
        let new = NewAppointment { minutes: Some(minutes), ..day.at(starts) };
        day.try_book(&new).await.unwrap();
    }
    let desk = day.clinic.sign_in(Role::Reception).await;

    let page = desk.get("/schedule?day=2026-11-23").await.body;
    let column =
        format!("/schedule/column?day=2026-11-23&by=doctor&resource={}&from=9&to=18", day.anna);
    let fine = fragment(&desk, &format!("{column}&scale=fine")).await.body;
    let usual = fragment(&desk, &column).await.body;

    assert!(page.contains("rows-120 fine"), "hours and rows make room for the last of the day");
    assert!(page.contains("\"scale\":\"fine\"}' hx-swap"), "its columns stay in its rows");
    assert!(page.contains("data-minutes=\"5\""), "a move keeps the true length");
    let one = page.split("class=\"sc-col\"").nth(1).unwrap();
    assert_can_be_hit(one, 9);
    assert_can_be_hit(&fine, 9);
    assert_can_be_hit(&usual, 6);
    assert!(usual.contains("starts=2026-11-23T11:10"), "what is free is offered at its own time");
}

#[tokio::test]
async fn days_of_usual_visits_are_drawn_in_usual_rows() {
    let day = Day1::open().await;
    day.booked("10:00").await;
    let desk = day.clinic.sign_in(Role::Reception).await;

    let page = desk.get("/schedule?day=2026-11-23").await.body;

    assert!(!page.contains(" fine") && page.contains("\"scale\":\"usual\""));
    assert_can_be_hit(page.split("class=\"sc-col\"").nth(1).unwrap(), 6);
}

#[tokio::test]
async fn time_given_up_by_a_cancelled_visit_can_be_clicked_beside_it() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    send(&desk, &format!("/appointments/{}/cancel", made.id), "reason=ill&version=1").await;

    let page = desk.get("/schedule?day=2026-11-23").await.body;

    assert!(page.contains("st-cancel r13 d6 lane-2-2"), "it stands to the right");
    assert!(page.contains("/appointments/new?starts=2026-11-23T09:00"), "the morning is free");
}

#[tokio::test]
async fn the_panel_offers_the_nearest_slots_and_books() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let asked =
        format!("/appointments/new?day=2026-11-23&service={}&doctor={}", day.filling, day.anna);
    let panel = fragment(&desk, &asked).await;
    assert!(panel.body.contains("value=\"2026-11-23T09:00\""), "{}", panel.body);
    assert!(!panel.body.contains("<html"), "htmx gets the panel alone");

    let plain = desk.post("/appointments", &form(&day, "10:00")).await;
    assert_eq!(plain.status, StatusCode::SEE_OTHER);
    assert!(plain.header("location").starts_with("/schedule?day=2026-11-23&open="));
    let quick = send(&desk, "/appointments", &form(&day, "11:00")).await;
    assert_eq!(quick.status, StatusCode::OK);
    assert!(quick.header("hx-trigger").contains("toast"));
    assert!(quick.body.contains("11:00–11:30"));
}

#[tokio::test]
async fn a_form_that_is_refused_keeps_what_was_typed_and_says_what_is_wrong() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let typed = "new_patient=1&name=&phone=12&note=Боль&service=&minutes=7&query=";

    let refused = send(&desk, "/appointments", typed).await;

    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "Боль",
        "value=\"12\"",
        "Укажите фамилию или имя",
        "Номер не похож на телефон",
        "Выберите услугу",
        "Выберите время",
        "кратно пяти",
    ] {
        assert!(refused.body.contains(part), "{part}: {}", refused.body);
    }
}

#[tokio::test]
async fn a_taken_time_is_refused_into_the_panel_with_what_is_free() {
    let day = Day1::open().await;
    day.booked("10:00").await;
    let desk = day.clinic.sign_in(Role::Reception).await;

    let refused = send(&desk, "/appointments", &form(&day, "10:15")).await;

    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.header("hx-retarget"), "#bk");
    assert!(refused.body.contains("Сейтова А. Н.: занято 10:00–10:30"), "{}", refused.body);
    assert!(refused.body.contains("value=\"2026-11-23T10:30\""), "the next slot is offered");
    assert!(refused.body.contains(">46</textarea>"), "nothing typed is lost");

    let over = format!("{}&overbook=1&asked=2026-11-23T10:15", form(&day, "10:30"));
    let bare = send(&desk, "/appointments", &over).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = send(&desk, "/appointments", &format!("{over}&reason=боль")).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.body);
    let page = desk.get("/schedule?day=2026-11-23").await;
    assert!(page.body.contains("lane-1-2") && page.body.contains("lane-2-2"));
}

#[tokio::test]
async fn a_newcomer_gets_a_card_and_an_appointment_or_neither() {
    let day = Day1::open().await;
    day.booked("10:00").await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let typed = format!(
        "new_patient=1&name=Ким Ольга&phone=8 777 000 00 02&language=kk&service={}&doctor={}",
        day.filling, day.anna
    );

    let refused = send(&desk, "/appointments", &format!("{typed}&starts=2026-11-23T10:00")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(day.clinic.rows("SELECT name FROM patient WHERE number = 2").await.len(), 0);

    let made = send(&desk, "/appointments", &format!("{typed}&starts=2026-11-23T10:30")).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let card = day.clinic.rows("SELECT name || language FROM patient ORDER BY number DESC").await;
    assert_eq!(card[0], "Ким Ольгаkk");
    assert!(day.clinic.audited().await.ends_with(&[
        "patient.registered".to_owned(),
        "appointment.booked".to_owned(),
        "appointment.viewed".to_owned(),
    ]));
}

#[tokio::test]
async fn dragging_moves_and_a_stale_page_learns_what_happened() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let (one, other) =
        (day.clinic.sign_in(Role::Reception).await, day.clinic.sign_in(Role::Owner).await);
    let path = format!("/appointments/{}/move", made.id);
    let to = |at: &str, version: i64| {
        format!("starts=2026-11-23T{at}&resource={}&minutes=30&version={version}", day.bolat)
    };

    let moved = send(&one, &path, &to("15:00", 1)).await;
    assert_eq!((moved.status, moved.header("etag")), (StatusCode::OK, "\"2\""));
    let stale = send(&other, &path, &to("16:00", 1)).await;

    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("<dialog") && stale.body.contains("Reception"), "{}", stale.body);
    assert!(stale.body.contains("15:00–15:30") && stale.body.contains("16:00–16:30"));
    let forced = send(&other, &path, &to("16:00", 2)).await;
    assert_eq!(forced.status, StatusCode::OK);

    day.booked("11:00").await;
    let onto = format!("starts=2026-11-23T11:15&resource={}&minutes=30&version=3", day.anna);
    let refused = send(&one, &path, &onto).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("Сейтова А. Н.: занято 11:00–11:30"), "{}", refused.body);
    assert!(refused.body.contains("name=\"starts\" value=\"2026-11-23T11:30\""));

    let back = send(&one, &format!("/appointments/{}/move_back", made.id), "").await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    assert!(back.body.contains("15:00–15:30"));
}

#[tokio::test]
async fn one_browser_sees_what_another_has_changed_at_once() {
    let day = Day1::open().await;
    day.clinic.let_doctors_reach_everybody().await;
    let (one, other) =
        (day.clinic.sign_in(Role::Reception).await, day.clinic.sign_in(Role::Doctor).await);
    let topic = format!("column:2026-11-23:{}", day.anna);
    let cookie = format!("{SESSION_COOKIE}={}", other.session.cookie_value());
    let request = Request::get(format!("/live?topics={topic}"))
        .header("cookie", cookie)
        .header("sec-fetch-site", "same-origin")
        .body(Body::empty())
        .unwrap();
    let stream = day.clinic.staff.clone().oneshot(request).await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    let mut body = stream.into_body();

    send(&one, "/appointments", &form(&day, "10:00")).await;

    let mut heard = String::new();
    while !heard.contains(&topic) {
        let frame = body.frame().await.unwrap().unwrap();
        heard.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap()));
    }
    let asked =
        format!("/schedule/column?day=2026-11-23&by=doctor&resource={}&from=9&to=18", day.anna);
    let column = fragment(&other, &asked).await;
    assert!(column.body.contains("Ержан Мусин"));
    assert!(!column.body.contains("class=\"free"), "a doctor books nobody");
}

#[tokio::test]
async fn today_says_who_is_late_who_waits_and_what_comes_next() {
    let day = Day1::open().await;
    let clinic = &day.clinic.clinic;
    let here = day.booked("09:00").await;
    let late = day.booked("09:30").await;
    day.booked("2026-11-24T09:00").await;
    day.advance_to("09:00");
    booking::arrive(clinic, &day.attend, here.id).await.unwrap();
    day.advance_to("09:45");
    let desk = day.clinic.sign_in(Role::Reception).await;

    let page = desk.get("/").await;

    assert_eq!(page.status, StatusCode::OK);
    for part in ["ждёт 45 мин", "опаздывает 15 мин", "Завтра", "Не подтвердили"]
    {
        assert!(part == "Завтра" || page.body.contains(part), "{part}: {}", page.body);
    }
    let next = format!("action=\"/appointments/{}/start\"", here.id);
    assert!(page.body.contains(&next), "the next step is a button");
    let started = send(&desk, &format!("/appointments/{}/start", here.id), "").await;
    assert_eq!(started.status, StatusCode::OK);
    let early = send(&desk, &format!("/appointments/{}/complete", late.id), "").await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    let board = fragment(&desk, "/today/board").await;
    assert!(!board.body.contains("<html") && board.body.contains("до 09:30"));
    let cancelled =
        desk.post(&format!("/appointments/{}/cancel", late.id), "reason=ill&back=/").await;
    assert_eq!((cancelled.status, cancelled.header("location")), (StatusCode::SEE_OTHER, "/"));
}

#[tokio::test]
async fn the_panel_of_an_appointment_tells_its_story() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let path = format!("/appointments/{}", made.id);
    send(&desk, &format!("{path}/confirm"), "").await;
    send(&desk, &format!("{path}/comment"), "version=2&note=Анестезия").await;

    let panel = desk.get(&path).await;

    for part in ["Мусин Ержан", "+7", "Подтверждена", "Анестезия", "Записано: 23.11.2026"]
    {
        assert!(panel.body.contains(part), "{part}: {}", panel.body);
    }
    assert_eq!(desk.get("/appointments/01890000-0000-7000-8000-000000000000").await.status, 404);
}

#[tokio::test]
async fn doctors_attend_but_neither_book_nor_cancel_and_others_see_nothing() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    day.clinic.let_doctors_reach_everybody().await;
    let doctor = day.clinic.sign_in(Role::Doctor).await;
    let path = format!("/appointments/{}", made.id);
    assert_eq!(send(&doctor, &format!("{path}/arrive"), "").await.status, StatusCode::OK);
    for (path, form) in [
        ("/appointments".to_owned(), form(&day, "11:00")),
        (format!("{path}/cancel"), String::new()),
        (format!("{path}/move"), "starts=2026-11-23T12:00&version=1".to_owned()),
    ] {
        let answer = send(&doctor, &path, &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let admin = day.clinic.sign_in(Role::Sysadmin).await;
    for path in ["/schedule", "/today/board", &path, "/appointments/new"] {
        assert_eq!(admin.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(admin.get("/").await.status, StatusCode::SEE_OTHER, "sent to a page of their own");
    let stranger = day.clinic.knock(Method::GET, "/schedule").await;
    assert!(!stranger.body.contains("Ержан"));
}

#[tokio::test]
async fn a_card_counts_and_lists_the_visits() {
    let day = Day1::open().await;
    let clinic = &day.clinic.clinic;
    let done = day.booked("09:00").await;
    let missed = day.booked("09:30").await;
    day.booked("2026-11-25T11:00").await;
    day.advance_to("10:00");
    booking::arrive(clinic, &day.attend, done.id).await.unwrap();
    booking::start(clinic, &day.attend, done.id).await.unwrap();
    booking::complete(clinic, &day.attend, done.id).await.unwrap();
    booking::no_show(clinic, &day.attend, missed.id).await.unwrap();
    day.clinic.let_doctors_reach_everybody().await;
    let desk = day.clinic.sign_in(Role::Doctor).await;

    let visits = fragment(&desk, &format!("/patients/{}/appointments", day.patient)).await;
    let facts = fragment(&desk, &format!("/patients/{}/visit-facts", day.patient)).await;

    for part in ["23.11.2026", "25.11.2026", "Завершена", "Неявка"] {
        assert!(visits.body.contains(part), "{part}");
    }
    assert!(facts.body.contains("25.11.2026, 11:00"), "{}", facts.body);
    assert!(time("09:00") < time("09:30"));
}

#[tokio::test]
async fn a_stale_button_is_refused_with_what_happened_meanwhile() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    day.clinic.let_doctors_reach_everybody().await;
    let (one, other) =
        (day.clinic.sign_in(Role::Reception).await, day.clinic.sign_in(Role::Doctor).await);
    let path = format!("/appointments/{}", made.id);
    let panel = fragment(&one, &path).await.body;
    assert!(panel.contains("name=\"version\" value=\"1\""), "each button says what it saw");
    let first = send(&one, &format!("{path}/confirm"), "version=1").await;
    assert_eq!(first.status, StatusCode::OK);

    for (verb, form) in [("confirm", "version=1"), ("arrive", "version=1"), ("undo", "version=1")] {
        let stale = send(&other, &format!("{path}/{verb}"), form).await;
        assert_eq!(stale.status, StatusCode::CONFLICT, "{verb}");
        for part in
            ["<dialog", "Reception", "Подтверждена", "10:00–10:30", &format!("open={}", made.id)]
        {
            assert!(stale.body.contains(part), "{verb} {part}: {}", stale.body);
        }
    }
    assert_eq!(send(&other, &format!("{path}/arrive"), "version=2").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_doctor_who_does_not_do_the_service_stays_chosen_and_others_are_offered() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;

    let asked =
        format!("/appointments/new?day=2026-11-23&service={}&doctor={}", day.talk, day.bolat);
    let panel = fragment(&desk, &asked).await.body;

    assert!(panel.contains("Оспанов Б. М. не выполняет эту услугу"), "{panel}");
    assert!(panel.contains(&format!("value=\"{}\" selected", day.bolat)), "{panel}");
    assert!(panel.contains(&format!("{{\"doctor\": \"{}\"}}", day.anna)), "{panel}");
    let typed = format!(
        "patient={}&service={}&doctor={}&starts=2026-11-23T10:00&note=46",
        day.patient, day.talk, day.bolat
    );
    let refused = send(&desk, "/appointments", &typed).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.body.contains("не выполняет эту услугу") && refused.body.contains(">46</textarea>")
    );
}

#[tokio::test]
async fn whoever_can_set_up_an_empty_clinic_is_led_there_and_others_are_told() {
    let clinic = crate::support::TestClinic::open().await;
    for role in [Role::Owner, Role::Reception] {
        let answer = clinic.sign_in(role).await.get("/").await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/setup"));
    }
    let doctor = clinic.sign_in(Role::Doctor).await.get("/").await;
    assert_eq!(doctor.status, StatusCode::OK);
    assert!(doctor.body.contains("Клиника ещё не настроена"));

    let day = Day1::open().await;
    let page = day.clinic.sign_in(Role::Reception).await.get("/").await;
    assert_eq!(page.status, StatusCode::OK, "there is somebody to book");
}

#[tokio::test]
async fn a_doctor_sees_their_own_day_and_nobody_elses() {
    let day = Day1::open().await;
    day.booked("10:00").await;
    let bolats = NewAppointment { doctor_id: Some(day.bolat), ..day.at("11:00") };
    booking::book(&day.clinic.clinic, &day.book, &bolats).await.unwrap();
    let doctor = day.clinic.sign_in(Role::Doctor).await;
    let stranger = doctor.get("/my-day").await;
    assert!(stranger.body.contains("Вы не врач в расписании") && !stranger.body.contains("Мусин"));

    let staff = doctor.actor().staff().unwrap();
    let link = format!("UPDATE resource SET staff_id = '{staff}' WHERE id = '{}'", day.anna);
    day.clinic.write(&link).await.unwrap();
    let own = doctor.get("/my-day").await;
    assert!(own.body.contains("Ержан Мусин") && own.body.contains("10:00–10:30"), "{}", own.body);
    assert!(!own.body.contains("11:00–11:30"), "another doctor's");
}
