//! What the samples of several pages show.

use crate::clock::{Civil, Timestamp};
use crate::ids::{ResourceId, ServiceId};
use crate::money::Money;
use crate::online::offer::{OfferedDoctor, OfferedService};

/// For samples of several pages.
pub fn sample() -> (OfferedService, OfferedDoctor) {
    let at = Timestamp::from_unix_ms(0);
    let service = OfferedService {
        id: ServiceId::new(at),
        name: "Профгигиена".to_owned(),
        category: "Терапия".to_owned(),
        minutes: 60,
        price: Some(Money::from_tenge(25_000)),
        price_from: true,
        moderated: true,
        urgent: false,
        prepare: "Возьмите снимки.".to_owned(),
    };
    let doctor = OfferedDoctor {
        id: ResourceId::new(at),
        name: "Сейтова Айгуль Нурлановна".to_owned(),
        specialty: "Терапевт".to_owned(),
        years: Some(14),
        about: "Лечит взрослых.".to_owned(),
    };
    (service, doctor)
}

/// For samples.
pub fn sample_time() -> Civil {
    "2026-12-01T09:30".parse().expect("a civil time")
}
