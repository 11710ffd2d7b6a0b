use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use super::desk;
use crate::connecting;
use crate::web::failure::Failure;
use crate::web::form::Posted;

/// `GET /operator/parents/{parent}/domains`: what DNS should have, and has.
pub async fn show(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    connecting::domains(&request, desk::of_parent(&request, &slug)?)
}

/// `POST /operator/parents/{parent}/domains`: claims one.
pub async fn add(request: HttpRequest, slug: Path<String>, form: Posted) -> Result<HttpResponse, Failure> {
    connecting::add_domain(&request, desk::of_parent(&request, &slug)?, form).await
}

/// `POST /operator/parents/{parent}/domains/{domain}/check`: asks DNS now, and waits for its answer.
pub async fn check(request: HttpRequest, at: Path<(String, String)>, _: Posted) -> Result<HttpResponse, Failure> {
    let desk = desk::of_parent(&request, &at.0)?;
    let to = desk.domains();
    connecting::check_domain(&request, &desk, &at.1, &to).await
}

/// `POST /operator/parents/{parent}/domains/{domain}/remove`: where people have addresses, only with its name typed (rule B33).
pub async fn remove(request: HttpRequest, at: Path<(String, String)>, form: Posted) -> Result<HttpResponse, Failure> {
    connecting::remove_domain(&request, desk::of_parent(&request, &at.0)?, &at.1, form).await
}
