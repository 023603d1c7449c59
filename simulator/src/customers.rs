//! The header that chooses customers, read by the grammar of the model. In comes the header's value; out comes whom it chooses, or
//! the sentence that tells what is wrong with it.

use placewise_model::Customers;

use crate::limit::Owner;

/// Whom a query is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All customers that there are. Also what a filter of customers gives that no customer was described by: which filters exist is not
    /// documented, so any is taken, and only those that the user told of narrow.
    All,
    /// These, ascending.
    Clubs(Vec<i64>),
}

impl Scope {
    /// Whose bucket pays.
    pub(crate) fn owner(&self) -> Owner {
        match self {
            Self::Clubs(ids) if ids.len() == 1 => Owner::One(ids[0]),
            _ => Owner::Several,
        }
    }

    /// The same, without those that a filter leaves out.
    fn narrowed(self, name: &str, value: &str, described: &[Described]) -> Self {
        if described.iter().all(|(_, known, _)| known != name) {
            return self;
        }
        let let_through = described.iter().filter(|(id, known, is)| known == name && is == value && self.holds(Some(*id)));
        let mut ids: Vec<i64> = let_through.map(|(id, ..)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        Self::Clubs(ids)
    }

    /// Whether rows of that club are asked for.
    pub(crate) fn holds(&self, club: Option<i64>) -> bool {
        match self {
            Self::All => true,
            Self::Clubs(ids) => club.is_some_and(|club| ids.binary_search(&club).is_ok()),
        }
    }
}

/// What a customer is filtered by: its id, the filter's name, its value.
pub(crate) type Described = (i64, String, String);

/// Reads the header's value.
pub(crate) fn read(value: &str, grammar: &Customers, described: &[Described]) -> Result<Scope, String> {
    if value == grammar.all {
        return Ok(Scope::All);
    }
    // An older page knows one id without any prefix, so that is taken too; several are written in the one way that is assumed.
    let bare = value.starts_with(|c: char| c.is_ascii_digit()) && !value.contains('=');
    let several = value.contains(&grammar.id_separator);
    let prefix = if several && !grammar.several_prefixed.value { "" } else { grammar.id_prefix.as_str() };
    if let Some(ids) = value.strip_prefix(prefix).or((bare && !several).then_some(value)).filter(|ids| !ids.contains('=')) {
        return read_ids(ids, grammar).map(Scope::Clubs);
    }
    if several && (bare || value.starts_with(&grammar.id_prefix)) {
        return Err(format!("several customers are written as {prefix}<id>{}<id>", grammar.id_separator));
    }
    // Ids, and all, stand alone: neither is a filter that others could narrow.
    let taken = |name: &str| [&grammar.id_prefix, &grammar.all].iter().any(|word| word.split('=').next() == Some(name));
    let mut scope = Scope::All;
    for filter in value.split(&grammar.filter_separator) {
        match filter.split_once('=') {
            Some((name, value)) if !name.is_empty() && !taken(name.trim()) && !value.is_empty() && !value.contains('=') => {
                scope = scope.narrowed(name, value, described);
            }
            _ => return Err(format!("customers are chosen as {}<id>, {} or <filter>=<value>", grammar.id_prefix, grammar.all)),
        }
    }
    Ok(scope)
}

/// Reads a list of ids. That a list which is too long is refused with this error is not documented, only that it is not allowed.
fn read_ids(list: &str, grammar: &Customers) -> Result<Vec<i64>, String> {
    let mut ids = Vec::new();
    for id in list.split(&grammar.id_separator) {
        match id.parse::<i64>() {
            Ok(number) if id.bytes().all(|b| b.is_ascii_digit()) => ids.push(number),
            _ => return Err(format!("a customer's id is a whole number; several are joined by {}", grammar.id_separator)),
        }
    }
    if u32::try_from(ids.len()).unwrap_or(u32::MAX) >= grammar.fewer_than {
        return Err(format!("{} customers are too many: a list must have fewer than {}", ids.len(), grammar.fewer_than));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grammar() -> Customers {
        Customers {
            id_prefix: "id=".into(),
            several_prefixed: placewise_model::Setting { value: true, assumption: None },
            id_separator: "_".into(),
            all: "all=all".into(),
            filter_separator: ";".into(),
            fewer_than: 4,
            description: None,
            source: None,
        }
    }

    #[test]
    fn the_grammar() {
        for (value, scope) in [
            ("all=all", Scope::All),
            ("chain=Cats", Scope::All),
            ("chain=Cats;country=PL", Scope::All),
            ("id=7", Scope::Clubs(vec![7])),
            ("7", Scope::Clubs(vec![7])),
            ("id=9_7_9", Scope::Clubs(vec![7, 9])),
        ] {
            assert_eq!(read(value, &grammar(), &[]), Ok(scope), "{value}");
        }
        let bare = Customers { several_prefixed: placewise_model::Setting { value: false, assumption: None }, ..grammar() };
        assert_eq!(read("9_7", &bare, &[]), Ok(Scope::Clubs(vec![7, 9])));
        assert!(read("id=9_7", &bare, &[]).is_err() && read("chain=Cats_Dogs", &bare, &[]).is_ok());
        for wrong in [
            "",
            "9_7",
            "id=",
            "id=x",
            "id=1,2",
            "id=-1",
            "id=+1",
            "id=1__2",
            "id=1_2_3_4",
            "7;8",
            "Cats",
            "chain=",
            "=x",
            "chain=a;",
            "id=99999999999999999999",
            "all=1",
            "all=all;x=y",
            "x=y;all=all",
            "chain=Cats;id=7",
            "id=7;chain=Cats",
            "chain=Cats; id=7",
        ] {
            assert!(read(wrong, &grammar(), &[]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn filters_narrow_where_customers_are_described() {
        let of = |id: i64, name: &str, value: &str| (id, name.to_owned(), value.to_owned());
        let described = [of(9, "country", "PL"), of(7, "country", "PL"), of(7, "chain", "Cats"), of(8, "country", "NO")];
        let read = |value| read(value, &grammar(), &described);
        assert_eq!(read("country=PL"), Ok(Scope::Clubs(vec![7, 9])));
        assert_eq!(read("country=PL;chain=Cats"), Ok(Scope::Clubs(vec![7])));
        assert_eq!(read("country=SE"), Ok(Scope::Clubs(vec![])));
        assert_eq!(read("size=big;country=NO"), Ok(Scope::Clubs(vec![8])));
        assert_eq!(read("size=big"), Ok(Scope::All));
    }

    #[test]
    fn buckets_and_rows() {
        assert_eq!(Scope::Clubs(vec![7]).owner(), Owner::One(7));
        assert_eq!(Scope::Clubs(vec![7, 8]).owner(), Owner::Several);
        assert_eq!(Scope::All.owner(), Owner::Several);
        assert!(Scope::Clubs(vec![7, 9]).holds(Some(9)) && !Scope::Clubs(vec![7, 9]).holds(Some(8)));
        assert!(Scope::All.holds(None) && !Scope::Clubs(vec![7]).holds(None));
    }
}
