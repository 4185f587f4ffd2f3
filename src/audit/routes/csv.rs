//! Files of cells that a spreadsheet opens, and none that it runs.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::pages::inert;
use crate::web::Problem;

/// Rows as UTF-8 with a mark in front, which Excel needs to read Cyrillic.
pub(super) fn file(name: &str, rows: Vec<Vec<String>>) -> Result<Response, Problem> {
    let mut writer = ::csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    for row in rows {
        let cells = row.iter().map(|cell| inert(cell).into_owned());
        writer.write_record(cells).map_err(|error| Problem::Internal(Box::new(error)))?;
    }
    let body = writer.into_inner().map_err(|error| Problem::Internal(error.to_string().into()))?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, body).into_response())
}
