use crate::clock::Timestamp;
use crate::membership::ByHandError;
use crate::product::Product;
use crate::web::failure::Failure;
use crate::web::language::Texts;

/// What is wrong with a form: the field's id, and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<(&'static str, String)>);

impl Problems {
    /// One problem.
    pub fn one(field: &'static str, text: impl Into<String>) -> Self {
        Self(vec![(field, text.into())])
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(of, _)| *of == field).map(|(_, text)| text.as_str())
    }

    /// What is wrong with a change by hand. What no form of ours asks for, and what the database cannot do, is a failure.
    pub(super) fn by_hand(error: ByHandError, product: &Product, texts: Texts) -> Result<Self, Failure> {
        Ok(match error {
            ByHandError::NoSuchRole { .. } => Self::one("role", texts.t("problem-no-such-role")),
            ByHandError::NoSuchSeat { .. } => Self::one("seat", texts.t("problem-no-such-seat")),
            ByHandError::NoFreeSeat { seat, .. } => {
                let label = product.seat_types().iter().find(|known| known.key.as_str() == seat);
                let label = label.map_or(seat.as_str(), |known| known.label.as_str());
                Self::one("seat", texts.with("problem-no-free-seat", "seat", label))
            }
            ByHandError::DomainNotVerified(domain) => {
                Self::one("email", texts.with("problem-domain", "domain", &domain))
            }
            ByHandError::AlreadyAMember => Self::one("email", texts.t("problem-already-a-member")),
            ByHandError::Elsewhere => Self::one("elsewhere", texts.t("problem-elsewhere")),
            ByHandError::LastWithIdentity => Self::one("confirm", texts.t("problem-last-with-identity")),
            ByHandError::NoMember | ByHandError::Stranger { .. } => return Err(Failure::NotFound),
            ByHandError::NeedsIdentity => return Err(Failure::Forbidden),
            ByHandError::Db(error) => return Err(error.into()),
        })
    }
}

/// The end of a pin from a date field: the end of that day, UTC. Empty is without end.
pub(super) fn until(text: &str, now: Timestamp, texts: Texts) -> Result<Option<Timestamp>, Problems> {
    const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);
    if text.is_empty() {
        return Ok(None);
    }
    let end = Timestamp::parse(text).filter(|_| text.len() == 10).map(|day| day.plus(DAY));
    match end.filter(|end| *end > now) {
        Some(end) => Ok(Some(end)),
        None => Err(Problems::one("until", texts.t("problem-until"))),
    }
}
