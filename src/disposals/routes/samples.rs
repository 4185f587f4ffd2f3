//! Every state the pages of destruction can be in.

use super::PreviewPage;
use super::acts::{ActPage, ActView, ActsPage};
use crate::clock::{Day, Timestamp};
use crate::disposals::{Counts, DisposalId};
use crate::pages::View;
use crate::retention::{Code, Extent, Fate, Law, Obstacle, What, Why};
use crate::subject_requests::RequestId;
use crate::web::FieldErrors;

fn moment() -> Timestamp {
    Timestamp::from_unix_ms(1_795_402_800_000)
}

fn counts() -> Vec<(&'static str, i64)> {
    let one = Counts {
        cards: 2,
        changes: 1,
        bookings: 3,
        messages: 4,
        consents: 1,
        files: 3,
        wishes: 1,
        online: 1,
        imported: 2,
        sheets: 1,
        requests: 1,
    };
    one.rows()
}

fn act(done: bool, files_left: i64) -> ActView {
    let extent = if files_left == 0 { Extent::Whole } else { Extent::Unkept };
    ActView {
        id: DisposalId::new(moment()),
        number: 3,
        request_id: RequestId::new(moment()),
        request: 7,
        card: 1482,
        extent,
        counts: counts(),
        bases: vec![Law { ru: "Law 1".to_owned(), kk: String::new() }],
        proposed_at: moment(),
        proposed_by: "A. B.".to_owned(),
        not_before: Day::new(2026, 11, 23).expect("a day"),
        done_at: done.then(moment),
        done_by: done.then(|| "C. D.".to_owned()),
        copies_gone_at: (done && files_left == 0).then(moment),
        copies_until: if done { Day::new(2028, 1, 1) } else { None },
        files_left,
    }
}

fn wrong() -> FieldErrors {
    FieldErrors::from([
        ("checked", "disposals-error-checked".to_owned()),
        ("password", "workdays-error-proof".to_owned()),
    ])
}

impl View for PreviewPage {
    const TEMPLATE: &'static str = "disposals/preview.html";

    fn samples() -> Vec<Self> {
        let fate = |due| Fate {
            due,
            why: Why::Years,
            rule: None,
            from: Day::new(2026, 11, 23).expect("a day"),
            years: 25,
            until_age: None,
            basis: "Order 1".to_owned(),
            basis_kk: String::new(),
        };
        let obstacle = |what, code, fate| Obstacle { what, code, count: 2, fate };
        let due = Day::new(2052, 1, 1);
        let mut obstacles = vec![
            obstacle(What::Hold, None, None),
            obstacle(What::Bookings, None, None),
            obstacle(What::Visits, Some(Code::VisitJournal), Some(fate(due))),
            obstacle(What::Consents, Some(Code::Consent), Some(fate(None))),
        ];
        for code in Code::ALL {
            obstacles.push(obstacle(What::Card, Some(code), Some(fate(due))));
            obstacles.push(obstacle(What::Unconfirmed, Some(code), None));
        }
        let page = |extent, obstacles, in_work, proposal, errors| Self {
            id: RequestId::new(moment()),
            number: 7,
            card: Some(1482),
            extent,
            counts: counts(),
            may_propose: true,
            obstacles,
            blocked: true,
            bases: vec![Law { ru: "Law 1".to_owned(), kk: String::new() }],
            in_work,
            proposal,
            errors,
        };
        let none = FieldErrors::new;
        let (whole, unkept) = (Some(Extent::Whole), Some(Extent::Unkept));
        let nothing = |extent| Self {
            counts: Vec::new(),
            ..page(extent, obstacles.clone(), true, None, none())
        };
        let open = Self { blocked: false, ..page(unkept, obstacles.clone(), true, None, none()) };
        let looks = Self { may_propose: false, ..page(whole, Vec::new(), true, None, none()) };
        vec![
            page(None, obstacles.clone(), true, None, none()),
            page(unkept, obstacles.clone(), true, None, none()),
            open,
            nothing(unkept),
            page(whole, Vec::new(), true, None, none()),
            page(whole, Vec::new(), false, None, none()),
            page(whole, Vec::new(), true, Some(act(false, 0)), none()),
            page(whole, Vec::new(), true, None, wrong()),
            looks,
        ]
    }
}

impl View for ActPage {
    const TEMPLATE: &'static str = "disposals/act.html";

    fn samples() -> Vec<Self> {
        let page = |act, may_carry_out, same_person, errors| Self {
            act,
            may_carry_out,
            same_person,
            early: false,
            errors,
        };
        vec![
            Self { early: true, ..page(act(false, 0), false, false, FieldErrors::new()) },
            page(act(false, 0), true, false, FieldErrors::new()),
            page(act(false, 0), true, false, wrong()),
            page(act(false, 0), false, true, FieldErrors::new()),
            page(act(false, 0), false, false, FieldErrors::new()),
            page(act(true, 2), false, false, FieldErrors::new()),
            page(act(true, 0), false, false, FieldErrors::new()),
        ]
    }
}

impl View for ActsPage {
    const TEMPLATE: &'static str = "disposals/list.html";

    fn samples() -> Vec<Self> {
        vec![Self { acts: vec![act(false, 0), act(true, 0)] }, Self { acts: Vec::new() }]
    }
}
