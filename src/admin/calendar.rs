use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::pages::{CalendarPage, EndingLine};
use crate::calendar::{self, Ending, Kind, Nearness};
use crate::session;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};
use crate::web::when::When;

/// `GET /operator/calendar`: everything that ends one day.
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let endings = gateway.db.read(|tx| calendar::collect(tx, &gateway.config, gateway.now()))?;
    let page = CalendarPage { frame: Frame::of(&request), endings: endings.into_iter().map(line).collect() };
    page::html(StatusCode::OK, &page, &[])
}

fn line(ending: Ending) -> EndingLine {
    EndingLine {
        kind: match ending.kind {
            Kind::IdpCertificate => "ends-idp-certificate",
            Kind::IdpMetadata => "ends-idp-metadata",
            Kind::OwnCertificate => "ends-own-certificate",
            Kind::ClientSecret => "ends-client-secret",
            Kind::ScimToken => "ends-scim-token",
            Kind::TlsCertificate => "ends-tls-certificate",
        },
        state: match ending.nearness {
            _ if ending.replaced => "ends-replaced",
            Nearness::Over => "ends-over",
            Nearness::Days7 => "ends-7-days",
            Nearness::Days30 => "ends-30-days",
            Nearness::Days90 => "ends-90-days",
            Nearness::Far => "ends-far",
        },
        presses: ending.is_pressing(),
        name: ending.name,
        whose: ending.whose.map(|(_, name)| name),
        ends: When(ending.ends),
    }
}
