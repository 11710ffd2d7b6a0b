//! xs:dateTime as identity providers write it: with or without zone, with 0 to 9 digits of a fraction.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::clock::Timestamp;

/// Reads an xs:dateTime of the years 1970 to 9999. Without a zone it is UTC (SAML core 1.3.3).
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim_matches(super::xml::XML_SPACE);
    let (moment, rest) = text.split_at_checked(19)?;
    let pattern = b"0000-00-00T00:00:00";
    let fits = |(byte, wanted): (u8, &u8)| if *wanted == b'0' { byte.is_ascii_digit() } else { byte == *wanted };
    if !moment.bytes().zip(pattern).all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| moment[from..to].parse::<i16>().ok();
    let small = |from: usize| number(from, from + 2).and_then(|n| i8::try_from(n).ok());
    let (year, second) = (number(0, 4)?, small(17)?);
    let (nanoseconds, zone) = match rest.strip_prefix('.') {
        None => (0, rest),
        Some(fraction) => {
            let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
            let (digits, zone) = fraction.split_at(end);
            if digits.is_empty() || digits.len() > 9 {
                return None;
            }
            (format!("{digits:0<9}").parse::<i32>().ok()?, zone)
        }
    };
    let civil = DateTime::new(year, small(5)?, small(8)?, small(11)?, small(14)?, second, nanoseconds).ok()?;
    let moment = TimeZone::fixed(offset(zone)?).to_timestamp(civil).ok()?.as_millisecond();
    (moment >= 0).then(|| Timestamp::from_millis(moment))
}

fn offset(zone: &str) -> Option<Offset> {
    if zone.is_empty() || zone == "Z" {
        return Some(Offset::UTC);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let two_digits = |text: &str| {
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    if hours > 14 || minutes > 59 || (hours == 14 && minutes > 0) {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_identity_providers_write_them() {
        let moment = Timestamp::parse("2026-11-24T09:00:00Z").expect("RFC 3339");
        for same in [
            "2026-11-24T09:00:00Z",
            "2026-11-24T09:00:00",
            " 2026-11-24T09:00:00Z\n",
            "2026-11-24T10:00:00+01:00",
            "2026-11-24T03:30:00-05:30",
            "2026-11-24T09:00:00.0000000Z",
        ] {
            assert_eq!(parse(same), Some(moment), "{same}");
        }
        assert_eq!(parse("2026-11-24T09:00:00.1234567Z").map(Timestamp::as_millis), Some(moment.as_millis() + 123));
        assert_eq!(parse("2024-02-29T00:00:00Z"), Timestamp::parse("2024-02-29"));
    }

    #[test]
    fn x93_odd_times_are_no_times() {
        for odd in [
            "",
            "now",
            "2026-11-24",
            "2026-11-24 09:00:00Z",
            "2026-11-24T09:00Z",
            "2026-11-24T24:00:00Z",
            "2026-11-24T09:00:60Z",
            "2026-02-29T09:00:00Z",
            "2026-13-01T09:00:00Z",
            "1969-12-31T23:59:59Z",
            "0000-00-00T00:00:00Z",
            "-2026-11-24T09:00:00Z",
            "12026-11-24T09:00:00Z",
            "2026-11-24T09:00:00.Z",
            "2026-11-24T09:00:00.0123456789Z",
            "2026-11-24T09:00:00+15:00",
            "2026-11-24T09:00:00+1:00",
            "2026-11-24T09:00:00z",
            "2026-11-24T09:00:00Z[UTC]",
            "２026-11-24T09:00:00Z",
            "9999-12-31T23:59:59-14:00",
        ] {
            assert_eq!(parse(odd), None, "{odd}");
        }
    }
}
