//! The domains of the organization's parent: the pages are `connecting`'s, the way to them is here.

use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use super::connections::desk;
use crate::connecting::{self, Problems};
use crate::web::failure::Failure;
use crate::web::form::Posted;

/// `GET /admin/{organization}/domains`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    connecting::domains(&request, desk(&request, "nav-domains")?)
}

/// `POST /admin/{organization}/domains`
pub async fn add(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    connecting::add_domain(&request, desk(&request, "nav-domains")?, posted).await
}

/// `POST /admin/{organization}/domains/{domain}/check`
pub async fn check(request: HttpRequest, path: Path<(String, String)>, _: Posted) -> Result<HttpResponse, Failure> {
    let desk = desk(&request, "nav-domains")?;
    let to = desk.domains();
    connecting::check_domain(&request, &desk, &path.1, &to).await
}

/// `GET /admin/{organization}/domains/{domain}/remove`
pub async fn show_remove(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    connecting::ask_remove_domain(&request, desk(&request, "nav-domains")?, &path.1, Problems::default())
}

/// `POST /admin/{organization}/domains/{domain}/remove`
pub async fn remove(
    request: HttpRequest,
    path: Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Failure> {
    let desk = desk(&request, "nav-domains")?;
    connecting::remove_domain(&request, desk, &path.1, posted).await
}
