//! The listeners of the identity provider and the applications. Knows which page is at which path, and no gateway.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::middleware::from_fn;
use actix_web::web::{Data, FormConfig, ServiceConfig, get, post, route, scope};
use actix_web::{App, HttpResponse, HttpServer};

use super::stage::Stage;
use super::{application, doorman, manage, openid, push, sign_in};

/// Files that the pages name.
const FILES: [(&str, &str, &str); 3] = [
    ("/static/demo.css", "text/css; charset=utf-8", include_str!("../../static/demo.css")),
    ("/static/demo.js", "text/javascript; charset=utf-8", include_str!("../../static/demo.js")),
    ("/static/demo.svg", "image/svg+xml", include_str!("../../static/demo.svg")),
];

fn file(at: usize) -> HttpResponse {
    let (_, kind, text) = FILES[at];
    HttpResponse::Ok().insert_header((CONTENT_TYPE, kind)).insert_header((CACHE_CONTROL, "max-age=300")).body(text)
}

/// The identity provider's pages.
pub fn identity_provider_pages(stage: Data<Stage>) -> impl FnOnce(&mut ServiceConfig) {
    move |service| {
        let pages = scope("")
            .app_data(FormConfig::default().limit(256 * 1024))
            .wrap(from_fn(doorman::guard))
            .route(FILES[0].0, get().to(async || file(0)))
            .route(FILES[1].0, get().to(async || file(1)))
            .route(FILES[2].0, get().to(async || file(2)))
            .route("/", get().to(manage::tour))
            .route("/operator", post().to(manage::operator))
            .route("/sso", get().to(sign_in::asked_by_redirect))
            .route("/sso", post().to(sign_in::asked_by_post))
            .route("/sso/answer", post().to(sign_in::answered))
            .route("/start", get().to(sign_in::start))
            .route("/start/{connection}", get().to(sign_in::start_at))
            .route("/start/{connection}", post().to(sign_in::started))
            .route("/people", get().to(manage::people))
            .route("/people", post().to(manage::add_person))
            .route("/people/change", post().to(manage::change_person))
            .route("/people/remove", post().to(manage::remove_person))
            .route("/people/reset", post().to(manage::reset_people))
            .route("/faults", get().to(manage::faults))
            .route("/faults", post().to(manage::fault_on))
            .route("/faults/off", post().to(manage::fault_off))
            .route("/answers", get().to(manage::answers))
            .route("/answers/send", post().to(manage::send_again))
            .route("/metadata", get().to(manage::metadata))
            .configure(openid_pages)
            .configure(push_pages)
            .default_service(route().to(manage::not_found));
        service.app_data(stage).service(pages);
    }
}

/// The pages and endpoints of its OpenID Connect side.
fn openid_pages(service: &mut ServiceConfig) {
    service
        .route("/.well-known/openid-configuration", get().to(openid::tokens::discovery))
        .route("/oidc/keys", get().to(openid::tokens::key_set))
        .route("/oidc/authorize", get().to(openid::sign_in::asked_by_redirect))
        .route("/oidc/authorize", post().to(openid::sign_in::asked_by_post))
        .route("/oidc/authorize/answer", post().to(openid::sign_in::answered))
        .route("/oidc/token", post().to(openid::tokens::token))
        .route("/oidc/userinfo", get().to(openid::tokens::userinfo))
        .route("/oidc/userinfo", post().to(openid::tokens::userinfo))
        .route("/oidc/sign-out", get().to(openid::sign_out::by_redirect))
        .route("/oidc/sign-out", post().to(openid::sign_out::by_post))
        .route("/openid", get().to(openid::page::show))
        .route("/openid/algorithm", post().to(openid::page::sign_with))
        .route("/openid/rotate", post().to(openid::page::rotate))
        .route("/openid/sign-out", post().to(openid::sign_out::everywhere));
}

/// The pages of its directory push.
fn push_pages(service: &mut ServiceConfig) {
    service
        .route("/push", get().to(push::page::show))
        .route("/push/settings", post().to(push::page::settings))
        .route("/push/test", post().to(push::page::test))
        .route("/push/everything", post().to(push::page::everything))
        .route("/push/person", post().to(push::page::person))
        .route("/push/group", post().to(push::page::group));
}

/// The identity provider's listener.
pub fn identity_provider(stage: Data<Stage>, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || App::new().configure(identity_provider_pages(stage.clone())));
    Ok(server.workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

/// The applications' listeners: one server, an application per port.
pub fn applications(stage: Data<Stage>, listeners: Vec<TcpListener>) -> std::io::Result<Server> {
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(stage.clone())
            .wrap(from_fn(doorman::guard))
            .route(FILES[0].0, get().to(async || file(0)))
            .route(FILES[2].0, get().to(async || file(2)))
            .default_service(route().to(application::show))
    });
    for listener in listeners {
        server = server.listen(listener)?;
    }
    Ok(server.workers(1).disable_signals().shutdown_timeout(1).run())
}
