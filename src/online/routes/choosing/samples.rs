//! Every state of the pages of links.

use super::{DoctorPick, DoctorsPage, Group, Near, Pick, ServicesPage};
use crate::online::offer::{OfferedDoctor, OfferedService};
use crate::online::routes::samples::{sample, sample_time};
use crate::online::routes::visitor::Frame;
use crate::pages::View;

impl View for ServicesPage {
    const TEMPLATE: &'static str = "online/services.html";

    fn samples() -> Vec<Self> {
        let (service, doctor) = sample();
        let near = Some(Near { at: sample_time(), day: "later" });
        let pick = |near| Pick { service: service.clone(), href: "/book/1".to_owned(), near };
        let bare = OfferedService { price: None, moderated: false, ..service.clone() };
        let bare = Pick { service: bare, href: "/book/2".to_owned(), near: None };
        let whole = Self {
            frame: Frame::sample(),
            urgent: vec![pick(near), pick(None)],
            groups: vec![
                Group { name: String::new(), picks: vec![bare] },
                Group { name: "Терапия".to_owned(), picks: vec![pick(None)] },
            ],
            doctor: Some(doctor),
            island: "{}".to_owned(),
        };
        let (urgent, groups) = (Vec::new(), Vec::new());
        let empty =
            Self { frame: Frame::sample(), urgent, groups, doctor: None, island: "{}".to_owned() };
        vec![whole, empty]
    }
}

impl View for DoctorsPage {
    const TEMPLATE: &'static str = "online/doctors.html";

    fn samples() -> Vec<Self> {
        let (service, doctor) = sample();
        let near = Some(Near { at: sample_time(), day: "tomorrow" });
        let bare = OfferedDoctor {
            specialty: String::new(),
            years: None,
            about: String::new(),
            ..doctor.clone()
        };
        let doctors = vec![
            DoctorPick { doctor, near, tone: 1 },
            DoctorPick { doctor: bare, near: None, tone: 2 },
        ];
        let page =
            |any, doctors| Self { frame: Frame::sample(), service: service.clone(), any, doctors };
        vec![page(near, doctors), page(None, Vec::new())]
    }
}
