//! The form of the limits: what was typed, and what is wrong with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::online::model::Settings;

/// Field to Fluent key of what is wrong with it.
pub type Errors = BTreeMap<&'static str, &'static str>;

/// The most sites that may show the widget.
const MOST_SITES: usize = 20;

/// What stands in the fields, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    pub enabled: String,
    pub notice_minutes: String,
    pub urgent_minutes: String,
    pub horizon_days: String,
    pub cutoff_minutes: String,
    pub hold_minutes: String,
    pub most_open: String,
    pub no_shows: String,
    pub no_show_days: String,
    pub cooldown_seconds: String,
    pub codes_per_request: String,
    pub codes_per_phone: String,
    pub codes_per_net: String,
    pub plain_per_net: String,
    pub plain_per_day: String,
    pub codes_per_day: String,
    pub alarm_at: String,
    pub work_bits: String,
    /// One on each line.
    pub sites: String,
    pub map_url: String,
    pub asks: String,
}

impl SettingsForm {
    pub fn of(settings: &Settings, cutoff_minutes: i64) -> Self {
        let text = |number: i64| number.to_string();
        Self {
            enabled: if settings.enabled { "on".to_owned() } else { String::new() },
            notice_minutes: text(settings.notice_minutes),
            urgent_minutes: text(settings.urgent_minutes),
            horizon_days: text(settings.horizon_days),
            cutoff_minutes: text(cutoff_minutes),
            hold_minutes: text(settings.hold_minutes),
            most_open: text(settings.most_open),
            no_shows: text(settings.no_shows),
            no_show_days: text(settings.no_show_days),
            cooldown_seconds: text(settings.cooldown_seconds),
            codes_per_request: text(settings.codes_per_request),
            codes_per_phone: text(settings.codes_per_phone),
            codes_per_net: text(settings.codes_per_net),
            plain_per_net: text(settings.plain_per_net),
            plain_per_day: text(settings.plain_per_day),
            codes_per_day: text(settings.codes_per_day),
            alarm_at: text(settings.alarm_at),
            work_bits: text(settings.work_bits),
            sites: settings.sites.join("\n"),
            map_url: settings.map_url.clone(),
            asks: if settings.asks { "on".to_owned() } else { String::new() },
        }
    }

    /// The settings, and the minutes of the cut-off.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn understand(&self) -> Result<(Settings, i64), Errors> {
        let mut errors = Errors::new();
        let mut number = |name: &'static str, text: &str, least: i64, most: i64| {
            let read = text.trim().parse::<i64>().ok();
            let fits = read.filter(|number| (least..=most).contains(number));
            if fits.is_none() {
                errors.insert(name, "online-error-number");
            }
            fits.unwrap_or(least)
        };
        let settings = Settings {
            enabled: !self.enabled.is_empty(),
            notice_minutes: number("notice_minutes", &self.notice_minutes, 0, 20_160),
            urgent_minutes: number("urgent_minutes", &self.urgent_minutes, 0, 1440),
            horizon_days: number("horizon_days", &self.horizon_days, 1, 180),
            hold_minutes: number("hold_minutes", &self.hold_minutes, 5, 2880),
            most_open: number("most_open", &self.most_open, 1, 100),
            no_shows: number("no_shows", &self.no_shows, 1, 100),
            no_show_days: number("no_show_days", &self.no_show_days, 1, 3650),
            cooldown_seconds: number("cooldown_seconds", &self.cooldown_seconds, 10, 3600),
            codes_per_request: number("codes_per_request", &self.codes_per_request, 1, 20),
            codes_per_phone: number("codes_per_phone", &self.codes_per_phone, 1, 50),
            codes_per_net: number("codes_per_net", &self.codes_per_net, 1, 10_000),
            plain_per_net: number("plain_per_net", &self.plain_per_net, 0, 10_000),
            plain_per_day: number("plain_per_day", &self.plain_per_day, 0, 100_000),
            codes_per_day: number("codes_per_day", &self.codes_per_day, 1, 100_000),
            alarm_at: number("alarm_at", &self.alarm_at, 1, 100_000),
            work_bits: number("work_bits", &self.work_bits, 0, 26),
            sites: self.sites.split_whitespace().filter_map(origin).collect(),
            map_url: self.map_url.trim().to_owned(),
            asks: !self.asks.is_empty(),
        };
        let cutoff = number("cutoff_minutes", &self.cutoff_minutes, 0, 10_080);
        let typed = self.sites.split_whitespace().count();
        if typed != settings.sites.len() || MOST_SITES < typed {
            errors.insert("sites", "online-error-site");
        }
        let map = &settings.map_url;
        let plain = map.len() <= 500 && !map.contains(char::is_whitespace);
        let fits = map.is_empty() || (plain && map.starts_with("https://"));
        if !fits {
            errors.insert("map_url", "online-error-url");
        }
        if errors.is_empty() { Ok((settings, cutoff)) } else { Err(errors) }
    }
}

/// `https://clinic.kz` or `https://clinic.kz:8443`, as a policy names it; None
/// for anything else, so that nothing but an origin gets into the policy.
pub fn origin(text: &str) -> Option<String> {
    let host = text.trim().strip_prefix("https://")?.trim_end_matches('/');
    let (name, port) = host.split_once(':').map_or((host, None), |(a, b)| (a, Some(b)));
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !label.is_empty() && letters && !label.starts_with('-') && !label.ends_with('-')
    };
    let named = name.len() <= 253 && name.contains('.') && name.split('.').all(label);
    let fits = named && port.is_none_or(|port| port.parse::<u16>().is_ok());
    fits.then(|| format!("https://{}", host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_an_origin_and_nothing_else_gets_into_the_policy() {
        assert_eq!(origin("https://Arai.kz/").as_deref(), Some("https://arai.kz"));
        assert_eq!(origin("https://a-1.arai.kz:8443").as_deref(), Some("https://a-1.arai.kz:8443"));
        for odd in [
            "",
            "arai.kz",
            "http://arai.kz",
            "https://*",
            "https://arai.kz/page",
            "https://arai.kz; script-src *",
            "https://arai.kz:0x",
            "https://-a.kz",
            "https://a..kz",
            "https://кз.рф",
            "https://localhost",
        ] {
            assert_eq!(origin(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_field() {
        let form = SettingsForm {
            horizon_days: "400".to_owned(),
            sites: "https://ok.kz\nnonsense".to_owned(),
            map_url: "javascript:alert(1)".to_owned(),
            ..SettingsForm::default()
        };
        let errors = form.understand().unwrap_err();
        for name in ["horizon_days", "notice_minutes", "sites", "map_url"] {
            assert!(errors.contains_key(name), "{name}");
        }
    }
}
