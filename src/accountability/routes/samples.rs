//! Every state the pages of registers and papers can be in.

use std::collections::BTreeMap;

use crate::accountability::papers::routes::PaperRow;
use crate::accountability::papers::{Export, PaperCode, PapersPage};
use crate::accountability::policy::routes::ApprovedRow;
use crate::accountability::policy::{
    ApprovalForm, Document, PolicyPage, PublicPolicyPage, Section,
};
use crate::accountability::purposes::{
    Purpose, PurposeForm, PurposePage, PurposeRow, PurposesPage, class_rows,
};
use crate::accountability::recipients::{
    Channel, Country, Recipient, RecipientForm, RecipientPage, RecipientRow, RecipientsPage,
};
use crate::accountability::responsible::{Appointed, AppointmentForm, ResponsiblePage};
use crate::accountability::yearly::routes::Point;
use crate::accountability::yearly::{
    CheckCode, Item, NewReviewPage, Reply, Review, ReviewForm, ReviewPage, ReviewsPage,
};
use crate::accountability::{DataClass, Whose};
use crate::clock::{Day, Timestamp, Zone};
use crate::i18n::{Language, Words};
use crate::incidents::papers::Speech;
use crate::pages::View;
use crate::retention::Code;
use crate::web::FieldErrors;

mod people;

fn day() -> Day {
    Day::new(2026, 11, 27).expect("a day of the calendar")
}

fn moment() -> Timestamp {
    Timestamp::from_unix_ms(1_795_402_800_000)
}

fn wrong(fields: &[(&'static str, &str)]) -> FieldErrors {
    fields.iter().map(|(field, key)| (*field, (*key).to_owned())).collect()
}

fn purpose(ended: bool) -> Purpose {
    Purpose {
        code: "care".to_owned(),
        version: 1,
        title_ru: "Запись".to_owned(),
        title_kk: "Жазылу".to_owned(),
        basis_ru: "Закон".to_owned(),
        basis_kk: "Заң".to_owned(),
        classes: vec![DataClass::Name],
        people: vec![Whose::Patients],
        kept: vec![Code::DentalCard],
        source: "https://adilet.zan.kz/".to_owned(),
        checked_on: day(),
        confirmed: !ended,
        effective_from: day(),
        ended,
        made_at: moment(),
        made_by: ended.then(|| "A. B.".to_owned()),
    }
}

impl View for PurposesPage {
    const TEMPLATE: &'static str = "accountability/purposes.html";

    fn samples() -> Vec<Self> {
        let words = Words::load();
        let zone = Zone::named("Asia/Almaty").expect("tzdata is installed");
        let speech = Speech { words: &words, language: Language::Ru, zone };
        let row = |confirmed| PurposeRow {
            code: "care".to_owned(),
            title: "Запись".to_owned(),
            basis: "Закон".to_owned(),
            classes: "Контакты".to_owned(),
            people: "Пациенты".to_owned(),
            terms: vec!["75 лет".to_owned(), "5 лет".to_owned()],
            confirmed,
            version: 1,
            effective_from: day(),
        };
        let kept = purpose(false);
        let full = Self {
            purposes: vec![row(true), row(false)],
            classes: class_rows(&[&kept], &speech),
            may_keep: true,
        };
        vec![
            full,
            Self { purposes: Vec::new(), classes: class_rows(&[], &speech), may_keep: false },
        ]
    }
}

impl View for PurposePage {
    const TEMPLATE: &'static str = "accountability/purpose.html";

    fn samples() -> Vec<Self> {
        let history = vec![purpose(true), purpose(false)];
        let form = PurposeForm::of(&history[1], day());
        let errors = wrong(&[
            ("title_ru", "accountability-error-empty"),
            ("class", "accountability-error-class"),
            ("whose", "accountability-error-whose"),
            ("checked_on", "accountability-error-past"),
            ("effective_from", "workdays-error-from"),
        ]);
        let code = Some("care".to_owned());
        let refused =
            Self { errors, ..Self::of(code.clone(), form.clone(), history.clone(), true) };
        let blank = Self::of(None, PurposeForm::blank(day()), Vec::new(), true);
        vec![Self::of(code, form, history, false), refused, blank]
    }
}

impl View for RecipientsPage {
    const TEMPLATE: &'static str = "accountability/recipients.html";

    fn samples() -> Vec<Self> {
        let channel = |sent, endpoint: Option<&str>| Channel {
            kind: "smsc".to_owned(),
            endpoint: endpoint.map(str::to_owned),
            country: None,
            sent,
            first_at: (0 < sent).then(moment),
            last_at: (0 < sent).then(moment),
        };
        let row = |country, channel: Option<Channel>, contract: &str| RecipientRow {
            code: "own_1".to_owned(),
            name: "A".to_owned(),
            country,
            abroad: country == Some(Country::Us),
            purpose: "B".to_owned(),
            basis: "C".to_owned(),
            classes: "D".to_owned(),
            contract: contract.to_owned(),
            unsaid: country.is_none(),
            no_contract: contract.is_empty(),
            channel,
        };
        let mut recipients = vec![
            row(None, Some(channel(0, Some("https://smsc.kz/"))), ""),
            row(Some(Country::Kz), Some(channel(12, None)), "№ 7"),
        ];
        recipients.extend(Country::ALL.iter().map(|country| row(Some(*country), None, "")));
        vec![Self { recipients, may_keep: true }, Self { recipients: Vec::new(), may_keep: false }]
    }
}

impl View for RecipientPage {
    const TEMPLATE: &'static str = "accountability/recipient.html";

    fn samples() -> Vec<Self> {
        let told = |ended| Recipient {
            code: "sms_smsc".to_owned(),
            version: 1,
            name: "A".to_owned(),
            country: Country::Kz,
            purpose_ru: "B".to_owned(),
            purpose_kk: "B".to_owned(),
            basis_ru: "C".to_owned(),
            basis_kk: "C".to_owned(),
            classes: vec![DataClass::Contact],
            contract: if ended { "№ 7" } else { "" }.to_owned(),
            ended,
            made_at: moment(),
            made_by: None,
        };
        let (form, history) = (RecipientForm::of(&told(true)), vec![told(true), told(false)]);
        let code = Some("sms_smsc".to_owned());
        let errors = wrong(&[
            ("country", "accountability-error-country"),
            ("class", "accountability-error-class"),
        ]);
        let refused = Self {
            errors,
            endpoint: Some("https://smsc.kz/".to_owned()),
            ..Self::of(code.clone(), form.clone(), history.clone(), true)
        };
        let blank = Self::of(None, RecipientForm::default(), Vec::new(), true);
        vec![Self::of(code, form, history, false), refused, blank]
    }
}

impl View for ResponsiblePage {
    const TEMPLATE: &'static str = "accountability/responsible.html";

    fn samples() -> Vec<Self> {
        let one = |position: &str| Appointed {
            name: "A. B.".to_owned(),
            position: position.to_owned(),
            order_number: "7".to_owned(),
            order_date: day(),
            effective_from: day(),
            made_at: moment(),
            made_by: None,
        };
        let page = |history, printed: Option<&str>, errors, may_keep| Self {
            history,
            printed: printed.map(str::to_owned),
            form: AppointmentForm::default(),
            errors,
            may_keep,
        };
        let errors = wrong(&[
            ("name", "accountability-error-empty"),
            ("order_date", "accountability-error-past"),
        ]);
        vec![
            page(vec![one("C"), one("")], Some("D"), errors, true),
            page(Vec::new(), None, FieldErrors::new(), false),
        ]
    }
}

fn document() -> Document {
    let section = Section {
        heading: "A".to_owned(),
        paragraphs: vec!["B".to_owned()],
        points: vec!["C".to_owned()],
    };
    Document { title: "P".to_owned(), sections: vec![section, Section::default()] }
}

impl View for PolicyPage {
    const TEMPLATE: &'static str = "accountability/policy.html";

    fn samples() -> Vec<Self> {
        let approved = |by: Option<&str>| ApprovedRow {
            version: 1,
            order_number: "7".to_owned(),
            order_date: day(),
            approved_by: by.map(str::to_owned),
        };
        let page = |approved, current, errors, may_keep| Self {
            document: document(),
            sha256: "0".repeat(64),
            approved,
            current,
            public_url: "https://clinic.kz/privacy".to_owned(),
            form: ApprovalForm::default(),
            errors,
            may_keep,
        };
        let errors = wrong(&[
            ("order_number", "accountability-error-empty"),
            ("password", "workdays-error-proof"),
        ]);
        vec![
            page(vec![approved(Some("A")), approved(None)], true, FieldErrors::new(), true),
            page(vec![approved(None)], false, errors, true),
            page(Vec::new(), false, FieldErrors::new(), false),
        ]
    }
}

impl View for PublicPolicyPage {
    const TEMPLATE: &'static str = "public/privacy.html";

    fn samples() -> Vec<Self> {
        let page = |document: Option<Document>, phone: &str| Self {
            order_number: "7".to_owned(),
            order_date: document.as_ref().map(|_| day()),
            document,
            written_in: "kk",
            phone: phone.to_owned(),
        };
        vec![page(Some(document()), "+77273000000"), page(None, "")]
    }
}

impl View for PapersPage {
    const TEMPLATE: &'static str = "accountability/papers.html";

    fn samples() -> Vec<Self> {
        let row = |code: &PaperCode, state, made: bool| PaperRow {
            code: *code,
            href: "/personal-data/size",
            state,
            export: made.then(|| Export {
                paper: *code,
                language: "kk".to_owned(),
                at: moment(),
                by_name: Some("A. B.".to_owned()),
            }),
        };
        let all = |state, made| PaperCode::ALL.iter().map(|code| row(code, state, made)).collect();
        let wrong = CheckCode::ALL.iter().map(|code| code.judge(Some(400))).collect();
        let never = CheckCode::ALL.iter().map(|code| code.judge(None)).collect();
        let page = |papers, standing, wrong, review_on: Option<Day>, may_keep| Self {
            papers,
            standing,
            review_overdue: review_on.is_none(),
            review_on,
            wrong,
            may_keep,
        };
        vec![
            page(all("wrong", true), people::standing(9_400), wrong, None, true),
            page(all("wrong", false), people::standing(600_000), never, None, true),
            page(all("fine", false), people::standing(12), Vec::new(), Some(day()), false),
        ]
    }
}

fn review(signed_by: Option<&str>) -> Review {
    Review {
        number: 1,
        conclusion: "C".to_owned(),
        signed_at: moment(),
        signed_by: signed_by.map(str::to_owned),
        next_on: day(),
        to_do: 2,
    }
}

impl View for ReviewsPage {
    const TEMPLATE: &'static str = "accountability/reviews.html";

    fn samples() -> Vec<Self> {
        let full = vec![review(Some("A. B.")), review(None)];
        vec![
            Self { reviews: full, overdue: false, may_keep: true },
            Self { reviews: Vec::new(), overdue: true, may_keep: true },
            Self { reviews: Vec::new(), overdue: true, may_keep: false },
        ]
    }
}

impl View for ReviewPage {
    const TEMPLATE: &'static str = "accountability/review.html";

    fn samples() -> Vec<Self> {
        let point = |code: &CheckCode, found, answer| Point {
            days: code.most_days().is_some(),
            item: Item { code: *code, found, fine: false, answer, note: "n".to_owned() },
        };
        let of = |found, answer| CheckCode::ALL.iter().map(move |code| point(code, found, answer));
        vec![
            Self { review: review(Some("A")), points: of(Some(0), Reply::Done).collect() },
            Self { review: review(None), points: of(None, Reply::ToDo).collect() },
        ]
    }
}

impl View for NewReviewPage {
    const TEMPLATE: &'static str = "accountability/review_new.html";

    fn samples() -> Vec<Self> {
        let checks = |found| CheckCode::ALL.iter().map(|code| code.judge(found)).collect();
        let answers = BTreeMap::from([("rules".to_owned(), "done".to_owned())]);
        let form = ReviewForm { answers, ..ReviewForm::default() };
        let errors = wrong(&[
            ("points", "accountability-error-points"),
            ("conclusion", "accountability-error-conclusion"),
        ]);
        vec![
            Self {
                checks: checks(Some(3)),
                form: ReviewForm::default(),
                errors: FieldErrors::new(),
                unanswered: Vec::new(),
            },
            Self { checks: checks(None), form, errors, unanswered: vec!["findings", "rules"] },
        ]
    }
}
