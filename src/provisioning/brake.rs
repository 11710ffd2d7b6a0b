/// How many memberships may end at once however small the organization is.
const ALWAYS: usize = 3;

/// Whether ending these memberships needs an approval first (rule B34): more than 3 and more than a tenth of those that stand, or
/// any of somebody who may configure. A push that ends the memberships of one single person is not asked about.
pub fn halts(standing: u32, ending: usize, ends_a_configurer: bool) -> bool {
    let tenth = |n: usize| n.saturating_mul(10) > standing as usize;
    ending > 0 && (ends_a_configurer || (ending > ALWAYS && tenth(ending)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b34_more_than_three_and_more_than_a_tenth_need_an_approval() {
        for (standing, ending, halted) in [
            (0, 0, false),
            (3, 3, false),
            (4, 4, true),
            (30, 3, false),
            (30, 4, true),
            (40, 4, false),
            (41, 4, false),
            (39, 4, true),
            (1000, 100, false),
            (1000, 101, true),
        ] {
            assert_eq!(halts(standing, ending, false), halted, "{ending} of {standing}");
        }
        assert!(halts(1000, 1, true), "one who may configure");
        assert!(!halts(1000, 0, true), "nobody leaves");
    }
}
