//! What a minute of somebody's time is worth: pure.
//!
//! A doctor's or a chair's own visits of the period say it first; who had none
//! is taken at the mean of the price list. Of chairs the owner's word goes
//! before both.

use serde::Serialize;

/// How a price is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The owner set the value of a chair's hour.
    Set,
    /// Visits of one's own that were completed in the period.
    Done { visits: i64 },
    /// The mean of the price list as it stands.
    PriceList,
    /// Nothing has a price.
    Unknown,
}

/// Work and what it is sold for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sold {
    pub visits: i64,
    pub minutes: i64,
    pub tiyn: i64,
}

/// The worth of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub basis: Basis,
    tiyn: i64,
    /// For how many minutes; above zero.
    minutes: i64,
}

impl Sold {
    pub fn add(&mut self, minutes: i64, tiyn: i64) {
        self.visits += 1;
        self.minutes += minutes;
        self.tiyn += tiyn;
    }
}

impl Basis {
    pub fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Done { .. } => "done",
            Self::PriceList => "price-list",
            Self::Unknown => "unknown",
        }
    }

    /// How many visits it rests on.
    pub fn visits(self) -> Option<i64> {
        match self {
            Self::Done { visits } => Some(visits),
            _ => None,
        }
    }
}

impl Rate {
    /// `set`: the owner's word on an hour, in tiyn; None with doctors.
    pub fn of(own: Sold, list: Sold, set: Option<i64>) -> Self {
        if let Some(tiyn) = set {
            return Self { basis: Basis::Set, tiyn, minutes: 60 };
        }
        let known = |sold: Sold| 0 < sold.minutes && 0 < sold.tiyn;
        if known(own) {
            let basis = Basis::Done { visits: own.visits };
            return Self { basis, tiyn: own.tiyn, minutes: own.minutes };
        }
        if known(list) {
            return Self { basis: Basis::PriceList, tiyn: list.tiyn, minutes: list.minutes };
        }
        Self { basis: Basis::Unknown, tiyn: 0, minutes: 1 }
    }

    /// In tiyn, what is less than one left out.
    pub fn price(self, minutes: i64) -> i64 {
        minutes * self.tiyn / self.minutes
    }

    /// Tiyn of an hour, to the whole tenge.
    pub fn hour(self) -> i64 {
        self.price(60) / 100 * 100
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONE: Sold = Sold { visits: 0, minutes: 0, tiyn: 0 };

    fn sold(visits: i64, minutes: i64, tiyn: i64) -> Sold {
        Sold { visits, minutes, tiyn }
    }

    #[test]
    fn own_visits_go_before_the_price_list_and_the_owners_word_before_both() {
        let (own, list) = (sold(2, 90, 1_800_000), sold(9, 600, 6_000_000));
        let rate = Rate::of(own, list, None);
        assert_eq!((rate.basis, rate.hour()), (Basis::Done { visits: 2 }, 1_200_000));
        let rate = Rate::of(NONE, list, None);
        assert_eq!((rate.basis, rate.hour()), (Basis::PriceList, 600_000));
        let rate = Rate::of(own, list, Some(900_000));
        assert_eq!((rate.basis, rate.price(20)), (Basis::Set, 300_000));
    }

    #[test]
    fn what_was_done_for_nothing_says_no_price() {
        let rate = Rate::of(sold(3, 90, 0), NONE, None);
        assert_eq!((rate.basis, rate.price(480)), (Basis::Unknown, 0));
    }

    proptest! {
        #[test]
        fn a_price_is_never_below_nothing_and_parts_never_cost_more_than_the_whole(
            (visits, minutes, tiyn) in (0i64..500, 0i64..30_000, 0i64..5_000_000_000),
            set in proptest::option::of(1i64..=1_000_000_000),
            (one, other) in (0i64..1440, 0i64..1440),
        ) {
            let rate = Rate::of(sold(visits, minutes, tiyn), NONE, set);
            prop_assert!(0 <= rate.price(one) && 0 <= rate.price(other));
            let (parts, whole) = (rate.price(one) + rate.price(other), rate.price(one + other));
            prop_assert!(parts <= whole && whole <= parts + 1);
        }
    }
}
