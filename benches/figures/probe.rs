//! The least that could answer the same question: who asks (a look at the
//! session), the day's appointments in one query from the same encrypted
//! database, a page of the size that `PERFORMANCE.md` allows. No rights, no
//! ledger, no words in three languages, no design: the ceiling.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Html;
use axum::routing::get;
use minijinja::value::Serde;
use minijinja::{Environment, context};
use ring::digest::{SHA256, digest};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use tirkeu::vault::connect_options;

use crate::support::TestClinic;

const WHO: &str = "SELECT staff_id FROM session WHERE token_hash = ?1";

const DAY: &str = "
    SELECT json_group_array(json_object('id', a.id, 'starts', a.starts, 'minutes', a.minutes,
        'status', a.status, 'name', p.name, 'service', s.name, 'doctor', d.short_name))
    FROM (SELECT * FROM appointment WHERE starts >= ?1 AND starts < ?2 ORDER BY starts) AS a
        JOIN patient AS p ON p.id = a.patient_id
        LEFT JOIN service AS s ON s.id = a.service_id
        LEFT JOIN resource AS d ON d.id = a.doctor_id";

/// Half a kilobyte an appointment: 60 of them are a page of thirty.
const PAGE: &str = "<!doctype html><html lang=ru><title>Day</title><main>{% for a in day %}
<article id=\"{{ a.id }}\" data-id=\"{{ a.id }}\"><time>{{ a.starts }}</time><b>{{ a.name }}</b>
<i>{{ a.service }}</i><i>{{ a.doctor }}</i><i>{{ a.status }}</i><i>{{ a.minutes }}</i>
<a href=\"/a/{{ a.id }}\">open</a><a href=\"/a/{{ a.id }}/move\">move</a>
<a href=\"/a/{{ a.id }}/cancel\">cancel</a></article>{% endfor %}</main></html>";

#[derive(Clone)]
struct Probe {
    pool: SqlitePool,
    pages: Arc<Environment<'static>>,
}

/// `GET /day` with the session's cookie.
pub async fn router(clinic: &TestClinic) -> Router {
    let options = connect_options(&clinic.database(), &TestClinic::database_key());
    let pool = SqlitePoolOptions::new().max_connections(4).min_connections(4);
    let pool = pool.connect_with(options.read_only(true)).await.unwrap();
    let mut pages = Environment::new();
    pages.add_template("day.html", PAGE).unwrap();
    Router::new().route("/day", get(day)).with_state(Probe { pool, pages: Arc::new(pages) })
}

async fn day(State(probe): State<Probe>, headers: HeaderMap) -> Result<Html<String>, StatusCode> {
    let cookie = headers.get(header::COOKIE).ok_or(StatusCode::UNAUTHORIZED)?;
    let (_, token) = cookie.to_str().unwrap().split_once('=').ok_or(StatusCode::UNAUTHORIZED)?;
    let hash = digest(&SHA256, token.as_bytes());
    let who = sqlx::query_scalar::<_, String>(WHO).bind(hash.as_ref());
    // Whether it is found is not the point; that it is looked for is.
    std::hint::black_box(who.fetch_optional(&probe.pool).await.unwrap());
    let query = sqlx::query_scalar(DAY).bind("2026-12-01").bind("2026-12-02");
    let found: String = query.fetch_one(&probe.pool).await.unwrap();
    let day: serde_json::Value = serde_json::from_str(&found).unwrap();
    let page = probe
        .pages
        .get_template("day.html")
        .unwrap()
        .render(context! { day => Serde(day) })
        .unwrap();
    Ok(Html(page))
}
