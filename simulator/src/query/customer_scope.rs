//! The customers that a request is about, read from the customer header.

use placewise_model::Customers;

use crate::limits::rate_limit::BucketOwner;

/// The customers that a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CustomerScope {
    /// All customers. Which customer filters exist is undocumented: a filter on an attribute that no customer has selects all.
    All,
    /// These customers, ascending.
    Only(Vec<i64>),
}

impl CustomerScope {
    /// The bucket that pays.
    pub(crate) fn owner(&self) -> BucketOwner {
        match self {
            Self::Only(ids) if ids.len() == 1 => BucketOwner::Customer(ids[0]),
            _ => BucketOwner::Several,
        }
    }

    /// Without the customers that a filter excludes.
    fn narrowed(self, name: &str, value: &str, attributes: &[CustomerAttribute]) -> Self {
        if attributes.iter().all(|(_, known, _)| known != name) {
            return self;
        }
        let matching = attributes.iter().filter(|(id, known, is)| known == name && is == value && self.includes(Some(*id)));
        let mut ids: Vec<i64> = matching.map(|(id, ..)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        Self::Only(ids)
    }

    /// Whether it includes rows of that customer.
    pub(crate) fn includes(&self, customer: Option<i64>) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => customer.is_some_and(|customer| ids.binary_search(&customer).is_ok()),
        }
    }
}

/// An attribute that filters can select a customer by: the customer's id, the attribute's name, its value.
pub(crate) type CustomerAttribute = (i64, String, String);

/// Reads the header's value.
pub(crate) fn read(value: &str, grammar: &Customers, attributes: &[CustomerAttribute]) -> Result<CustomerScope, String> {
    if value == grammar.all {
        return Ok(CustomerScope::All);
    }
    // An older page shows one id without a prefix, so that is accepted too. Several ids have only the assumed form.
    let bare = value.starts_with(|c: char| c.is_ascii_digit()) && !value.contains('=');
    let several = value.contains(&grammar.id_separator);
    let prefix = if several && !grammar.several_prefixed.value { "" } else { grammar.id_prefix.as_str() };
    if let Some(ids) = value.strip_prefix(prefix).or((bare && !several).then_some(value)).filter(|ids| !ids.contains('=')) {
        return read_ids(ids, grammar).map(CustomerScope::Only);
    }
    if several && (bare || value.starts_with(&grammar.id_prefix)) {
        return Err(format!("write several customers as `{prefix}<id>{}<id>`", grammar.id_separator));
    }
    // Ids and `all` stand alone; they are not filters that can be combined.
    let reserved = |name: &str| [&grammar.id_prefix, &grammar.all].iter().any(|word| word.split('=').next() == Some(name));
    let mut scope = CustomerScope::All;
    for filter in value.split(&grammar.filter_separator) {
        match filter.split_once('=') {
            Some((name, value)) if !name.is_empty() && !reserved(name.trim()) && !value.is_empty() && !value.contains('=') => {
                scope = scope.narrowed(name, value, attributes);
            }
            _ => {
                return Err(format!(
                    "select customers with `{}<id>`, `{}` or `<filter>=<value>`",
                    grammar.id_prefix, grammar.all
                ));
            }
        }
    }
    Ok(scope)
}

/// Reads a list of ids. Lists that are too long are documented as not allowed; that this error refuses them is undocumented.
fn read_ids(list: &str, grammar: &Customers) -> Result<Vec<i64>, String> {
    let mut ids = Vec::new();
    for id in list.split(&grammar.id_separator) {
        match id.parse::<i64>() {
            Ok(number) if id.bytes().all(|b| b.is_ascii_digit()) => ids.push(number),
            _ => return Err(format!("`{id}` is not a customer id; ids are integers joined by `{}`", grammar.id_separator)),
        }
    }
    if u32::try_from(ids.len()).unwrap_or(u32::MAX) >= grammar.fewer_than {
        return Err(format!("{} customers are too many; select fewer than {}", ids.len(), grammar.fewer_than));
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
    fn ids_all_and_filters_are_read_and_other_values_refused() {
        for (value, scope) in [
            ("all=all", CustomerScope::All),
            ("chain=Cats", CustomerScope::All),
            ("chain=Cats;country=PL", CustomerScope::All),
            ("id=7", CustomerScope::Only(vec![7])),
            ("7", CustomerScope::Only(vec![7])),
            ("id=9_7_9", CustomerScope::Only(vec![7, 9])),
        ] {
            assert_eq!(read(value, &grammar(), &[]), Ok(scope), "{value}");
        }
        let bare = Customers { several_prefixed: placewise_model::Setting { value: false, assumption: None }, ..grammar() };
        assert_eq!(read("9_7", &bare, &[]), Ok(CustomerScope::Only(vec![7, 9])));
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
    fn filters_on_known_attributes_select_customers() {
        let of = |id: i64, name: &str, value: &str| (id, name.to_owned(), value.to_owned());
        let attributes = [of(9, "country", "PL"), of(7, "country", "PL"), of(7, "chain", "Cats"), of(8, "country", "NO")];
        let read = |value| read(value, &grammar(), &attributes);
        assert_eq!(read("country=PL"), Ok(CustomerScope::Only(vec![7, 9])));
        assert_eq!(read("country=PL;chain=Cats"), Ok(CustomerScope::Only(vec![7])));
        assert_eq!(read("country=SE"), Ok(CustomerScope::Only(vec![])));
        assert_eq!(read("size=big;country=NO"), Ok(CustomerScope::Only(vec![8])));
        assert_eq!(read("size=big"), Ok(CustomerScope::All));
    }
}
