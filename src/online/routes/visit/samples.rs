//! Every state of a booking on its way.

use super::{Other, VisitPage};
use crate::online::routes::samples::{sample, sample_time};
use crate::online::routes::visitor::Frame;
use crate::pages::View;

impl View for VisitPage {
    const TEMPLATE: &'static str = "online/visit.html";

    fn samples() -> Vec<Self> {
        let page = |state, fault: &'static str| {
            let (service, doctor) = sample();
            Self {
                frame: Frame::sample(),
                token: "A".repeat(22),
                state,
                service: Some(service),
                doctor: Some(doctor),
                starts: sample_time(),
                phone: "+7 (701) ***-**-67".to_owned(),
                for_other: false,
                fault,
                left: 3,
                repeated: state == "booked",
                others: Vec::new(),
                answer: "A".repeat(22),
                until: Some(sample_time()),
                map: "https://2gis.kz/search/1".to_owned(),
                hold_minutes: 240,
            }
        };
        let (_, doctor) = sample();
        let other = Other { starts: sample_time(), doctor_id: doctor.id, doctor: doctor.name };
        let mut lost = page("lost", "");
        lost.others = vec![other];
        let mut bare = page("booked", "");
        (bare.service, bare.doctor, bare.map) = (None, None, String::new());
        let faults = ["", "wrong", "dead", "soon", "request", "phone", "net", "clinic"];
        let codes = faults.map(|fault| page("code", fault));
        let states = ["lost", "call", "full", "booked", "held", "declined"];
        let states = states.map(|state| page(state, ""));
        codes.into_iter().chain(states).chain([lost, bare]).collect()
    }
}
