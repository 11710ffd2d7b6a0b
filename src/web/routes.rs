//! Mounting routes. Who may come in is an argument of mounting, checked in one place before the handler runs.

use std::collections::BTreeMap;
use std::fmt;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::ServiceConfig;
use actix_web::{Error, FromRequest, Handler, HttpMessage as _, HttpRequest, Responder, Route, guard};

use super::failure::{self, Failure, Reader};
use super::flash;
use super::form;
use super::headers;
use super::page::{ForProxies, NewBrowser, Site};
use crate::product::Permission;

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Any browser; a POST must come from a page of ours.
    Anyone,
    /// An identity provider's answer, posted cross-site: the proof is in the message.
    IdentityProvider,
    /// A browser with a session; a POST must come from a page of ours.
    SignedIn,
    /// A browser with an operator's session; a POST must come from a page of ours.
    Operator,
    /// A browser whose person administers some organization, or an operator's; a POST must come from a page of ours.
    AdminAnywhere,
    /// A browser whose person administers the organization that the path names, or an operator's; a POST must come from a page of
    /// ours. Anybody else learns no more of that organization than of one that does not exist.
    Admin {
        /// What the person's role there has to allow; `None`: anything at all.
        needs: Option<Permission>,
        /// Only with a sign-in of the last minutes: for what hurts. Such a POST has a GET of the same path, to come back to.
        fresh: bool,
    },
    /// A browser that has opened a setup link which still opens something; a POST must come from a page of ours.
    SetupLink,
    /// An identity provider that pushes its directory: a bearer token says whose.
    DirectoryToken,
    /// A reverse proxy that asks on a browser's behalf.
    ReverseProxy,
    /// A program: no cookie counts.
    Program,
}

impl Access {
    /// An admin whose role allows anything at all.
    pub const ADMIN: Self = Self::Admin { needs: None, fresh: false };

    /// An admin whose role allows this.
    pub const fn admin(needs: Permission) -> Self {
        Self::Admin { needs: Some(needs), fresh: false }
    }

    /// An admin whose role allows this and who has signed in just now.
    pub const fn admin_again(needs: Permission) -> Self {
        Self::Admin { needs: Some(needs), fresh: true }
    }

    /// Whether a browser asks, on its person's behalf: a POST has to come from a page of ours.
    fn is_for_pages(self) -> bool {
        match self {
            Self::Anyone
            | Self::SignedIn
            | Self::Operator
            | Self::AdminAnywhere
            | Self::Admin { .. }
            | Self::SetupLink => true,
            Self::IdentityProvider | Self::DirectoryToken | Self::ReverseProxy | Self::Program => false,
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Admin { needs, fresh } => {
                let needs = needs.map_or("anything", Permission::as_str);
                return write!(f, "admin:{needs}{}", if *fresh { ":fresh" } else { "" });
            }
            Self::AdminAnywhere => "admin-anywhere",
            Self::Anyone => "anyone",
            Self::IdentityProvider => "identity-provider",
            Self::SignedIn => "signed-in",
            Self::Operator => "operator",
            Self::SetupLink => "setup-link",
            Self::DirectoryToken => "directory-token",
            Self::ReverseProxy => "reverse-proxy",
            Self::Program => "program",
        })
    }
}

/// Decides whether a request may pass: what the server hands in, because only it knows sessions.
pub type Guard = fn(Access, &ServiceRequest) -> Result<(), Turned>;

/// A request that may not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turned {
    /// With a page about it.
    Away(Failure),
    /// To another page first.
    To(String),
}

/// The routes of the gateway, collected from its rooms.
pub struct Routes {
    guard: Guard,
    resources: BTreeMap<&'static str, Vec<(Method, Access, Route)>>,
}

impl Routes {
    /// None yet.
    pub fn new(guard: Guard) -> Self {
        Self { guard, resources: BTreeMap::new() }
    }

    /// Mounts a handler for GET (and so for HEAD).
    pub fn get<F, A>(&mut self, path: &'static str, access: Access, handler: F)
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.mount(Method::GET, path, access, handler);
    }

    /// Mounts a handler for POST.
    pub fn post<F, A>(&mut self, path: &'static str, access: Access, handler: F)
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.mount(Method::POST, path, access, handler);
    }

    /// Mounts a handler for PUT.
    pub fn put<F, A>(&mut self, path: &'static str, access: Access, handler: F)
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.mount(Method::PUT, path, access, handler);
    }

    /// Mounts a handler for PATCH.
    pub fn patch<F, A>(&mut self, path: &'static str, access: Access, handler: F)
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.mount(Method::PATCH, path, access, handler);
    }

    /// Mounts a handler for DELETE.
    pub fn delete<F, A>(&mut self, path: &'static str, access: Access, handler: F)
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.mount(Method::DELETE, path, access, handler);
    }

    /// Mounts a handler for every method: proxies ask with the method of the original request.
    pub fn any<F, A>(&mut self, path: &'static str, access: Access, handler: F)
    where
        F: Handler<A> + Clone,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            self.mount(method, path, access, handler.clone());
        }
    }

    fn mount<F, A>(&mut self, method: Method, path: &'static str, access: Access, handler: F)
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let guard = self.guard;
        let route = if method == Method::GET {
            actix_web::web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
        } else {
            actix_web::web::method(method.clone())
        };
        let route = route.to(handler).wrap(from_fn(move |request, next| check(guard, access, request, next)));
        self.resources.entry(path).or_default().push((method, access, route));
    }

    /// Every route, one per line: method, path, who may come in. `tests/golden/routes.txt`.
    pub fn list(&self) -> String {
        let mut lines = String::new();
        for (path, routes) in &self.resources {
            for (method, access, _) in routes {
                lines.push_str(&format!("{method:4} {path:40} {access}\n"));
            }
        }
        lines
    }

    /// Puts everything into an application. Paths are tried one after the other, and each pattern costs something: what reverse
    /// proxies ask on every request comes first, then fixed paths, then the patterns that programs ask for, pages last. Paths that
    /// begin with the same word are tried only where a request begins with it too. Within each a fixed word comes before a
    /// variable, as letters come before braces.
    pub fn configure(self, app: &mut ServiceConfig) {
        let mut sections: BTreeMap<&'static str, Vec<_>> = BTreeMap::new();
        for (path, routes) in self.resources {
            sections.entry(section(path)).or_default().push((path, routes));
        }
        let mut sections: Vec<_> = sections.into_iter().collect();
        let of = |(path, routes): &(&str, Vec<(Method, Access, Route)>)| {
            turn(path, routes.iter().map(|(_, access, _)| *access))
        };
        sections.sort_by_key(|(_, resources)| resources.iter().map(of).min());
        for (first, mut resources) in sections {
            resources.sort_by_key(of);
            if first.is_empty() {
                for (path, routes) in resources {
                    app.service(resource(path, routes));
                }
                continue;
            }
            let mut scope = actix_web::web::scope(first);
            for (path, routes) in resources {
                scope = scope.service(resource(&path[first.len()..], routes));
            }
            app.service(scope);
        }
    }
}

/// What a path begins with, if that is a fixed word; nothing for the page at the root.
fn section(path: &'static str) -> &'static str {
    let end = path[1..].find('/').map_or(path.len(), |end| end + 1);
    let first = &path[..end];
    if first == "/" || first.contains('{') { "" } else { first }
}

fn resource(path: &str, routes: Vec<(Method, Access, Route)>) -> actix_web::Resource {
    let for_programs = routes.iter().all(|(_, access, _)| *access == Access::Program);
    let methods = routes.iter().map(|(method, ..)| if method == Method::GET { "GET, HEAD" } else { method.as_str() });
    let allowed = Allowed(methods.collect::<Vec<_>>().join(", "));
    let mut resource = actix_web::web::resource(path);
    for (_, _, route) in routes {
        resource = resource.route(route);
    }
    let other = move |request: HttpRequest| {
        request.extensions_mut().insert(allowed.clone());
        if for_programs {
            request.extensions_mut().insert(ForPrograms);
        }
        failure::method_not_allowed()
    };
    resource.default_service(actix_web::web::to(other))
}

/// In which turn a path is tried.
fn turn(path: &str, mut access: impl Iterator<Item = Access>) -> u8 {
    match access.next() {
        Some(Access::ReverseProxy) => 0,
        _ if !path.contains('{') => 1,
        Some(Access::DirectoryToken | Access::IdentityProvider | Access::Program) => 2,
        _ => 3,
    }
}

/// The methods of a path that was asked with another one (RFC 9110 §15.5.6).
#[derive(Clone)]
struct Allowed(String);

/// A program reads this route's answers, so errors are JSON.
#[derive(Clone, Copy)]
struct ForPrograms;

async fn check(
    guard: Guard,
    access: Access,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match access {
        Access::Program => drop(request.extensions_mut().insert(ForPrograms)),
        Access::ReverseProxy => drop(request.extensions_mut().insert(ForProxies)),
        _ => {}
    }
    let from_a_page_of_ours = if access.is_for_pages() && request.method() == Method::POST {
        form::check_origin(request.request())
    } else {
        Ok(())
    };
    let passes = from_a_page_of_ours.map_err(Turned::Away).and_then(|()| guard(access, &request));
    match passes {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(Turned::Away(failure)) => Ok(request.error_response(failure)),
        Err(Turned::To(location)) => Ok(request.into_response(super::page::see_other(&location, &[]))),
    }
}

/// Outermost: turns failures into pages, sets a new browser's cookie, completes the headers.
pub async fn finish(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let of_directory = request.path().trim_start_matches('/').starts_with("scim/");
    if of_directory {
        one_slash(&mut request);
    }
    let response = next.call(request).await?.map_into_boxed_body();
    let known = response.response().error().and_then(|error| error.as_error::<Failure>().cloned());
    let failure = known.or_else(|| unnamed(&response));
    let mut response = match failure {
        Some(failure) => {
            let for_programs = response.request().extensions().contains::<ForPrograms>();
            let reader = if of_directory {
                Reader::Directory
            } else if for_programs || failure::wants_json(response.request()) {
                Reader::Program
            } else {
                Reader::Person
            };
            let mut answer = failure.answer(response.request(), reader);
            if let Some(Allowed(methods)) = response.request().extensions().get()
                && let Ok(methods) = HeaderValue::from_str(methods)
            {
                answer.headers_mut().insert(ALLOW, methods);
            }
            response.into_response(answer)
        }
        None => response,
    };
    let elsewhere = response.request().extensions().contains::<ForProxies>();
    if elsewhere && response.status() == StatusCode::OK {
        headers::complete_for_proxy(response.headers_mut());
        return Ok(response);
    }
    if elsewhere {
        let policy = headers::policy_elsewhere(&Site::of(response.request()).base);
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
    }
    let cookies = &Site::of(response.request()).cookies;
    let https = cookies.https;
    let new =
        response.request().extensions().get::<NewBrowser>().map(|NewBrowser(token)| cookies.browser(token.text()));
    let shown = response.request().extensions().contains::<flash::Shown>().then(|| cookies.no_flash());
    for cookie in new.iter().chain(&shown) {
        // A cookie that cannot be written leaves the browser unknown, which the next step refuses.
        let _ = response.response_mut().add_cookie(cookie);
    }
    headers::complete(response.headers_mut(), https);
    Ok(response)
}

/// A directory client's base URL may end in a slash, and so may its paths: `//Users/` is `/Users`.
fn one_slash(request: &mut ServiceRequest) {
    let path = request.path();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let plain = format!("/{}", parts.join("/"));
    if plain == path {
        return;
    }
    let here = match request.query_string() {
        "" => plain,
        query => format!("{plain}?{query}"),
    };
    // What does not make a URI stays as it is, and is not found.
    if let Ok(here) = here.parse::<Uri>() {
        request.match_info_mut().get_mut().update(&here);
        request.head_mut().uri = here;
    }
}

/// An error that the framework made itself (a path that is not UTF-8, a query that does not parse, a payload cut short).
fn unnamed(response: &ServiceResponse<BoxBody>) -> Option<Failure> {
    let error = response.response().error()?;
    let status = error.as_response_error().status_code();
    Some(if status.is_client_error() {
        Failure::BadRequest("the request cannot be read")
    } else {
        Failure::Internal(error.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_on_every_request_is_tried_first_and_a_fixed_path_before_any_pattern() {
        let of = |path, access| turn(path, std::iter::once(access));
        let page = Access::Admin { needs: None, fresh: false };
        assert!(of("/auth/nginx", Access::ReverseProxy) < of("/healthz", Access::Program));
        assert!(of("/sign-in", Access::Anyone) < of("/scim/v2/Users/{id}", Access::DirectoryToken));
        assert!(
            of("/scim/v2/Users/.search", Access::DirectoryToken) < of("/scim/v2/Users/{id}", Access::DirectoryToken)
        );
        assert!(of("/saml/{connection}/acs", Access::IdentityProvider) < of("/admin/{organization}", page));
    }
}
