//! What a form has done, told on the page it leads to: a short-lived cookie that only we can make, shown once.

use actix_web::cookie::Cookie;
use actix_web::{HttpMessage as _, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::cookies;
use super::language::Texts;
use super::page::{self, Site};
use crate::secrets;

/// The largest that is kept, in bytes of the cookie; what a person typed is cut before.
const LIMIT: usize = 1500;

/// A text of ours with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    key: String,
    values: Vec<(String, String)>,
}

/// Left in a request by whoever has shown the message; the answer takes the cookie away.
#[derive(Clone, Copy, Debug)]
pub struct Shown;

impl Flash {
    /// The text under a key, with values by name; each is cut to 100 characters.
    pub fn new(key: &str, values: &[(&str, &str)]) -> Self {
        let cut = |(name, value): &(&str, &str)| ((*name).to_owned(), value.chars().take(100).collect());
        Self { key: key.to_owned(), values: values.iter().map(cut).collect() }
    }

    /// The words.
    pub fn text(&self, texts: Texts) -> String {
        let values: Vec<(&str, &str)> =
            self.values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        texts.fill(&self.key, &values).into_owned()
    }

    /// The cookie that carries it to this browser's next page.
    pub fn cookie(&self, request: &HttpRequest) -> Cookie<'static> {
        let mut parts = vec![self.key.as_str()];
        parts.extend(self.values.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]));
        let text = serde_json::Value::from(parts).to_string();
        let mac = proof(request, &text);
        Site::of(request).cookies.flash(format!("{mac}.{}", URL_SAFE_NO_PAD.encode(text)))
    }

    /// What waits to be shown to this browser. A message that we did not make for it is no message.
    pub fn take(request: &HttpRequest) -> Option<Self> {
        let site = Site::of(request);
        let cookie = cookies::read(request, site.cookies.flash_name())?;
        request.extensions_mut().insert(Shown);
        let (mac, text) = cookie.split_once('.').filter(|_| cookie.len() <= LIMIT * 3)?;
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        if !secrets::equal(mac.as_bytes(), proof(request, &text).as_bytes()) {
            return None;
        }
        let mut parts = serde_json::from_str::<Vec<String>>(&text).ok()?.into_iter();
        let key = parts.next()?;
        let mut values = Vec::new();
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            values.push((name, value));
        }
        Some(Self { key, values })
    }
}

fn proof(request: &HttpRequest, text: &str) -> String {
    let browser = page::browser(request);
    secrets::mac(&Site::of(request).csrf_key, format!("flash\n{}\n{text}", browser.text()).as_bytes())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::COOKIE;
    use actix_web::test::TestRequest;
    use actix_web::web::Data;

    use super::*;
    use crate::secrets::Token;
    use crate::web::cookies::CookieRules;
    use crate::web::language::Language;

    fn request(cookies: &str) -> HttpRequest {
        let site = Site {
            base: "https://login.example.com".to_owned(),
            cookies: CookieRules { https: true, domain: None },
            csrf_key: [7; 32],
            language: Language::En,
            trusted_proxies: Vec::new(),
        };
        TestRequest::default().app_data(Data::new(site)).insert_header((COOKIE, cookies)).to_http_request()
    }

    #[test]
    fn only_a_message_of_ours_for_this_browser_is_shown() {
        let (anna, eve) = (Token::new(), Token::new());
        let of = |browser: &Token, flash: &str| {
            request(&format!("__Host-usher-browser={}; __Host-usher-flash={flash}", browser.text()))
        };
        let flash = Flash::new("sign-in-for", &[("application", "Wiki; <b>\u{e4}")]);
        let value = flash.cookie(&of(&anna, "x")).value().to_owned();
        assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.=+/".contains(&byte)), "{value}");
        assert_eq!(Flash::take(&of(&anna, &value)), Some(flash.clone()));
        assert_eq!(flash.text(Language::En.texts()), "to continue to Wiki; <b>\u{e4}");
        assert_eq!(Flash::take(&of(&eve, &value)), None, "another browser");
        let (mac, _) = value.split_once('.').expect("two parts");
        let other = URL_SAFE_NO_PAD.encode("[\"sign-in-for\",\"application\",\"evil\"]");
        assert_eq!(Flash::take(&of(&anna, &format!("{mac}.{other}"))), None, "other words");
        for rubbish in ["", ".", "x", "x.y", &"x".repeat(9000)] {
            assert_eq!(Flash::take(&of(&anna, rubbish)), None, "{rubbish}");
        }
    }
}
