//! Every state the pages of the calendar and the terms can be in.

use super::{CalendarPage, MonthRow, SpecialRow, TermPage, TermsPage};
use crate::clock::{Day, Timestamp};
use crate::pages::View;
use crate::web::FieldErrors;
use crate::workdays::form::{DayForm, HoursForm, TermForm};
use crate::workdays::{DayKind, DayWord, HoursRule, LegalDay, Term, TermCode, Word};

fn day() -> Day {
    Day::new(2027, 5, 16).expect("a day of the calendar")
}

fn term(code: TermCode, confirmed: bool) -> Term {
    Term {
        code,
        version: 1,
        working_days: 3,
        basis: "Order 1".to_owned(),
        basis_kk: if confirmed { "Order 1" } else { "" }.to_owned(),
        source: "https://adilet.zan.kz/".to_owned(),
        checked_on: day(),
        confirmed,
        effective_from: day(),
        made_at: Timestamp::from_unix_ms(1_790_000_000_000),
        made_by: None,
    }
}

impl View for CalendarPage {
    const TEMPLATE: &'static str = "workdays/calendar.html";

    fn samples() -> Vec<Self> {
        let week = HoursRule {
            version: 1,
            weekdays: "12345".to_owned(),
            starts: 540,
            ends: 1080,
            break_starts: Some(780),
            break_ends: Some(840),
            basis: "Labour Code".to_owned(),
            source: String::new(),
            checked_on: day(),
            confirmed: false,
            effective_from: day(),
            made_at: Timestamp::from_unix_ms(1_790_000_000_000),
            made_by: None,
        };
        let word = |kind, name, estimated| LegalDay {
            day: day(),
            kind,
            name,
            estimated,
            basis: "Decree 1".to_owned(),
            source: "https://adilet.zan.kz/".to_owned(),
            checked_on: day(),
        };
        let special = |name: &str, kind, estimated| SpecialRow {
            day: day(),
            name: name.to_owned(),
            kind,
            estimated,
        };
        let page = |may_edit, errors: FieldErrors| Self {
            year: 2027,
            months: (1..=12).map(|month| MonthRow { month, days: 20, hours: 160 }).collect(),
            days: 247,
            hours: 1976,
            special: vec![
                special("kurban_ait", DayKind::Holiday, true),
                special("moved", DayKind::Holiday, false),
                special("decree", DayKind::Worked, false),
                special("decree", DayKind::Working, false),
                special("nauryz", DayKind::Weekend, false),
            ],
            words: vec![
                word(DayWord::Off, Word::KurbanAit, true),
                word(DayWord::Work, Word::Decree, false),
                word(DayWord::ByRule, Word::Decree, false),
            ],
            hours_form: HoursForm::of(&week, day()),
            week: Some(HoursRule { confirmed: may_edit, ..week.clone() }),
            form: DayForm::default(),
            errors,
            may_edit,
        };
        let wrong = FieldErrors::from([
            ("day", "workdays-error-day".to_owned()),
            ("basis", "workdays-error-basis".to_owned()),
            ("starts", "workdays-error-hours".to_owned()),
        ]);
        let empty =
            Self { special: Vec::new(), words: Vec::new(), week: None, ..page(true, wrong) };
        vec![page(true, FieldErrors::new()), page(false, FieldErrors::new()), empty]
    }
}

impl View for TermsPage {
    const TEMPLATE: &'static str = "workdays/terms.html";

    fn samples() -> Vec<Self> {
        let terms = TermCode::ALL.map(|code| term(code, code == TermCode::Access));
        let full = Self { terms: terms.to_vec(), may_edit: true };
        vec![full, Self { terms: Vec::new(), may_edit: false }]
    }
}

impl View for TermPage {
    const TEMPLATE: &'static str = "workdays/term.html";

    fn samples() -> Vec<Self> {
        let page = |code, may_edit, errors| Self {
            code,
            form: TermForm::of(&term(code, false), day()),
            errors,
            history: vec![term(code, true), term(code, false)],
            may_edit,
        };
        let wrong = FieldErrors::from([
            ("working_days", "workdays-error-days".to_owned()),
            ("password", "workdays-error-proof".to_owned()),
        ]);
        let mut all: Vec<Self> =
            TermCode::ALL.map(|code| page(code, false, FieldErrors::new())).into();
        all.push(page(TermCode::Access, true, wrong));
        all
    }
}
